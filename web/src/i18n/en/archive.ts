import { error } from "#i18n/error.ts"
import { plural } from "#i18n/plural.ts"

const count = plural("en")
const records = (n: number) => count(n, { one: "# record", other: "# records" })

/** Backups: saved, chosen again, read back, and only then counted; bringing a folder back from one; everything as it came. */
export const archive = {
  title: "Backup",
  none: "No backup yet.",
  made: (when: string, n: number) => `Backup made ${when}, ${records(n)}.`,
  newer: (n: number) =>
    count(n, { one: "# newer record is not in it.", other: "# newer records are not in it." }),
  lead: "One sealed file with your whole folder. Only your recovery kit opens it. It works without the internet.",
  shows:
    "The file shows how many records there are and how old they are, but not what they say or whose they are.",
  make: "Save a backup",
  making: "Making the backup",
  pieces: (done: string, all: string) => `${done} of ${all} pieces`,
  handed: (name: string) => `${name} was handed to your browser to save.`,
  checkTitle: "One more step",
  checkLead: "A backup counts only once this app has read it again. Choose the file that you just saved.",
  check: "Choose the file",
  checkOther: "Check a backup file",
  checking: "Reading the backup",
  sizes: (done: string, all: string) => `${done} of ${all}`,
  done: (n: number) => `The backup is good: ${records(n)} opened with your keys.`,
  stopped: "Stopped. Nothing was changed.",
  all: "Everything, as it came in",
  allLead:
    "One ZIP with your files byte for byte, your own entries, and one FHIR file of all records. It is not sealed.",
  allMake: "Save everything",
  allWorking: "Collecting your records",
  allDone: "Your records were handed to your browser to save.",
  fromFile: "I have a backup file",
  fromRelay: "I have no backup file",
  kitLead: "First your kit: type its 24 words, or paste the text of its code. Then choose the backup file.",
  next: "Next",
  fileTitle: "Choose the backup file",
  fileLead: "It is read on this device and sent nowhere.",
  reading: "Reading your folder",
  blocks: (n: number) => count(n, { one: "# piece read", other: "# pieces read" }),
  offline:
    "You are offline, so this is how your folder was when the backup was made. Newer records come when you are online.",
  offlineLost: "Is the old device lost? Cut it off later, when you are online.",
}

const unchanged = "Nothing was changed."
const other = "Choose another file"

export const archiveErrors = {
  "archive/format": error("This file is not a backup of this app.", unchanged, other),
  "archive/version": error("A newer version of the app made this backup.", unchanged, other),
  "archive/network": error("This backup belongs to another network.", unchanged, other),
  "archive/other": error("This backup and this kit or folder do not belong together.", unchanged, other),
  "archive/truncated": error(
    "The end of this backup is missing. It may not have been saved whole.",
    unchanged,
    other,
  ),
  "archive/damaged": error("This backup was changed or damaged. It can't be used.", unchanged, other),
  "archive/older": error(
    "This is an older backup than the one that counts.",
    "The newer one still counts.",
    other,
  ),
  "blob/waiting": error("A file of your folder has not reached this device yet.", unchanged, "Try again"),
  "archive/none": error("The backup was interrupted.", unchanged, "Try again"),
  archive: error("The backup did not work.", unchanged, "Try again"),
  "restore/offline": error("A lost device can be cut off only when you are online.", unchanged, "Close"),
}
