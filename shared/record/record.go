package record

import "github.com/tinylib/msgp/msgp"

// ID is the block id of a RECORD or an ACCESS, 32 bytes.
type ID [32]byte

// FolderID names a folder, 32 bytes.
type FolderID [32]byte

// SourceID names one imported file, 16 random bytes; zero means the record came from no file.
type SourceID [16]byte

// Kind is what a record's content is.
type Kind uint16

// The inner kinds. 16…18 are reserved (TRANSFER, MERGE, EXECUTOR), 64…1,023 belong to health modules;
// any other is kept as a "newer kind" and not parsed.
const (
	Manifest Kind = 1
	Source   Kind = 2
	FHIR     Kind = 3
	Document Kind = 4
	Note     Kind = 5
	Verdict  Kind = 6
	Rule     Kind = 7
	Hide     Kind = 8
	Looked   Kind = 9
	Dealing  Kind = 10
	Proposal Kind = 11
)

// Known reports whether this code can parse the kind's content.
func (k Kind) Known() bool { return k >= Manifest && k <= Proposal }

// OwnerOnly reports whether only the folder's owner can open records of kind k: they have section 0.
func (k Kind) OwnerOnly() bool {
	switch k {
	case Manifest, Source, Rule, Hide, Looked, Proposal:
		return true
	}
	return false
}

// OwnersWord reports whether records of kind k count only when one of the owner's devices wrote them.
func (k Kind) OwnersWord() bool {
	return k == Verdict || k == Dealing || (k.OwnerOnly() && k != Source)
}

// Section is a part of a folder that a grant can open on its own.
type Section uint8

// The sections.
const (
	OwnerOnly    Section = 0 // no reader ever
	General      Section = 1
	Mental       Section = 2
	Reproductive Section = 3 // sexual and reproductive
	Genetic      Section = 4
	Substance    Section = 5
	Emergency    Section = 6
)

// Record is one plaintext. Exactly one of Content and Blob carries it: Blob is nil for form 0.
type Record struct {
	Kind       Kind
	Folder     FolderID
	Section    Section
	MediaType  string // printable ASCII, at most maxMediaType bytes, may be empty
	TimeMS     uint64 // the author's clock, Unix milliseconds: a claim
	Refs       []ID   // a set: Encode sorts it and refuses an id twice
	Credential []byte // opaque here, at most MaxCredential bytes
	Signature  []byte // `author` signature, opaque here, at most maxSignature bytes
	Source     SourceID
	Content    []byte
	Blob       *Blob
}

// Blob says where content too big for a payload lies, and how to open and check it.
type Blob struct {
	Root    [32]byte // of the hash tree over the sealed leaves
	Size    uint64   // of the content, in bytes, at most maxBlob
	Leaves  uint32   // at most maxLeaves
	FileKey [16]byte // secret: of the blob's own age file
	SHA256  [32]byte // of the content
}

const version = 1

const (
	formInline = 0
	formBlob   = 1
)

// Encode gives the padded plaintext of r. It returns an *Error: record/too-large if the array passes
// maxArray, so that the content belongs in a blob, and record/format for any other bound.
// Source: spec/record.md §2.
func Encode(r *Record) ([]byte, error) {
	array, err := appendRecord(nil, r)
	if err != nil {
		return nil, err
	}
	return Pad(array), nil
}

// Decode gives the record in padded, whose byte fields share its memory. It returns an *Error:
// record/version for a version other than 1, record/format for anything else that Encode would not
// have made. An unknown inner kind is no error: see Kind.Known.
// Source: spec/record.md §2.
func Decode(padded []byte) (*Record, error) {
	array, err := Unpad(padded, maxArray)
	if err != nil {
		return nil, err
	}
	rd := reader{rest: array}
	rd.array(12, "record")
	if v := rd.uint(1<<16, "version"); rd.err == nil && v != version {
		return nil, &Error{Code: CodeVersion, Detail: "record of a newer version"}
	}
	r := &Record{Kind: Kind(rd.uint(1<<16-1, "kind"))}
	rd.fixed(r.Folder[:], "folder id")
	r.Section = Section(rd.uint(255, "section"))
	r.MediaType = rd.text(maxMediaType, "media type")
	r.TimeMS = rd.uint(1<<63-1, "time")
	r.Refs = rd.ids(MaxRefs, "refs")
	r.Credential = rd.bin(MaxCredential, "credential")
	r.Signature = rd.bin(maxSignature, "author signature")
	if id := rd.bin(len(r.Source), "source id"); len(id) == len(r.Source) {
		copy(r.Source[:], id)
	}
	switch form := rd.uint(255, "form"); form {
	case formInline:
		r.Content = rd.bin(maxArray, "content")
	case formBlob:
		r.Blob = rd.blob()
	default:
		rd.fail("form %d", form)
	}
	if rd.err != nil {
		return nil, rd.err
	}
	again, err := appendRecord(make([]byte, 0, len(array)), r)
	return r, rd.end(array, again, err, "record")
}

func (r *reader) blob() *Blob {
	var b Blob
	r.array(5, "blob")
	r.fixed(b.Root[:], "blob root")
	b.Size = r.uint(maxBlob, "blob size")
	b.Leaves = uint32(r.uint(maxLeaves, "blob leaves"))
	r.fixed(b.FileKey[:], "blob file key")
	r.fixed(b.SHA256[:], "blob hash")
	return &b
}

func appendRecord(b []byte, r *Record) ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	b = msgp.AppendArrayHeader(b, 12)
	b = msgp.AppendUint64(b, version)
	b = msgp.AppendUint64(b, uint64(r.Kind))
	b = msgp.AppendBytes(b, r.Folder[:])
	b = msgp.AppendUint64(b, uint64(r.Section))
	b = msgp.AppendString(b, r.MediaType)
	b = msgp.AppendUint64(b, r.TimeMS)
	b, err := appendIDs(b, r.Refs, MaxRefs, "refs")
	if err != nil {
		return nil, err
	}
	b = msgp.AppendBytes(b, r.Credential)
	b = msgp.AppendBytes(b, r.Signature)
	if r.Source == (SourceID{}) {
		b = msgp.AppendBytes(b, nil)
	} else {
		b = msgp.AppendBytes(b, r.Source[:])
	}
	if r.Blob == nil {
		b = msgp.AppendUint64(b, formInline)
		b = msgp.AppendBytes(b, r.Content)
	} else {
		b = msgp.AppendUint64(b, formBlob)
		b = msgp.AppendArrayHeader(b, 5)
		b = msgp.AppendBytes(b, r.Blob.Root[:])
		b = msgp.AppendUint64(b, r.Blob.Size)
		b = msgp.AppendUint64(b, uint64(r.Blob.Leaves))
		b = msgp.AppendBytes(b, r.Blob.FileKey[:])
		b = msgp.AppendBytes(b, r.Blob.SHA256[:])
	}
	if len(b) > maxArray {
		return nil, &Error{Code: CodeTooLarge, Detail: "content belongs in a blob"}
	}
	return b, nil
}

// check holds every bound that is not the array's length.
func (r *Record) check() error {
	switch {
	case r.Kind == 0:
		return malformed("kind 0")
	case r.Section > Emergency:
		return malformed("section %d", r.Section)
	case r.Kind.OwnerOnly() != (r.Section == OwnerOnly) && r.Kind.Known():
		return malformed("kind %d in section %d", r.Kind, r.Section)
	case len(r.MediaType) > maxMediaType:
		return malformed("media type of %d bytes", len(r.MediaType))
	case r.TimeMS > 1<<63-1:
		return malformed("time %d", r.TimeMS)
	case len(r.Credential) > MaxCredential:
		return malformed("credential of %d bytes", len(r.Credential))
	case len(r.Signature) > maxSignature:
		return malformed("author signature of %d bytes", len(r.Signature))
	case len(r.Content) > maxArray:
		return &Error{Code: CodeTooLarge, Detail: "content belongs in a blob"}
	case r.Blob != nil && len(r.Content) != 0:
		return malformed("content beside a blob")
	case r.Blob != nil && (r.Blob.Size > maxBlob || r.Blob.Leaves > maxLeaves):
		return malformed("blob of %d bytes in %d leaves", r.Blob.Size, r.Blob.Leaves)
	}
	for i := range len(r.MediaType) {
		if c := r.MediaType[i]; c < ' ' || c > '~' {
			return malformed("media type with byte %#02x", c)
		}
	}
	return nil
}
