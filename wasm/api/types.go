// Package api is what the page can ask of the core: one method per thing a person does or one screenful
// to show. It is plain Go, tested natively; wasm/bridge carries it into JavaScript and wasm/gen makes
// web/src/core/api.gen.ts from the types in this file. Every id crosses as lower-case hex, every time as
// Unix milliseconds, every size in bytes. Errors cross as {code, detail} and become words in web/src/i18n.
package api

// Phase says what this browser profile can do now.
type Phase string

const (
	PhaseEmpty  Phase = "empty"  // no vault on this device
	PhaseLocked Phase = "locked" // a vault, no keys in memory
	PhaseOpen   Phase = "open"   // unlocked
)

// Link is the state of the connection to the relay.
type Link string

const (
	LinkOffline    Link = "offline"
	LinkConnecting Link = "connecting"
	LinkOnline     Link = "online"
)

// Status is everything the shell shows on every screen.
type Status struct {
	Phase Phase  `json:"phase"`
	Name  string `json:"name"` // the person of this profile, "" unless open
	// OwnFolder is the id of the folder this profile owns, "" for a reader (a clinician's browser).
	OwnFolder string `json:"ownFolder"`
	Net       string `json:"net"`
	Relay     string `json:"relay"` // URL of the relay in use
	Link      Link   `json:"link"`
	// Saved counts what is flushed here and waits to be sent; Sent what a relay stored. Nothing is final yet.
	Saved    int      `json:"saved"`
	Sent     int      `json:"sent"`
	NeedsYou int      `json:"needsYou"` // proposed records, unanswered accesses
	Notices  []Notice `json:"notices"`  // things to tell the person once
	// Admission is what the relay wants of who begins a folder or a sharing: unknown (not heard yet) | open | closed.
	Admission string `json:"admission"`
	// StorageDurable is what navigator.storage.persist() answered.
	StorageDurable bool `json:"storageDurable"`
}

// Notice is a message that stays until dismissed, e.g. {code:"fork/new-chain"} or {code:"clock/off", detail:"172800"}.
type Notice struct {
	ID     string `json:"id"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Empty is the argument or result of a method that has none.
type Empty struct{}

// KitMakeArgs names the person the folder is about. BirthDate is YYYY-MM-DD or "".
type KitMakeArgs struct {
	Name      string `json:"name"`
	BirthDate string `json:"birthDate"`
}

// KitSheet is what is printed: 24 words and the QR string. Nothing is stored yet.
type KitSheet struct {
	Words []string `json:"words"`
	QR    string   `json:"qr"`
}

// KitProveArgs carries what was read back: all 24 words as typed, or the scanned string.
type KitProveArgs struct {
	Words string `json:"words"`
	QR    string `json:"qr"`
}

// PassphraseArgs carries a passphrase as typed; the bridge has normalized it (NFKC).
type PassphraseArgs struct {
	Passphrase string `json:"passphrase"`
}

// PassphraseChangeArgs asks the passphrase of now and gives the next.
type PassphraseChangeArgs struct {
	Old  string `json:"old"`
	Next string `json:"next"`
}

// Passkey says how this browser's passkey unlocks: both are public. Without one, Salt is a fresh input to make one with.
type Passkey struct {
	Set        bool   `json:"set"`
	Credential string `json:"credential"` // WebAuthn credential id, hex
	Salt       string `json:"salt"`       // input of its PRF, hex
}

// PasskeyAddArgs adds a passkey beside the passphrase. The PRF's output travels beside the call and is wiped.
type PasskeyAddArgs struct {
	Passphrase string `json:"passphrase"`
	Credential string `json:"credential"`
	Salt       string `json:"salt"`
}

// LinkConfirmArgs is "They match" at a link; Name is what the owner calls the new device, "" from the new device.
type LinkConfirmArgs struct {
	Name string `json:"name"`
}

// Device is one device that writes the own folder.
type Device struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	This  bool   `json:"this"`
	Since int64  `json:"since"` // 0 when it was there before this device
}

// Devices lists them. Writes: this one may link and remove others.
type Devices struct {
	Devices []Device `json:"devices"`
	Writes  bool     `json:"writes"`
}

// DeviceRemoveArgs removes a device; instead of the passphrase, the passkey's PRF output may travel beside the call.
type DeviceRemoveArgs struct {
	ID         string `json:"id"`
	Passphrase string `json:"passphrase"`
}

// Recovery is how the own folder would come back.
type Recovery struct {
	Kit     int64 `json:"kit"` // when the kit was last read on this device, 0 for never
	Devices int   `json:"devices"`
	Passkey bool  `json:"passkey"`
}

// ReaderCreateArgs makes a profile that owns no folder: a clinician's or a guest's browser.
type ReaderCreateArgs struct {
	Name       string `json:"name"`
	Passphrase string `json:"passphrase"`
}

// RestoreStartArgs carries the kit: 24 words or the scanned string.
type RestoreStartArgs = KitProveArgs

// RestoreState is polled, or refreshed on "changed", after restore.start.
type RestoreState struct {
	Step    string `json:"step"`    // "none" | "file" (a kit was read, its archive is next) | "finding" | "fetching" | "ready" | "failed"
	Name    string `json:"name"`    // whose folder, once known
	Blocks  int    `json:"blocks"`  // fetched so far
	Records int    `json:"records"` // records found so far
	Missing int    `json:"missing"` // payloads the relay does not have
	Code    string `json:"code"`    // error code when failed
	Detail  string `json:"detail"`
	Offline bool   `json:"offline"` // ready by an archive alone: no device can be cut off
}

// RestoreFinishArgs sets the new passphrase. Lost: the old device is gone for good and is cut off.
type RestoreFinishArgs struct {
	Passphrase string `json:"passphrase"`
	Lost       bool   `json:"lost"`
}

// Section numbers: 1 general, 2 mental health, 3 sexual and reproductive, 4 genetic, 5 substance use, 6 emergency.
type Section = int

// ImportPreviewArgs names the file whose bytes travel beside the call.
type ImportPreviewArgs struct {
	FileName  string `json:"fileName"`
	MediaType string `json:"mediaType"`
	// Original is 0 for FHIR. Else the first Original bytes are a file of another format, kept as a document, and what
	// follows, if anything, is the FHIR that was made from it; Format names it, as "ccda".
	Original int    `json:"original"`
	Format   string `json:"format"`
}

// ImportItem is one resource found in the file. In one of another format the first item is the file itself: its Type is
// the media type, its Label the file name.
type ImportItem struct {
	Index     int     `json:"index"`
	Type      string  `json:"type"`  // FHIR resource type
	Label     string  `json:"label"` // display words, from the resource itself
	Date      string  `json:"date"`  // as received, "" if none
	Section   Section `json:"section"`
	Size      int     `json:"size"`
	Duplicate bool    `json:"duplicate"` // the same bytes are already in the folder
}

// ImportPreview is what a file would add. Nothing is stored until import.step has finished.
type ImportPreview struct {
	ImportID  string       `json:"importID"`
	FileName  string       `json:"fileName"`
	Size      int          `json:"size"`
	SHA256    string       `json:"sha256"`
	Kind      string       `json:"kind"` // "bundle" | "resource" | "ndjson" | "document"
	Duplicate bool         `json:"duplicate"`
	Items     []ImportItem `json:"items"`
	// OtherPerson: the file names somebody unlike this folder's person; it must be confirmed with a second gesture.
	OtherPerson bool     `json:"otherPerson"`
	People      []string `json:"people"` // names of the Patients in the file
}

// ImportSection moves one item to another section before it is imported.
type ImportSection struct {
	Index   int     `json:"index"`
	Section Section `json:"section"`
}

// ImportStartArgs confirms a preview. Items already held are not stored again; the file still comes back whole.
type ImportStartArgs struct {
	ImportID string          `json:"importID"`
	Sections []ImportSection `json:"sections"`
}

// ImportIDArgs names a running import.
type ImportIDArgs struct {
	ImportID string `json:"importID"`
}

// ImportProgress: call import.step until Finished; Finished means every byte is flushed: Saved.
type ImportProgress struct {
	Done     int    `json:"done"`
	Total    int    `json:"total"`
	Finished bool   `json:"finished"`
	SourceID string `json:"sourceID"`
}

// FolderArgs names a folder; "" is the own one.
type FolderArgs struct {
	Folder string `json:"folder"`
}

// Folder is one folder this profile can see.
type Folder struct {
	ID        string    `json:"id"`
	Own       bool      `json:"own"`
	Name      string    `json:"name"` // whose folder this is
	Born      string    `json:"born"` // YYYY-MM-DD or "", own folder only
	Grant     string    `json:"grant"`
	Sections  []Section `json:"sections"`
	CanWrite  bool      `json:"canWrite"`
	Expires   int64     `json:"expires"`
	State     string    `json:"state"` // own | active | expired | stopped | forked
	StoppedAt int64     `json:"stoppedAt"`
	Records   int       `json:"records"` // known, opened or not
	Unopened  int       `json:"unopened"`
	Waiting   string    `json:"waiting"` // id of an access that waits for the owner's device, or ""
	Refused   string    `json:"refused"` // code of the last refusal, or ""
}

// Folders lists every folder this profile can see, its own first.
type Folders struct {
	Folders []Folder `json:"folders"`
}

// TimelineArgs pages through a folder, newest first. Empty fields mean all.
type TimelineArgs struct {
	Folder  string  `json:"folder"`
	Query   string  `json:"query"` // words to find; case, accents and Arabic vowel signs do not matter
	Section Section `json:"section"`
	Kind    string  `json:"kind"` // a FHIR type, or note | document | newer
	From    string  `json:"from"` // YYYY-MM-DD, included
	To      string  `json:"to"`   // YYYY-MM-DD, included
	Source  string  `json:"source"`
	Author  string  `json:"author"`
	// Show: "" all but hidden; hidden | opened | unopened only those.
	Show   string `json:"show"`
	Offset int    `json:"offset"`
	Limit  int    `json:"limit"` // at most 500
}

// TimelineItem is one record as the list shows it.
type TimelineItem struct {
	Record  string  `json:"record"` // block id
	Kind    string  `json:"kind"`   // fhir | document | note | newer
	Section Section `json:"section"`
	Type    string  `json:"type"`   // FHIR type or media type
	Label   string  `json:"label"`  // display words
	Date    string  `json:"date"`   // of the content, as received; "" if none
	Saved   int64   `json:"saved"`  // author's time
	Author  string  `json:"author"` // name; "" = not known
	// Origin: "you" added by the owner, "imported", "other" signed by somebody else.
	Origin string `json:"origin"`
	Guest  bool   `json:"guest"` // author is a guest, not accredited
	// Standing: own | proposed | accepted | disputed.
	Standing string `json:"standing"`
	Reason   string `json:"reason"` // of the dispute
	// Delivery: saved | sent. Nothing is final before witnesses run.
	Delivery string `json:"delivery"`
	// Opened is false for a reader's record that has not been released yet.
	Opened bool     `json:"opened"`
	Failed string   `json:"failed"` // "open/7" when a check failed: shown red, alone
	Source string   `json:"source"` // id of the file it came from, ""
	Refs   []string `json:"refs"`
	// Amends: refs are older versions. AmendedBy are newer versions in force, Changes those that the owner has still to
	// accept or dispute. Conflict: two versions in force compete, and a person chooses.
	Amends    bool     `json:"amends"`
	AmendedBy []string `json:"amendedBy"`
	Changes   []string `json:"changes"`
	Conflict  bool     `json:"conflict"`
	Hidden    bool     `json:"hidden"` // by the owner, from the own view
}

// Facet is a value to filter for, and how many lines have it.
type Facet struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// Timeline is one page. Hidden counts the lines that match and are not shown. Kinds and Authors are what there is to
// choose: of what matches but for kind and author, or, when nothing does, without the text too.
type Timeline struct {
	Items   []TimelineItem `json:"items"`
	Total   int            `json:"total"`
	Hidden  int            `json:"hidden"`
	Kinds   []Facet        `json:"kinds"`
	Authors []Facet        `json:"authors"`
}

// RecordArgs names a record of a folder.
type RecordArgs struct {
	Folder string `json:"folder"`
	Record string `json:"record"`
}

// Record is one opened record; its bytes, exactly as received, travel beside the result.
type Record struct {
	Item       TimelineItem `json:"item"`
	MediaType  string       `json:"mediaType"`
	Size       int          `json:"size"`
	Writer     string       `json:"writer"` // writing chain
	Seq        int          `json:"seq"`
	Credential string       `json:"credential"` // device key of the author
	Big        bool         `json:"big"`        // a document over 1 MiB: no bytes come with it, document.read gives them
	SHA256     string       `json:"sha256"`
}

// ProofStep is one step of a check. Names, in their order, of a record: header, signature, chain, payload, named, complete,
// shares, author, content, final. Of a proof file: network, chain, signature, payload, final. Source: spec/proof.md.
type ProofStep struct {
	Name   string `json:"name"`
	State  string `json:"state"`  // ok | failed | unknown
	Code   string `json:"code"`   // why it failed or is not known
	Detail string `json:"detail"` // for technical details
}

// ProofHeader is a record's signed header, field by field.
type ProofHeader struct {
	ID            string `json:"id"`
	Version       int    `json:"version"`
	Kind          int    `json:"kind"`
	Chain         string `json:"chain"`
	Seq           int    `json:"seq"`
	Prev          string `json:"prev"`
	Epoch         int    `json:"epoch"`
	Time          int64  `json:"time"` // the author's hour, its own claim
	Tag           string `json:"tag"`
	PayloadHash   string `json:"payloadHash"`
	PayloadLength int    `json:"payloadLength"`
	Signature     string `json:"signature"`
	Writer        string `json:"writer"` // key that writes the chain there
	Net           string `json:"net"`
}

// Proof is what this device checked about one record just now. When a step failed, nothing is said of who or what.
type Proof struct {
	Item     TimelineItem `json:"item"`
	Failed   string       `json:"failed"` // name of the step that failed, or ""
	Steps    []ProofStep  `json:"steps"`
	Header   ProofHeader  `json:"header"`
	Name     string       `json:"name"`     // of the author; "" unless opened and vouched for
	Guest    bool         `json:"guest"`    // not accredited
	Device   string       `json:"device"`   // key of the author's device; "" unless opened
	Identity string       `json:"identity"` // the author's identity chain; "" for a guest
	Walked   int          `json:"walked"`   // blocks of the chain read again just now
	Blocks   int          `json:"blocks"`   // blocks of the chain up to this one
}

// ProofCheckArgs tells where in the bytes beside the call a proof file ends; the record's block may follow it.
type ProofCheckArgs struct {
	ProofSize int `json:"proofSize"`
}

// ProofVerdict is what a proof file shows. It names nobody: a name is sealed in the record.
type ProofVerdict struct {
	Failed string      `json:"failed"` // name of the step that failed, or ""
	Steps  []ProofStep `json:"steps"`
	Header ProofHeader `json:"header"`
	Blocks int         `json:"blocks"` // in the file
	Folder string      `json:"folder"` // the open profile's folder that holds this record, or ""
}

// RecordLink is a record that another refers to or that refers to it. How: amends | amendedBy | change (proposed) | answers |
// answeredBy | attachedTo | attachment.
type RecordLink struct {
	How  string       `json:"how"`
	Item TimelineItem `json:"item"`
}

// RecordLinks lists them.
type RecordLinks struct {
	Links []RecordLink `json:"links"`
}

// RecordWriteArgs adds one FHIR resource, whose bytes travel beside the call. Amends are the older versions, which give
// the section; a new record needs it.
type RecordWriteArgs struct {
	Folder  string   `json:"folder"`
	Section Section  `json:"section"`
	Amends  []string `json:"amends"`
}

// DocumentBeginArgs begins to add a file of Size bytes, at most 3 GiB, to the own folder. About is the DocumentReference
// that describes it. The bytes follow in pieces.
type DocumentBeginArgs struct {
	Section   Section `json:"section"`
	MediaType string  `json:"mediaType"`
	Size      int     `json:"size"`
	About     string  `json:"about"`
}

// DocumentName names a document that is being added.
type DocumentName struct {
	Name string `json:"name"`
}

// DocumentProgress: after document.write Done bytes are in; call document.finish until Finished, which means that every
// byte is flushed: Saved. Record is the one that describes the file, Attachment the one that holds its bytes.
type DocumentProgress struct {
	Done       int    `json:"done"`
	Finished   bool   `json:"finished"`
	Record     string `json:"record"`
	Attachment string `json:"attachment"`
}

// DocumentHere says how many sealed bytes of a big document are on this device. Asking begins to fetch the rest.
type DocumentHere struct {
	Here int `json:"here"`
	Of   int `json:"of"` // 0 when it is not big
}

// DocumentReadArgs asks for Length bytes, at most 1 MiB, of a document from Offset on.
type DocumentReadArgs struct {
	Folder string `json:"folder"`
	Record string `json:"record"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
}

// HideArgs takes records out of the owner's own view, or shows them again. At most 512.
type HideArgs struct {
	Records []string `json:"records"`
	Hidden  bool     `json:"hidden"`
}

// NoteWriteArgs adds a signed note. In somebody else's folder it is proposed. Refs are records it answers or, with
// Amends, whose newer version it is.
// RecordsArgs names records of one folder, to open together.
type RecordsArgs struct {
	Folder  string   `json:"folder"`
	Records []string `json:"records"`
}

// Part is one record of a batch: how many of the bytes beside it are its own, or why it could not be opened.
type Part struct {
	Record    string `json:"record"`
	MediaType string `json:"mediaType"`
	Size      int    `json:"size"`
	Code      string `json:"code"` // "" when opened
}

// Parts are the first of the records asked for, in their order, as many as one call opens: ask again for the rest.
// Their bytes, exactly as received, travel beside the result, one after the other.
type Parts struct {
	Parts []Part `json:"parts"`
}

// NoteWriteArgs adds a signed note. In somebody else's folder it is proposed. Refs are records it answers.
type NoteWriteArgs struct {
	Folder  string   `json:"folder"`
	Section Section  `json:"section"`
	Text    string   `json:"text"`
	Refs    []string `json:"refs"`
	Amends  bool     `json:"amends"`
}

// RecordRef is the id of a block just saved.
type RecordRef struct {
	Record string `json:"record"`
}

// VerdictArgs answers a proposed record: accept | dispute | withdraw.
type VerdictArgs struct {
	Record  string `json:"record"`
	Verdict string `json:"verdict"`
	Reason  string `json:"reason"`
}

// MeetCode is what the owner shows or sends.
type MeetCode struct {
	Words  []string `json:"words"`  // six
	Digits string   `json:"digits"` // twenty, for languages without a list
	Path   string   `json:"path"`   // "#/join/…": origin + path is both the link and the QR's text
	Until  int64    `json:"until"`
}

// MeetJoinArgs takes words, digits, a link or a scanned text.
type MeetJoinArgs struct {
	Code string `json:"code"`
}

// MeetState is refreshed on "changed". It is of the meeting on screen, or of one waiting link.
type MeetState struct {
	// Step: none | waiting | noone | compare | confirmed (this side pressed, the other not yet) | done |
	// burnt | expired | refused (Code: meet/no-match or meet/left) | failed.
	Step     string     `json:"step"`
	Room     string     `json:"room"` // names a waiting link
	Host     bool       `json:"host"`
	Device   bool       `json:"device"` // a device is linked, nothing is shared
	Link     bool       `json:"link"`   // it waits up to 7 days, and outlives the page
	Name     string     `json:"name"`   // of the other side
	Guest    bool       `json:"guest"`  // the other side is not accredited
	Digits   string     `json:"digits"` // twelve
	Emoji    []string   `json:"emoji"`  // four names, e.g. "anchor"; the page draws them
	Started  int64      `json:"started"`
	Until    int64      `json:"until"`  // 0 for a joiner
	Grant    string     `json:"grant"`  // when done
	Folder   string     `json:"folder"` // joiner, when done
	Code     string     `json:"code"`
	Invite   MeetCode   `json:"invite"`   // host: what it shows; empty otherwise
	Terms    GrantTerms `json:"terms"`    // host: what will be given
	Replaces []Grant    `json:"replaces"` // at most one: the sharing with the same reader that this one ends
}

// WaitingLinks lists the waiting links of this profile, on either side, newest first.
type WaitingLinks struct {
	Links []MeetState `json:"links"`
}

// WaitingArgs names a waiting link.
type WaitingArgs struct {
	Room string `json:"room"`
}

// GrantTerms is what the owner gives. Hours counts from "They match"; when it is 0, Until is the end.
type GrantTerms struct {
	Sections []Section `json:"sections"`
	Records  []string  `json:"records"` // only these, or empty for the whole sections
	Hours    int       `json:"hours"`
	Until    int64     `json:"until"`
	CanWrite bool      `json:"canWrite"`
	Purpose  string    `json:"purpose"`
}

// Grant is one sharing, as its owner sees it.
type Grant struct {
	ID        string    `json:"id"`
	Reader    string    `json:"reader"`
	Guest     bool      `json:"guest"`
	Sections  []Section `json:"sections"`
	CanWrite  bool      `json:"canWrite"`
	Since     int64     `json:"since"`
	Expires   int64     `json:"expires"`
	State     string    `json:"state"` // active | expired | stopped | forked
	StoppedAt int64     `json:"stoppedAt"`
	Opened    int       `json:"opened"`  // records released under it
	Records   int       `json:"records"` // chosen ones, 0 for the whole sections
	Purpose   string    `json:"purpose"`
}

// Grants lists sharings, newest first.
type Grants struct {
	Grants []Grant `json:"grants"`
}

// GrantArgs names a grant.
type GrantArgs struct {
	Grant string `json:"grant"`
}

// AskArgs asks to open records of somebody's folder: those on the screen, at most 512.
// Reason is a preset code ("visit", "result", "prescription", "other") and Text says more, ≤ 280 bytes.
type AskArgs struct {
	Folder  string   `json:"folder"`
	Records []string `json:"records"`
	Reason  string   `json:"reason"`
	Text    string   `json:"text"`
}

// AccessRef is an access just saved.
type AccessRef struct {
	Access  string `json:"access"`
	Records int    `json:"records"`
}

// Access is one line of Who looked.
type Access struct {
	ID      string   `json:"id"`
	Reader  string   `json:"reader"`
	Guest   bool     `json:"guest"`
	Grant   string   `json:"grant"`
	Reason  string   `json:"reason"`
	Text    string   `json:"text"`
	At      int64    `json:"at"`      // the author's hour
	Arrived int64    `json:"arrived"` // here
	State   string   `json:"state"`   // asked | waiting | given | refused
	Titles  []string `json:"titles"`
	Count   int      `json:"count"`
	Unknown int      `json:"unknown"` // entries that match no record, beyond padding
	Why     string   `json:"why"`     // code of the refusal
}

// Accesses is Who looked, newest first.
type Accesses struct {
	Accesses []Access `json:"accesses"`
}

// OutboxRow is one thing written here.
type OutboxRow struct {
	Block  string `json:"block"`
	What   string `json:"what"` // note | added | import | hide | grant | stop | access | folder | verdict | release | other
	Label  string `json:"label"`
	State  string `json:"state"`  // saved | sent
	Reason string `json:"reason"` // offline | blob | limit/… | "" ; why it waits
	At     int64  `json:"at"`
}

// Outbox lists what waits first, then what was sent, newest first, at most 200 rows.
type Outbox struct {
	Rows  []OutboxRow `json:"rows"`
	Saved int         `json:"saved"`
	Sent  int         `json:"sent"`
}

// Source is one imported file.
type Source struct {
	ID        string `json:"id"`
	FileName  string `json:"fileName"`
	MediaType string `json:"mediaType"`
	Size      int    `json:"size"`
	SHA256    string `json:"sha256"`
	At        int64  `json:"at"`
	Records   int    `json:"records"`
}

// Sources lists imported files, newest first.
type Sources struct {
	Sources []Source `json:"sources"`
}

// SourceArgs names an imported file.
type SourceArgs struct {
	Source string `json:"source"`
}

// File is bytes to save; they travel beside the result.
type File struct {
	FileName  string `json:"fileName"`
	MediaType string `json:"mediaType"`
	Size      int    `json:"size"`
	SHA256    string `json:"sha256"`
}

// SealedExport is a tar of age files and the one key that opens them, shown once.
type SealedExport struct {
	File File   `json:"file"`
	Key  string `json:"key"` // AGE-SECRET-KEY-PQ-1…
}

// Admission is the stock of a closed relay's admissions.
type Admission struct {
	Grants  int      `json:"grants"`  // sharings that can still be begun
	Devices int      `json:"devices"` // writing chains that can still be begun
	Asked   []string `json:"asked"`   // keys to show to a member, "key_…", at most 32
	Taken   int      `json:"taken"`   // by this call
}

// AdmissionTakeArgs carries what the member answered, a line for each key.
type AdmissionTakeArgs struct {
	Text string `json:"text"`
}

// ArchiveProgress is how far an archive being written has come, in blocks and leaves.
type ArchiveProgress struct {
	Done     int   `json:"done"`
	Total    int   `json:"total"`
	Finished bool  `json:"finished"`
	MadeAt   int64 `json:"madeAt"`
}

// ArchiveReading is how far the reading of an archive has come; after archive.end, what it was.
type ArchiveReading struct {
	Bytes   int64 `json:"bytes"`
	Records int   `json:"records"` // opened with this folder's keys; while restoring, blocks read
	Newer   int   `json:"newer"`   // records of the folder that are not in it
	MadeAt  int64 `json:"madeAt"`
}

// Backup is the newest archive that was read back on this device; MadeAt 0: there is none.
type Backup struct {
	MadeAt  int64 `json:"madeAt"`
	ReadAt  int64 `json:"readAt"`
	Records int   `json:"records"`
	Newer   int   `json:"newer"` // records since
}

// NoticeArgs dismisses a notice.
type NoticeArgs struct {
	ID string `json:"id"`
}
