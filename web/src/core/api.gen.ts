// Made by `go run ./wasm/gen` from wasm/api. Do not edit.

/** Two tabs may talk only when this is equal in both. */
export const contract = "f5b9e721d62691fe"

/** Phase says what this browser profile can do now. */
export type Phase = "empty" | "locked" | "open"

/** Link is the state of the connection to the relay. */
export type Link = "offline" | "connecting" | "online"

/** Status is everything the shell shows on every screen. */
export interface Status {
  phase: Phase
  /** the person of this profile, "" unless open */
  name: string
  /** OwnFolder is the id of the folder this profile owns, "" for a reader (a clinician's browser). */
  ownFolder: string
  net: string
  /** URL of the relay in use */
  relay: string
  link: Link
  /** Saved counts what is flushed here and waits to be sent; Sent what a relay stored. Nothing is final yet. */
  saved: number
  sent: number
  /** proposed records, unanswered accesses */
  needsYou: number
  /** things to tell the person once */
  notices: Notice[]
  /** Admission is what the relay wants of who begins a folder or a sharing: unknown (not heard yet) | open | closed. */
  admission: string
  /** StorageDurable is what navigator.storage.persist() answered. */
  storageDurable: boolean
}

/** Notice is a message that stays until dismissed, e.g. {code:"fork/new-chain"} or {code:"clock/off", detail:"172800"}. */
export interface Notice {
  id: string
  code: string
  detail: string
}

/** Empty is the argument or result of a method that has none. */
export type Empty = { [key: string]: never }

/** KitMakeArgs names the person the folder is about. BirthDate is YYYY-MM-DD or "". */
export interface KitMakeArgs {
  name: string
  birthDate: string
}

/** KitSheet is what is printed: 24 words and the QR string. Nothing is stored yet. */
export interface KitSheet {
  words: string[]
  qr: string
}

/** KitProveArgs carries what was read back: all 24 words as typed, or the scanned string. */
export interface KitProveArgs {
  words: string
  qr: string
}

/** PassphraseArgs carries a passphrase as typed; the bridge has normalized it (NFKC). */
export interface PassphraseArgs {
  passphrase: string
}

/** PassphraseChangeArgs asks the passphrase of now and gives the next. */
export interface PassphraseChangeArgs {
  old: string
  next: string
}

/** Passkey says how this browser's passkey unlocks: both are public. Without one, Salt is a fresh input to make one with. */
export interface Passkey {
  set: boolean
  /** WebAuthn credential id, hex */
  credential: string
  /** input of its PRF, hex */
  salt: string
}

/** PasskeyAddArgs adds a passkey beside the passphrase. The PRF's output travels beside the call and is wiped. */
export interface PasskeyAddArgs {
  passphrase: string
  credential: string
  salt: string
}

/** LinkConfirmArgs is "They match" at a link; Name is what the owner calls the new device, "" from the new device. */
export interface LinkConfirmArgs {
  name: string
}

/** Device is one device that writes the own folder. */
export interface Device {
  id: string
  name: string
  this: boolean
  /** 0 when it was there before this device */
  since: number
}

/** Devices lists them. Writes: this one may link and remove others. */
export interface Devices {
  devices: Device[]
  writes: boolean
}

/** DeviceRemoveArgs removes a device; instead of the passphrase, the passkey's PRF output may travel beside the call. */
export interface DeviceRemoveArgs {
  id: string
  passphrase: string
}

/** Recovery is how the own folder would come back. */
export interface Recovery {
  /** when the kit was last read on this device, 0 for never */
  kit: number
  devices: number
  passkey: boolean
}

/** ReaderCreateArgs makes a profile that owns no folder: a clinician's or a guest's browser. */
export interface ReaderCreateArgs {
  name: string
  passphrase: string
}

/** RestoreStartArgs carries the kit: 24 words or the scanned string. */
export type RestoreStartArgs = KitProveArgs

/** RestoreState is polled, or refreshed on "changed", after restore.start. */
export interface RestoreState {
  /** "none" | "file" (a kit was read, its archive is next) | "finding" | "fetching" | "ready" | "failed" */
  step: string
  /** whose folder, once known */
  name: string
  /** fetched so far */
  blocks: number
  /** records found so far */
  records: number
  /** payloads the relay does not have */
  missing: number
  /** error code when failed */
  code: string
  detail: string
  /** ready by an archive alone: no device can be cut off */
  offline: boolean
}

/** RestoreFinishArgs sets the new passphrase. Lost: the old device is gone for good and is cut off. */
export interface RestoreFinishArgs {
  passphrase: string
  lost: boolean
}

/** Section numbers: 1 general, 2 mental health, 3 sexual and reproductive, 4 genetic, 5 substance use, 6 emergency. */
export type Section = number

/** ImportPreviewArgs names the file whose bytes travel beside the call. */
export interface ImportPreviewArgs {
  fileName: string
  mediaType: string
  /**
   * Original is 0 for FHIR. Else the first Original bytes are a file of another format, kept as a document, and what
   * follows, if anything, is the FHIR that was made from it; Format names it, as "ccda".
   */
  original: number
  format: string
}

/**
 * ImportItem is one resource found in the file. In one of another format the first item is the file itself: its Type is
 * the media type, its Label the file name.
 */
export interface ImportItem {
  index: number
  /** FHIR resource type */
  type: string
  /** display words, from the resource itself */
  label: string
  /** as received, "" if none */
  date: string
  section: Section
  size: number
  /** the same bytes are already in the folder */
  duplicate: boolean
}

/** ImportPreview is what a file would add. Nothing is stored until import.step has finished. */
export interface ImportPreview {
  importID: string
  fileName: string
  size: number
  sha256: string
  /** "bundle" | "resource" | "ndjson" | "document" */
  kind: string
  duplicate: boolean
  items: ImportItem[]
  /** OtherPerson: the file names somebody unlike this folder's person; it must be confirmed with a second gesture. */
  otherPerson: boolean
  /** names of the Patients in the file */
  people: string[]
}

/** ImportSection moves one item to another section before it is imported. */
export interface ImportSection {
  index: number
  section: Section
}

/** ImportStartArgs confirms a preview. Items already held are not stored again; the file still comes back whole. */
export interface ImportStartArgs {
  importID: string
  sections: ImportSection[]
}

/** ImportIDArgs names a running import. */
export interface ImportIDArgs {
  importID: string
}

/** ImportProgress: call import.step until Finished; Finished means every byte is flushed: Saved. */
export interface ImportProgress {
  done: number
  total: number
  finished: boolean
  sourceID: string
}

/** FolderArgs names a folder; "" is the own one. */
export interface FolderArgs {
  folder: string
}

/** Folder is one folder this profile can see. */
export interface Folder {
  id: string
  own: boolean
  /** whose folder this is */
  name: string
  /** YYYY-MM-DD or "", own folder only */
  born: string
  grant: string
  sections: Section[]
  canWrite: boolean
  expires: number
  /** own | active | expired | stopped | forked */
  state: string
  stoppedAt: number
  /** known, opened or not */
  records: number
  unopened: number
  /** id of an access that waits for the owner's device, or "" */
  waiting: string
  /** code of the last refusal, or "" */
  refused: string
}

/** Folders lists every folder this profile can see, its own first. */
export interface Folders {
  folders: Folder[]
}

/** TimelineArgs pages through a folder, newest first. Empty fields mean all. */
export interface TimelineArgs {
  folder: string
  /** words to find; case, accents and Arabic vowel signs do not matter */
  query: string
  section: Section
  /** a FHIR type, or note | document | newer */
  kind: string
  /** YYYY-MM-DD, included */
  from: string
  /** YYYY-MM-DD, included */
  to: string
  source: string
  author: string
  /** Show: "" all but hidden; hidden | opened | unopened only those. */
  show: string
  offset: number
  /** at most 500 */
  limit: number
}

/** TimelineItem is one record as the list shows it. */
export interface TimelineItem {
  /** block id */
  record: string
  /** fhir | document | note | newer */
  kind: string
  section: Section
  /** FHIR type or media type */
  type: string
  /** display words */
  label: string
  /** of the content, as received; "" if none */
  date: string
  /** author's time */
  saved: number
  /** name; "" = not known */
  author: string
  /** Origin: "you" added by the owner, "imported", "other" signed by somebody else. */
  origin: string
  /** author is a guest, not accredited */
  guest: boolean
  /** Standing: own | proposed | accepted | disputed. */
  standing: string
  /** of the dispute */
  reason: string
  /** Delivery: saved | sent. Nothing is final before witnesses run. */
  delivery: string
  /** Opened is false for a reader's record that has not been released yet. */
  opened: boolean
  /** "open/7" when a check failed: shown red, alone */
  failed: string
  /** id of the file it came from, "" */
  source: string
  refs: string[]
  /**
   * Amends: refs are older versions. AmendedBy are newer versions in force, Changes those that the owner has still to
   * accept or dispute. Conflict: two versions in force compete, and a person chooses.
   */
  amends: boolean
  amendedBy: string[]
  changes: string[]
  conflict: boolean
  /** by the owner, from the own view */
  hidden: boolean
}

/** Facet is a value to filter for, and how many lines have it. */
export interface Facet {
  name: string
  count: number
}

/**
 * Timeline is one page. Hidden counts the lines that match and are not shown. Kinds and Authors are what there is to
 * choose: of what matches but for kind and author, or, when nothing does, without the text too.
 */
export interface Timeline {
  items: TimelineItem[]
  total: number
  hidden: number
  kinds: Facet[]
  authors: Facet[]
}

/** RecordArgs names a record of a folder. */
export interface RecordArgs {
  folder: string
  record: string
}

/** Record is one opened record; its bytes, exactly as received, travel beside the result. */
export interface Record {
  item: TimelineItem
  mediaType: string
  size: number
  /** writing chain */
  writer: string
  seq: number
  /** device key of the author */
  credential: string
  /** a document over 1 MiB: no bytes come with it, document.read gives them */
  big: boolean
  sha256: string
}

/**
 * ProofStep is one step of a check. Names, in their order, of a record: header, signature, chain, payload, named, complete,
 * shares, author, content, final. Of a proof file: network, chain, signature, payload, final. Source: spec/proof.md.
 */
export interface ProofStep {
  name: string
  /** ok | failed | unknown */
  state: string
  /** why it failed or is not known */
  code: string
  /** for technical details */
  detail: string
}

/** ProofHeader is a record's signed header, field by field. */
export interface ProofHeader {
  id: string
  version: number
  kind: number
  chain: string
  seq: number
  prev: string
  epoch: number
  /** the author's hour, its own claim */
  time: number
  tag: string
  payloadHash: string
  payloadLength: number
  signature: string
  /** key that writes the chain there */
  writer: string
  net: string
}

/** Proof is what this device checked about one record just now. When a step failed, nothing is said of who or what. */
export interface Proof {
  item: TimelineItem
  /** name of the step that failed, or "" */
  failed: string
  steps: ProofStep[]
  header: ProofHeader
  /** of the author; "" unless opened and vouched for */
  name: string
  /** not accredited */
  guest: boolean
  /** key of the author's device; "" unless opened */
  device: string
  /** the author's identity chain; "" for a guest */
  identity: string
  /** blocks of the chain read again just now */
  walked: number
  /** blocks of the chain up to this one */
  blocks: number
}

/** ProofCheckArgs tells where in the bytes beside the call a proof file ends; the record's block may follow it. */
export interface ProofCheckArgs {
  proofSize: number
}

/** ProofVerdict is what a proof file shows. It names nobody: a name is sealed in the record. */
export interface ProofVerdict {
  /** name of the step that failed, or "" */
  failed: string
  steps: ProofStep[]
  header: ProofHeader
  /** in the file */
  blocks: number
  /** the open profile's folder that holds this record, or "" */
  folder: string
}

/**
 * RecordLink is a record that another refers to or that refers to it. How: amends | amendedBy | change (proposed) | answers |
 * answeredBy | attachedTo | attachment.
 */
export interface RecordLink {
  how: string
  item: TimelineItem
}

/** RecordLinks lists them. */
export interface RecordLinks {
  links: RecordLink[]
}

/**
 * RecordWriteArgs adds one FHIR resource, whose bytes travel beside the call. Amends are the older versions, which give
 * the section; a new record needs it.
 */
export interface RecordWriteArgs {
  folder: string
  section: Section
  amends: string[]
}

/**
 * DocumentBeginArgs begins to add a file of Size bytes, at most 3 GiB, to the own folder. About is the DocumentReference
 * that describes it. The bytes follow in pieces.
 */
export interface DocumentBeginArgs {
  section: Section
  mediaType: string
  size: number
  about: string
}

/** DocumentName names a document that is being added. */
export interface DocumentName {
  name: string
}

/**
 * DocumentProgress: after document.write Done bytes are in; call document.finish until Finished, which means that every
 * byte is flushed: Saved. Record is the one that describes the file, Attachment the one that holds its bytes.
 */
export interface DocumentProgress {
  done: number
  finished: boolean
  record: string
  attachment: string
}

/** DocumentHere says how many sealed bytes of a big document are on this device. Asking begins to fetch the rest. */
export interface DocumentHere {
  here: number
  /** 0 when it is not big */
  of: number
}

/** DocumentReadArgs asks for Length bytes, at most 1 MiB, of a document from Offset on. */
export interface DocumentReadArgs {
  folder: string
  record: string
  offset: number
  length: number
}

/** HideArgs takes records out of the owner's own view, or shows them again. At most 512. */
export interface HideArgs {
  records: string[]
  hidden: boolean
}

/**
 * NoteWriteArgs adds a signed note. In somebody else's folder it is proposed. Refs are records it answers or, with
 * Amends, whose newer version it is.
 * RecordsArgs names records of one folder, to open together.
 */
export interface RecordsArgs {
  folder: string
  records: string[]
}

/** Part is one record of a batch: how many of the bytes beside it are its own, or why it could not be opened. */
export interface Part {
  record: string
  mediaType: string
  size: number
  /** "" when opened */
  code: string
}

/**
 * Parts are the first of the records asked for, in their order, as many as one call opens: ask again for the rest.
 * Their bytes, exactly as received, travel beside the result, one after the other.
 */
export interface Parts {
  parts: Part[]
}

/** NoteWriteArgs adds a signed note. In somebody else's folder it is proposed. Refs are records it answers. */
export interface NoteWriteArgs {
  folder: string
  section: Section
  text: string
  refs: string[]
  amends: boolean
}

/** RecordRef is the id of a block just saved. */
export interface RecordRef {
  record: string
}

/** VerdictArgs answers a proposed record: accept | dispute | withdraw. */
export interface VerdictArgs {
  record: string
  verdict: string
  reason: string
}

/** MeetCode is what the owner shows or sends. */
export interface MeetCode {
  /** six */
  words: string[]
  /** twenty, for languages without a list */
  digits: string
  /** "#/join/…": origin + path is both the link and the QR's text */
  path: string
  until: number
}

/** MeetJoinArgs takes words, digits, a link or a scanned text. */
export interface MeetJoinArgs {
  code: string
}

/** MeetState is refreshed on "changed". It is of the meeting on screen, or of one waiting link. */
export interface MeetState {
  /**
   * Step: none | waiting | noone | compare | confirmed (this side pressed, the other not yet) | done |
   * burnt | expired | refused (Code: meet/no-match or meet/left) | failed.
   */
  step: string
  /** names a waiting link */
  room: string
  host: boolean
  /** a device is linked, nothing is shared */
  device: boolean
  /** it waits up to 7 days, and outlives the page */
  link: boolean
  /** of the other side */
  name: string
  /** the other side is not accredited */
  guest: boolean
  /** twelve */
  digits: string
  /** four names, e.g. "anchor"; the page draws them */
  emoji: string[]
  started: number
  /** 0 for a joiner */
  until: number
  /** when done */
  grant: string
  /** joiner, when done */
  folder: string
  code: string
  /** host: what it shows; empty otherwise */
  invite: MeetCode
  /** host: what will be given */
  terms: GrantTerms
  /** at most one: the sharing with the same reader that this one ends */
  replaces: Grant[]
}

/** WaitingLinks lists the waiting links of this profile, on either side, newest first. */
export interface WaitingLinks {
  links: MeetState[]
}

/** WaitingArgs names a waiting link. */
export interface WaitingArgs {
  room: string
}

/** GrantTerms is what the owner gives. Hours counts from "They match"; when it is 0, Until is the end. */
export interface GrantTerms {
  sections: Section[]
  /** only these, or empty for the whole sections */
  records: string[]
  hours: number
  until: number
  canWrite: boolean
  purpose: string
}

/** Grant is one sharing, as its owner sees it. */
export interface Grant {
  id: string
  reader: string
  guest: boolean
  sections: Section[]
  canWrite: boolean
  since: number
  expires: number
  /** active | expired | stopped | forked */
  state: string
  stoppedAt: number
  /** records released under it */
  opened: number
  /** chosen ones, 0 for the whole sections */
  records: number
  purpose: string
}

/** Grants lists sharings, newest first. */
export interface Grants {
  grants: Grant[]
}

/** GrantArgs names a grant. */
export interface GrantArgs {
  grant: string
}

/**
 * AskArgs asks to open records of somebody's folder: those on the screen, at most 512.
 * Reason is a preset code ("visit", "result", "prescription", "other") and Text says more, ≤ 280 bytes.
 */
export interface AskArgs {
  folder: string
  records: string[]
  reason: string
  text: string
}

/** AccessRef is an access just saved. */
export interface AccessRef {
  access: string
  records: number
}

/** Access is one line of Who looked. */
export interface Access {
  id: string
  reader: string
  guest: boolean
  grant: string
  reason: string
  text: string
  /** the author's hour */
  at: number
  /** here */
  arrived: number
  /** asked | waiting | given | refused */
  state: string
  titles: string[]
  count: number
  /** entries that match no record, beyond padding */
  unknown: number
  /** code of the refusal */
  why: string
}

/** Accesses is Who looked, newest first. */
export interface Accesses {
  accesses: Access[]
}

/** OutboxRow is one thing written here. */
export interface OutboxRow {
  block: string
  /** note | added | import | hide | grant | stop | access | folder | verdict | release | other */
  what: string
  label: string
  /** saved | sent */
  state: string
  /** offline | blob | limit/… | "" ; why it waits */
  reason: string
  at: number
}

/** Outbox lists what waits first, then what was sent, newest first, at most 200 rows. */
export interface Outbox {
  rows: OutboxRow[]
  saved: number
  sent: number
}

/** Source is one imported file. */
export interface Source {
  id: string
  fileName: string
  mediaType: string
  size: number
  sha256: string
  at: number
  records: number
}

/** Sources lists imported files, newest first. */
export interface Sources {
  sources: Source[]
}

/** SourceArgs names an imported file. */
export interface SourceArgs {
  source: string
}

/** File is bytes to save; they travel beside the result. */
export interface File {
  fileName: string
  mediaType: string
  size: number
  sha256: string
}

/** SealedExport is a tar of age files and the one key that opens them, shown once. */
export interface SealedExport {
  file: File
  /** AGE-SECRET-KEY-PQ-1… */
  key: string
}

/** Admission is the stock of a closed relay's admissions. */
export interface Admission {
  /** sharings that can still be begun */
  grants: number
  /** writing chains that can still be begun */
  devices: number
  /** keys to show to a member, "key_…", at most 32 */
  asked: string[]
  /** by this call */
  taken: number
}

/** AdmissionTakeArgs carries what the member answered, a line for each key. */
export interface AdmissionTakeArgs {
  text: string
}

/** ArchiveProgress is how far an archive being written has come, in blocks and leaves. */
export interface ArchiveProgress {
  done: number
  total: number
  finished: boolean
  madeAt: number
}

/** ArchiveReading is how far the reading of an archive has come; after archive.end, what it was. */
export interface ArchiveReading {
  bytes: number
  /** opened with this folder's keys; while restoring, blocks read */
  records: number
  /** records of the folder that are not in it */
  newer: number
  madeAt: number
}

/** Backup is the newest archive that was read back on this device; MadeAt 0: there is none. */
export interface Backup {
  madeAt: number
  readAt: number
  records: number
  /** records since */
  newer: number
}

/** NoticeArgs dismisses a notice. */
export interface NoticeArgs {
  id: string
}

/** What each method takes and answers. */
export interface Methods {
  "status": { args: Empty; result: Status }
  "notice.dismiss": { args: NoticeArgs; result: Empty }
  "kit.make": { args: KitMakeArgs; result: KitSheet }
  "kit.prove": { args: KitProveArgs; result: Empty }
  /** (after kit.prove) */
  "folder.create": { args: PassphraseArgs; result: Status }
  "reader.create": { args: ReaderCreateArgs; result: Status }
  "unlock": { args: PassphraseArgs; result: Status }
  "lock": { args: Empty; result: Status }
  /** deletes all on this device */
  "forget": { args: Empty; result: Status }
  "passphrase.change": { args: PassphraseChangeArgs; result: Empty }
  /** whether it is the open profile's */
  "passphrase.prove": { args: PassphraseArgs; result: Empty }
  /** while locked too */
  "passkey": { args: Empty; result: Passkey }
  /** PRF output in */
  "passkey.unlock": { args: Empty; result: Status }
  /** PRF output in */
  "passkey.add": { args: PasskeyAddArgs; result: Empty }
  "passkey.remove": { args: Empty; result: Empty }
  /** PRF output in, or the passphrase */
  "link.start": { args: PassphraseArgs; result: MeetCode }
  /** in an empty browser */
  "link.join": { args: MeetJoinArgs; result: MeetState }
  /** either: "They match" */
  "link.confirm": { args: LinkConfirmArgs; result: MeetState }
  /** new device, when restore.state is ready */
  "link.finish": { args: PassphraseArgs; result: Status }
  "devices": { args: Empty; result: Devices }
  /** PRF output in, or the passphrase */
  "device.remove": { args: DeviceRemoveArgs; result: Empty }
  "recovery": { args: Empty; result: Recovery }
  /** proves the kit; nothing changes */
  "kit.drill": { args: KitProveArgs; result: Recovery }
  "restore.start": { args: KitProveArgs; result: RestoreState }
  "restore.state": { args: Empty; result: RestoreState }
  "restore.finish": { args: RestoreFinishArgs; result: Status }
  "restore.cancel": { args: Empty; result: Empty }
  /** file in */
  "import.preview": { args: ImportPreviewArgs; result: ImportPreview }
  "import.start": { args: ImportStartArgs; result: ImportProgress }
  "import.step": { args: ImportIDArgs; result: ImportProgress }
  "import.cancel": { args: ImportIDArgs; result: Empty }
  "folders": { args: Empty; result: Folders }
  "timeline": { args: TimelineArgs; result: Timeline }
  /** content out */
  "record.open": { args: RecordArgs; result: Record }
  /** contents out, one after the other */
  "records.open": { args: RecordsArgs; result: Parts }
  /** another copy of its block in, or none */
  "proof.show": { args: RecordArgs; result: Proof }
  /** the record's block out, sealed */
  "proof.block": { args: RecordArgs; result: File }
  /** proof file out */
  "proof.save": { args: RecordArgs; result: File }
  /** proof file in, the record's block after it or not; needs no profile */
  "proof.check": { args: ProofCheckArgs; result: ProofVerdict }
  "record.links": { args: RecordArgs; result: RecordLinks }
  /** one FHIR resource in */
  "record.write": { args: RecordWriteArgs; result: RecordRef }
  "record.hide": { args: HideArgs; result: Empty }
  "document.begin": { args: DocumentBeginArgs; result: DocumentName }
  /** the next piece in, ≤ 1 MiB */
  "document.write": { args: DocumentName; result: DocumentProgress }
  /** until finished */
  "document.finish": { args: DocumentName; result: DocumentProgress }
  "document.cancel": { args: DocumentName; result: Empty }
  "document.here": { args: RecordArgs; result: DocumentHere }
  /** the piece out */
  "document.read": { args: DocumentReadArgs; result: Empty }
  "note.write": { args: NoteWriteArgs; result: RecordRef }
  "verdict": { args: VerdictArgs; result: RecordRef }
  /** face to face: what is given once both say "They match" */
  "meet.start": { args: GrantTerms; result: MeetState }
  "meet.join": { args: MeetJoinArgs; result: MeetState }
  "meet.state": { args: Empty; result: MeetState }
  /** "They match" */
  "meet.confirm": { args: Empty; result: MeetState }
  /** "No match": the other side is told */
  "meet.nomatch": { args: Empty; result: MeetState }
  /** cancel, or leave the screen of a waiting link, which goes on */
  "meet.refuse": { args: Empty; result: MeetState }
  /** a code that waits 7 days */
  "waiting.create": { args: GrantTerms; result: MeetCode }
  "waiting": { args: Empty; result: WaitingLinks }
  /** "They match" */
  "waiting.match": { args: WaitingArgs; result: Empty }
  "waiting.differ": { args: WaitingArgs; result: Empty }
  /** take it back, or put away what is over */
  "waiting.end": { args: WaitingArgs; result: Empty }
  "grants": { args: Empty; result: Grants }
  "grant.stop": { args: GrantArgs; result: Empty }
  "access.ask": { args: AskArgs; result: AccessRef }
  /** stop waiting */
  "access.cancel": { args: FolderArgs; result: Empty }
  "accesses": { args: Empty; result: Accesses }
  "outbox": { args: Empty; result: Outbox }
  "admission": { args: Empty; result: Admission }
  /** fills the stock with keys to be admitted; before kit.make too */
  "admission.ask": { args: Empty; result: Admission }
  "admission.take": { args: AdmissionTakeArgs; result: Admission }
  /** only an unattempted last block */
  "outbox.discard": { args: RecordRef; result: Empty }
  "sources": { args: Empty; result: Sources }
  /** the original file out */
  "export.source": { args: SourceArgs; result: File }
  /** content out */
  "export.record": { args: RecordArgs; result: File }
  /** tar out */
  "export.sealed": { args: Empty; result: SealedExport }
  /** a kit, for the archive that is read next */
  "archive.kit": { args: KitProveArgs; result: RestoreState }
  /** begins an archive of the folder */
  "archive.make": { args: Empty; result: ArchiveProgress }
  /** its next bytes out */
  "archive.next": { args: Empty; result: ArchiveProgress }
  /** begins to read one: to check it, or after archive.kit to restore */
  "archive.read": { args: Empty; result: Empty }
  /** its next bytes in, at most 1 MiB */
  "archive.feed": { args: Empty; result: ArchiveReading }
  /** it has ended; one that was checked counts as a backup */
  "archive.end": { args: Empty; result: ArchiveReading }
  /** nothing of it is kept */
  "archive.cancel": { args: Empty; result: Empty }
  "backup": { args: Empty; result: Backup }
}
