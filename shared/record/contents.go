package record

import (
	"bytes"

	"github.com/tinylib/msgp/msgp"
)

// Piece is one stretch of an imported file: Gap holds bytes that are in no resource, or, with Gap nil,
// Record names the record whose bytes come here.
type Piece struct {
	Gap    []byte
	Record ID
}

// SourceContent is the content of a SOURCE: what the file was and how its records and gaps make it again.
// Joined in order, the pieces are Size bytes with hash SHA256; the caller compares before it says "saved".
type SourceContent struct {
	ID        SourceID
	FileName  string // as received, at most maxFileName bytes; show controls and mixed scripts
	MediaType string // at most maxMediaType bytes
	Size      uint64
	SHA256    [32]byte
	Pieces    []Piece // no two gaps beside each other, no empty gap
}

const (
	pieceGap    = 0
	pieceRecord = 1
)

// Encode gives the canonical bytes of s, or an *Error for a bound broken. Source: spec/record.md §3.
func (s *SourceContent) Encode() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	b := msgp.AppendArrayHeader(nil, 7)
	b = msgp.AppendUint64(b, version)
	b = msgp.AppendBytes(b, s.ID[:])
	b = msgp.AppendString(b, s.FileName)
	b = msgp.AppendString(b, s.MediaType)
	b = msgp.AppendUint64(b, s.Size)
	b = msgp.AppendBytes(b, s.SHA256[:])
	b = msgp.AppendArrayHeader(b, uint32(len(s.Pieces)))
	for i := range s.Pieces {
		b = msgp.AppendArrayHeader(b, 2)
		if p := &s.Pieces[i]; p.Gap != nil {
			b = msgp.AppendUint64(b, pieceGap)
			b = msgp.AppendBytes(b, p.Gap)
		} else {
			b = msgp.AppendUint64(b, pieceRecord)
			b = msgp.AppendBytes(b, p.Record[:])
		}
	}
	return b, nil
}

func (s *SourceContent) check() error {
	if s.ID == (SourceID{}) {
		return malformed("source without id")
	}
	if err := checkText(s.FileName, maxFileName, "file name"); err != nil {
		return err
	}
	if err := checkText(s.MediaType, maxMediaType, "media type"); err != nil {
		return err
	}
	if len(s.Pieces) > maxPieces || s.Size > maxBlob {
		return malformed("source of %d pieces, %d bytes", len(s.Pieces), s.Size)
	}
	gaps := uint64(0)
	for i := range s.Pieces {
		gap := s.Pieces[i].Gap
		if gap == nil {
			continue
		}
		gaps += uint64(len(gap))
		if len(gap) == 0 || (i > 0 && s.Pieces[i-1].Gap != nil) {
			return malformed("piece %d is an empty or a split gap", i)
		}
	}
	if gaps > s.Size || gaps > MaxFile {
		return malformed("gaps of %d bytes in a file of %d", gaps, s.Size)
	}
	return nil
}

// DecodeSource reads the content of a SOURCE; its gaps share b's memory. It returns an *Error.
func DecodeSource(b []byte) (*SourceContent, error) {
	var s SourceContent
	r := reader{rest: b}
	r.array(7, "source")
	if v := r.uint(1<<16, "version"); r.err == nil && v != version {
		return nil, &Error{Code: CodeVersion, Detail: "source of a newer version"}
	}
	r.fixed(s.ID[:], "source id")
	s.FileName = r.text(maxFileName, "file name")
	s.MediaType = r.text(maxMediaType, "media type")
	s.Size = r.uint(maxBlob, "file size")
	r.fixed(s.SHA256[:], "file hash")
	n := r.list(maxPieces, "pieces")
	if n > 0 {
		s.Pieces = make([]Piece, n)
	}
	for i := range s.Pieces {
		r.array(2, "piece")
		switch form := r.uint(255, "piece form"); form {
		case pieceGap:
			s.Pieces[i].Gap = r.bin(MaxFile, "gap")
		case pieceRecord:
			r.fixed(s.Pieces[i].Record[:], "record id")
		default:
			r.fail("piece form %d", form)
		}
		if r.err != nil {
			return nil, r.err
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	again, err := s.Encode()
	return &s, r.end(b, again, err, "source")
}

// Opinion is what a VERDICT says about the records it refers to.
type Opinion uint8

// The opinions.
const (
	Accept   Opinion = 1
	Dispute  Opinion = 2
	Withdraw Opinion = 3 // takes a dispute back
)

// VerdictContent is the content of a VERDICT; the records judged are the record's refs.
type VerdictContent struct {
	Opinion Opinion
	Reason  string // at most MaxReason bytes, may be empty
}

// Encode gives the canonical bytes of v, or an *Error for a bound broken. Source: spec/record.md §3.
func (v *VerdictContent) Encode() ([]byte, error) {
	if v.Opinion < Accept || v.Opinion > Withdraw {
		return nil, malformed("opinion %d", v.Opinion)
	}
	if err := checkText(v.Reason, MaxReason, "reason"); err != nil {
		return nil, err
	}
	b := msgp.AppendArrayHeader(nil, 2)
	b = msgp.AppendUint64(b, uint64(v.Opinion))
	return msgp.AppendString(b, v.Reason), nil
}

// DecodeVerdict reads the content of a VERDICT. It returns an *Error.
func DecodeVerdict(b []byte) (*VerdictContent, error) {
	r := reader{rest: b}
	r.array(2, "verdict")
	v := VerdictContent{Opinion: Opinion(r.uint(255, "opinion")), Reason: r.text(MaxReason, "reason")}
	if r.err != nil {
		return nil, r.err
	}
	again, err := v.Encode()
	return &v, r.end(b, again, err, "verdict")
}

// RuleContent is the content of a RULE: later records of Writer in these sections are accepted unread.
type RuleContent struct {
	Writer   [32]byte  // a writing chain, or a member's identity chain
	Sections []Section // a set of 1…6, not empty, ascending
	FromMS   uint64    // Unix milliseconds
	UntilMS  uint64    // Unix milliseconds, after FromMS; 0 means until a later rule
}

// Encode gives the canonical bytes of c, or an *Error for a bound broken. Source: spec/record.md §3.
func (c *RuleContent) Encode() ([]byte, error) {
	if len(c.Sections) == 0 || len(c.Sections) > int(Emergency) {
		return nil, malformed("rule for %d sections", len(c.Sections))
	}
	if c.FromMS > 1<<63-1 || c.UntilMS > 1<<63-1 || (c.UntilMS != 0 && c.UntilMS <= c.FromMS) {
		return nil, malformed("rule from %d until %d", c.FromMS, c.UntilMS)
	}
	b := msgp.AppendArrayHeader(nil, 4)
	b = msgp.AppendBytes(b, c.Writer[:])
	b = msgp.AppendArrayHeader(b, uint32(len(c.Sections)))
	last := OwnerOnly
	for _, s := range c.Sections {
		if s <= last || s > Emergency {
			return nil, malformed("sections %v do not ascend within 1…6", c.Sections)
		}
		last = s
		b = msgp.AppendUint64(b, uint64(s))
	}
	b = msgp.AppendUint64(b, c.FromMS)
	return msgp.AppendUint64(b, c.UntilMS), nil
}

// DecodeRule reads the content of a RULE. It returns an *Error.
func DecodeRule(b []byte) (*RuleContent, error) {
	var c RuleContent
	r := reader{rest: b}
	r.array(4, "rule")
	r.fixed(c.Writer[:], "writer")
	for range r.list(uint32(Emergency), "sections") {
		c.Sections = append(c.Sections, Section(r.uint(255, "section")))
	}
	c.FromMS = r.uint(1<<63-1, "from")
	c.UntilMS = r.uint(1<<63-1, "until")
	if r.err != nil {
		return nil, r.err
	}
	again, err := c.Encode()
	return &c, r.end(b, again, err, "rule")
}

// HideContent is the content of a HIDE: the owner's own view, nobody else's.
type HideContent struct {
	Records []ID // a set of 1…MaxListed
	Hidden  bool // false shows them again
}

// Encode gives the canonical bytes of h, or an *Error for a bound broken. Source: spec/record.md §3.
func (h *HideContent) Encode() ([]byte, error) {
	if len(h.Records) == 0 {
		return nil, malformed("hide without records")
	}
	b, err := appendIDs(msgp.AppendArrayHeader(nil, 2), h.Records, MaxListed, "hidden records")
	if err != nil {
		return nil, err
	}
	if h.Hidden {
		return msgp.AppendUint64(b, 1), nil
	}
	return msgp.AppendUint64(b, 0), nil
}

// DecodeHide reads the content of a HIDE. It returns an *Error.
func DecodeHide(b []byte) (*HideContent, error) {
	r := reader{rest: b}
	r.array(2, "hide")
	h := HideContent{Records: r.ids(MaxListed, "hidden records"), Hidden: r.uint(1, "hide or show") == 1}
	if r.err != nil {
		return nil, r.err
	}
	again, err := h.Encode()
	return &h, r.end(b, again, err, "hide")
}

// LookedContent is the content of a LOOKED: what an owner's device released for one ACCESS. It is flushed
// before any share leaves.
type LookedContent struct {
	Access   ID
	Released []ID // a set of at most MaxListed RECORD ids
	Refused  []ID // a set of at most MaxListed RECORD ids, none of them released
	TimeMS   uint64
}

// Encode gives the canonical bytes of l, or an *Error for a bound broken. Source: spec/record.md §3.
func (l *LookedContent) Encode() ([]byte, error) {
	if l.TimeMS > 1<<63-1 {
		return nil, malformed("time %d", l.TimeMS)
	}
	released := make(map[ID]bool, len(l.Released))
	for _, id := range l.Released {
		released[id] = true
	}
	for _, id := range l.Refused {
		if released[id] {
			return nil, malformed("record %x is released and refused", id[:4])
		}
	}
	b := msgp.AppendArrayHeader(nil, 4)
	b = msgp.AppendBytes(b, l.Access[:])
	b, err := appendIDs(b, l.Released, MaxListed, "released records")
	if err != nil {
		return nil, err
	}
	if b, err = appendIDs(b, l.Refused, MaxListed, "refused records"); err != nil {
		return nil, err
	}
	return msgp.AppendUint64(b, l.TimeMS), nil
}

// DecodeLooked reads the content of a LOOKED. It returns an *Error.
func DecodeLooked(b []byte) (*LookedContent, error) {
	var l LookedContent
	r := reader{rest: b}
	r.array(4, "looked")
	r.fixed(l.Access[:], "access id")
	l.Released = r.ids(MaxListed, "released records")
	l.Refused = r.ids(MaxListed, "refused records")
	l.TimeMS = r.uint(1<<63-1, "time")
	if r.err != nil {
		return nil, r.err
	}
	again, err := l.Encode()
	return &l, r.end(b, again, err, "looked")
}

// Join puts a file together again from its pieces: open gives the bytes of a record. It returns an *Error
// if the pieces are not Size bytes; the caller compares the hash.
func (s *SourceContent) Join(open func(ID) ([]byte, error)) ([]byte, error) {
	var out bytes.Buffer
	for i := range s.Pieces {
		b := s.Pieces[i].Gap
		if b == nil {
			var err error
			if b, err = open(s.Pieces[i].Record); err != nil {
				return nil, err
			}
		}
		if uint64(out.Len()+len(b)) > s.Size {
			return nil, malformed("pieces pass the %d bytes of the file", s.Size)
		}
		out.Write(b)
	}
	if uint64(out.Len()) != s.Size {
		return nil, malformed("pieces of %d bytes for a file of %d", out.Len(), s.Size)
	}
	return out.Bytes(), nil
}
