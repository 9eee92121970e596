import { error } from "#i18n/error.ts"
import { plural } from "#i18n/plural.ts"

const count = plural("en")
const nothingStored = "Nothing was stored or sent."

/** Bringing files in. */
export const importing = {
  title: "Bring in files",
  lead: "Files from a clinic, an app or a portal. They are read on this device and nowhere else.",
  drop: "Drop files here",
  pick: "Choose files",
  formats: "What can be read",
  formatList: [
    "FHIR R4: a bundle, a resource or NDJSON, also many in a ZIP",
    "C-CDA documents (XML)",
    "SMART Health Cards and Links: the file, the text or the QR code",
    "Apple Health: export.zip or export.xml",
    "Tables of measurements (CSV)",
    "Anything else, such as a PDF or a photo, is kept as a document",
  ],
  paste: "Or paste its text",
  pasteRead: "Read the text",
  pasteEmpty: "Paste the text of a file first.",
  pastedName: "pasted.txt",
  scan: "Scan a health card or link",
  scanClose: "Close the camera",
  scannedName: "scanned-card.txt",
  scanOther: "This code is not a health card or a health link.",
  scanMore: (seen: number, total: number) =>
    `${String(seen)} of ${String(total)} codes of this card seen. Show the next one.`,
  reading: "Reading the file…",
  readingFile: "Reading",
  readingOf: (done: string, total: string) => `${done} of ${total}`,
  waiting: (n: number) => count(n, { one: "# more file waits.", other: "# more files wait." }),
  previewTitle: "This is what it would add",
  previewLead: (n: number, size: string) =>
    count(n, { one: `# record, ${size}`, other: `# records, ${size}` }),
  none: "There is no record in this file. Choose another one.",
  duplicateFile: "This very file is already in your folder.",
  duplicate: "Already here",
  duplicates: (n: number) =>
    count(n, {
      one: "# of them is already here and is not stored twice.",
      other: "# of them are already here and are not stored twice.",
    }),
  original: "The file itself, kept as it came",
  converted: "Made from the file. It may differ from it, so the file is kept too.",
  moveAll: "Put all into",
  moveAllKeep: "As suggested for each",
  sectionOf: (label: string) => `Section of ${label}`,
  more: (n: number) => count(n, { one: "Show # more", other: "Show # more" }),
  warnings: (n: number) =>
    count(n, {
      one: "# thing here is not as FHIR wants it. It is kept as it is.",
      other: "# things here are not as FHIR wants them. They are kept as they are.",
    }),
  other: "This file seems to be about someone else",
  otherText: (mine: string) => `Your folder is about ${mine}. The file names:`,
  otherNobody: "nobody",
  otherFirst: "It belongs in this folder",
  otherSecond: "Press again to confirm: bring it in",
  start: "Bring in",
  startAll: (n: number) => count(n, { one: "Bring in this and # more", other: "Bring in this and # more" }),
  skip: "Leave this one out",
  stop: "Stop",
  running: "Bringing in",
  progress: (done: string, total: string) => `${done} of ${total} records`,
  left: (seconds: number) => count(seconds, { one: "about # second left", other: "about # seconds left" }),
  browse: "You may leave this screen; it goes on.",
  doneTitle: "Saved",
  nothingNew: "Nothing new",
  done: (n: number) =>
    count(n, {
      one: "# record is on this device, sealed. It is sent when you are online.",
      other: "# records are on this device, sealed. They are sent when you are online.",
    }),
  known: (n: number) =>
    count(n, { one: "# record was already here.", other: "# records were already here." }),
  toFolder: "See my folder",
  another: "Bring in more files",
  results: "File by file",
  resultFile: "File",
  resultWhat: "What happened",
  resultSaved: (added: number, known: number) =>
    known === 0
      ? count(added, { one: "# new record", other: "# new records" })
      : `${count(added, { one: "# new record", other: "# new records" })}, ${String(known)} already here`,
  resultKnown: (n: number) => count(n, { one: "Already here", other: "Already here: # records" }),
  resultKeys: (n: number) =>
    count(n, {
      one: "# key of an issuer. Cards read now are checked with it.",
      other: "# keys of an issuer. Cards read now are checked with them.",
    }),
  resultArchive: (n: number) => count(n, { one: "# file inside", other: "# files inside" }),
  resultSkipped: "Left out",
  keep: "Keep it as a document",
  madeFrom: "This was made from {}. It may differ from it.",
  madeFromNames: {
    ccda: "a C-CDA document",
    "smart-health-card": "a health card",
    "apple-health": "an Apple Health export",
    csv: "a table",
  },
  madeFromFile: "The file itself is kept too.",
  table: {
    title: "Which column is what?",
    lead: (rows: string) =>
      `A table with ${rows} rows. Say what its columns are; the file itself is kept too.`,
    date: "When",
    value: "The value",
    what: "What was measured",
    whatText: "What was measured, for all rows",
    unit: "The unit",
    unitText: "The unit, for all rows",
    none: "No column",
    need: "Choose the column with the date and the one with the value.",
    sample: "The first rows",
    go: "Go on",
  },
  link: {
    title: "A health link",
    lead: "A health link points to a file that lies elsewhere. This app never asks other places, so it cannot fetch the file.",
    where: "It lies at",
    what: "Open the link where you got it, download the file, and bring the file here. The key to open it is already in the link.",
    passcode: "The place will ask you for a passcode.",
    expired: (date: string) => `This link stopped working on ${date}. You may need a new one.`,
    pick: "Choose the downloaded file",
  },
  notes: {
    "card-from": "Issued by {}",
    "card-date": "Issued on {}",
    "card-expired": "This card was valid until {} only.",
    "card-checked":
      "Signature checked with the key in {}. Whether that file is the issuer's, this device cannot tell.",
    "card-unchecked":
      "Signature not checked: the issuer's keys are not here. To check it, bring in the issuer's key file (jwks.json) first.",
    "zip-link": "Left out, a link to somewhere else: {}",
    "zip-locked": "Left out, locked with a password: {}",
    "zip-packing": "Left out, packed in a way that is not read here: {}",
    "zip-hidden": "Left out, a hidden file: {}",
    "original-left": "The file itself is too large to keep here (over 32 MiB): {}. Keep your own copy.",
    "health-newest": "Only the newest are brought in. {}",
    "health-others": "{} measurements of other kinds stay in the file.",
    "csv-left": "Rows without a date or a value, which stay in the file: {}",
    "checked-some": "Looked through for mistakes: {} records.",
    "checked-not": "Nobody looked for mistakes: that part of the app is not on this device yet.",
    "link-elsewhere": "This link also names a file that lies elsewhere: {}",
  },
}

const another = "Choose another file"
const card = (what: string) => error(what, "The card was not brought in. " + nothingStored, another)

export const importErrors = {
  "import/empty": error("This file is empty.", nothingStored, another),
  "import/crashed": error(
    "This file broke the part of the app that read it.",
    "That part has no keys and saw nothing of your folder. " + nothingStored,
    another,
  ),
  "import/stuck": error("Reading this file took too long and was stopped.", nothingStored, another),
  "import/zip-bomb": error("This ZIP unpacks to far more than it should: {}.", nothingStored, another),
  "import/zip-many": error("This ZIP holds too many files: at most {}.", nothingStored, another),
  "import/zip-overlap": error(
    "Files in this ZIP share their bytes, as no honest one does: {}.",
    nothingStored,
    another,
  ),
  "import/zip-damaged": error("This ZIP is damaged: {}.", nothingStored, "Download it again"),
  "import/zip-kind": error(
    "This kind of ZIP is not read here: {}.",
    nothingStored,
    "Unpack it and choose the files",
  ),
  "import/zip-inside": error(
    "A ZIP inside a ZIP is not opened: {}.",
    "It stays inside the one around it.",
    another,
  ),
  "import/xml": error("This XML is broken: {}.", nothingStored, another),
  "import/xml-depth": error("This XML is nested too deeply: at most {} levels.", nothingStored, another),
  "import/xml-doctype": error(
    "This XML brings rules of its own (DOCTYPE), which are not followed here.",
    nothingStored,
    another,
  ),
  "import/ccda": error(
    "This C-CDA document could not be read: {}.",
    "You can keep it as a document.",
    another,
  ),
  "import/health": error("This is not an Apple Health export.", nothingStored, another),
  "import/health-none": error(
    "There are no measurements in this export that can be read.",
    nothingStored,
    another,
  ),
  "import/csv-form": error("This table is broken, first in row {}.", nothingStored, another),
  "import/csv-none": error("No row has both a date and a value.", nothingStored, "Choose the columns again"),
  "import/keys": error("There is no key for health cards in this file.", nothingStored, another),
  "import/card-format": card("This is not a health card as it should be: {}."),
  "import/card-many": card("This file holds too many cards: at most {}."),
  "import/card-digits": card("The digits of this card's code are wrong: {}."),
  "import/card-missing": error(
    "{} more codes of this card are missing.",
    nothingStored,
    "Scan all its codes",
  ),
  "import/card-algorithm": card("This card is not signed as health cards are: {}."),
  "import/card-packing": card("This card is not packed as health cards are."),
  "import/card-key": card("This card does not name its key as health cards do."),
  "import/card-signature-form": card(
    "The signature of this card has the wrong form: {} bytes instead of 64.",
  ),
  "import/card-signature": card(
    "The signature is false. This card has been changed, or was not signed by who it claims. Do not rely on it.",
  ),
  "import/card-payload": card("What this card holds cannot be read: {}."),
  "import/card-type": card("This card does not say that it is a health card."),
  "import/card-dates": card("The dates of this card make no sense: {}."),
  "import/card-early": card("This card is valid from {} only."),
  "import/link-form": error(
    "This is not a health link as it should be.",
    nothingStored,
    "Copy the whole link",
  ),
  "import/link-version": error("This health link is of a newer kind: {}.", nothingStored, another),
  "import/link-first": error(
    "This file is locked by a health link.",
    "Nothing was stored or sent. Paste or scan the link first, then bring the file.",
    "Bring the link",
  ),
  "import/link-key": error(
    "The key in the link does not open this file.",
    nothingStored,
    "Choose the right file",
  ),
  "import/link-access": error(
    "This link gives access to another system, not a file.",
    nothingStored,
    another,
  ),
  "import/link-elsewhere": error(
    "This list only says where the files are: {}.",
    "Nothing was stored or sent. Download them there and bring them here.",
    another,
  ),
}
