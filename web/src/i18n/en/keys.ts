import { error } from "#i18n/error.ts"
import { plural } from "#i18n/plural.ts"

const count = plural("en")

export const keys = {
  title: "How this device opens",
  lead: "Your passphrase always opens this device. A passkey can do it too.",
  me: "Safety",
  meLink: "Passphrase and passkey",
  ask: "Your passphrase",
  change: "Change the passphrase",
  changeLead:
    "The old one opens nothing on this device afterwards. Your kit and other devices stay as they are.",
  old: "The passphrase of now",
  oldMissing: "Type the passphrase of now.",
  next: "New passphrase",
  nextAgain: "The new passphrase again",
  changing: "Sealing with the new passphrase…",
  changed: "The passphrase is changed. Use the new one from now on.",
  passkey: "Passkey",
  passkeyLead:
    "A passkey is your fingerprint, your face or your device's PIN. It opens this folder on this device only. It is no way back when the device is lost: that is your kit.",
  passkeyNone: "No passkey here yet.",
  passkeySet: "A passkey opens this device.",
  passkeyNot: "This browser, at this address, cannot use passkeys. Your passphrase works as always.",
  add: "Add a passkey",
  replace: "Use another passkey",
  adding: "Waiting for your browser…",
  added: "The passkey is added. Your passphrase still works too.",
  remove: "Remove the passkey",
  removeConfirm: "Press again: only the passphrase opens then",
  removed: "The passkey is removed here. You may also delete it in your browser's list of passkeys.",
  unlock: "Unlock with your passkey",
  or: "Or with your passphrase:",
  usePasskey: "Use your passkey instead",
}

export const devices = {
  title: "Devices",
  lead: "Each of these devices can read and write your whole folder, and answer for you.",
  link: "Link another device",
  linkLead:
    "On the new device, open Anamnesis and choose “I have a device already”. Keep both devices beside you.",
  linkAsk: "First show that it is you.",
  linkStart: "Show the code",
  onlyWriter:
    "Only the device that made the folder, or brought it back with the kit, links and removes devices. Do it there.",
  full: "A folder can have four devices. Remove one first.",
  this: "this device",
  first: "was there before",
  since: (day: string) => `since ${day}`,
  remove: "Remove",
  removeTitle: (name: string) => `Remove ${name}?`,
  removeLead:
    "What it writes from now on does not count, and it cannot open what is written from now on. It keeps what it could open until now.",
  removeSharing: (n: number) =>
    count(n, {
      zero: "You share with nobody now, so nothing else changes.",
      one: "It also knew the keys of your # sharing. It stops; share again with that person.",
      other: "It also knew the keys of your # sharings. They stop; share again with those people.",
    }),
  removeStart: "Show that it is you",
  removeConfirm: "Press again to remove it",
  removing: "Removing…",
  removedSaid: (name: string) => `${name} is removed. Saved.`,
  codeTitle: "Show this code to your new device",
  codeLead: "Scan it there, or type the six words. It works once, for 10 minutes.",
  noKey: "The code opens nothing by itself: you compare both screens before anything is given.",
  compareTitle: "Do both your devices show this?",
  compareLead: "Look at both screens. Press only if digits and pictures are the same.",
  name: "What do you call the new device?",
  nameHint: "For example: kitchen tablet. Your other devices show this name.",
  nameMissing: "Give the new device a name.",
  other: "The other device:",
  newDevice: "New device",
  confirmed: "Waiting for the other device…",
  done: (name: string) => `${name} is linked`,
  doneText: "It fetches your folder now. For a day, all your devices show that it joined.",
  joinTitle: "Link this device",
  joinLead:
    "Your folder comes to this device too. On a device that has it, open Me, then Devices, and choose “Link another device”.",
  joinHint: "Scan the code, paste its link, or type the six words or 20 digits.",
  label: "Six words, 20 digits or the link",
  empty: "Enter the words or digits that the other device shows.",
  join: "Link",
  scan: "Scan the code",
  invited: "You opened a code of one of your devices. Press to link this browser to that folder.",
  connecting: "Looking for your other device…",
  taken:
    "This browser already has a folder. Link from a browser that has none, or delete the copy here first.",
  waiting: "Waiting for your other device to send…",
  readyLead: "Choose a passphrase for this device. It may be another than on your other devices.",
  start: "I have a device already",
  noone: "No one is waiting under these words. Look again at your other device.",
  burnt: "Somebody else used this code too, so it was thrown away. Nothing was given. Make a new one.",
  expired: "This code stopped working. Nothing was given. Make a new one.",
  removedHere:
    "This device was removed from the folder on another of its devices. It can no longer open it. Delete its copy below; with your kit you can bring the folder back.",
}

export const recovery = {
  title: "How safe is my folder?",
  kit: "Recovery kit",
  kitProven: (day: string) => `Your kit was read back and works: ${day}.`,
  kitNever: "Your kit was never read back on this device. Try it below.",
  kitOld: "That is more than a year ago. Try it again.",
  devices: (n: number) =>
    count(n, {
      one: "The folder is on # device. If it breaks, only the kit brings it back.",
      other: "The folder is on # devices. Each can go on without the others.",
    }),
  relay: (n: number) =>
    count(n, {
      zero: "Everything you wrote is also at the relay, sealed.",
      one: "# thing exists only on this device: it was not sent yet.",
      other: "# things exist only on this device: they were not sent yet.",
    }),
  passkey: "Your passkey opens this device. It does not bring the folder back: it is no recovery way.",
  noPasskey: "Your passphrase opens this device. It does not bring the folder back on another one.",
  power: "The kit alone takes over everything, at once. Keep it where nobody else looks.",
  drill: "Try my kit",
  drillLead:
    "Take the paper, and scan it or type its 24 words. Nothing changes: this only shows that the kit would bring your folder back today. Do it once a year.",
  check: "Check the kit",
  scan: "Scan the kit",
  works: "Your kit works. Put it back where it is safe.",
}

export const forgotten = {
  title: "This browser has forgotten you",
  text: "Records, keys, settings and the app itself are deleted from it. Close all its windows now.",
  start: "Open Anamnesis again",
  kit: (day: string) => `Your kit was last read back on this device: ${day}.`,
  noKit: "Your kit was never read back on this device. Try it first: Me, then “How safe is my folder?”.",
  shared: "Close and forget this browser",
  lead: "For a device that others use. Deletes the sealed records, keys, settings and the app from this browser.",
}

const safe = "Your folder is unchanged."

export const keysErrors = {
  "vault/passkey": error(
    "This passkey does not open the folder.",
    "Your folder is safe. Your passphrase opens it.",
    "Use the passphrase",
  ),
  "vault/half": error(
    "The new passphrase works, but this browser could not finish.",
    "Nothing is lost. Lock and unlock with the new passphrase: the old one stops working then.",
    "Close",
  ),
  "passkey/cancelled": error(
    "The passkey did not answer: it was cancelled, took too long, or is on another device.",
    "Nothing was changed. Your passphrase works.",
    "Try again",
  ),
  "passkey/other": error(
    "Another passkey answered.",
    "Nothing was changed. Your passphrase works.",
    "Try again",
  ),
  "passkey/no-prf": error(
    "This passkey cannot unlock: it lacks the part that makes a key (PRF).",
    "Nothing was changed. Your passphrase works. Another passkey, or another browser, may be able to.",
    "Close",
  ),
  "passkey/missing": error(
    "This browser, at this address, cannot use passkeys.",
    "Nothing was changed. Your passphrase works.",
    "Close",
  ),
  passkey: error("The passkey did not work.", "Nothing was changed. Your passphrase works.", "Try again"),
  "kit/foreign": error(
    "This is the kit of another folder.",
    "Nothing was changed. Look for the sheet of this folder.",
    "Try another sheet",
  ),
  "kit/drill": error(
    "Your recovery kit was not tried for more than a year.",
    "Open Me, then “How safe is my folder?”, and try it.",
    "Close",
  ),
  "device/linked": error(
    "A new device can now read and write your folder: {}.",
    "If that was not you, open Me, then Devices, and remove it.",
    "Close",
  ),
  "device/removed": error(
    "This device was removed from the folder on another of its devices.",
    "The folder is safe there. Your kit can bring it back here.",
    "Close",
  ),
  device: error("That device cannot be removed here.", safe, "Close"),
  "link/full": error("A folder can have four devices.", `${safe} Remove one first.`, "Close"),
  "link/writer": error(
    "Only the device that made the folder, or brought it back with the kit, can do this.",
    safe,
    "Close",
  ),
  link: error("The device could not be linked.", `${safe} Nothing was given.`, "Try again"),
  "fork/grant": error(
    "Two of your devices changed one sharing at once.",
    "Sharing stopped to be safe. Share again.",
    "Close",
  ),
}
