import { error } from "#i18n/error.ts"
import { plural } from "#i18n/plural.ts"

const count = plural("en")

export const admission = {
  title: "Being let in",
  lead: "This network belongs to clinics. One of them has to let you in before your folder can be sent. They learn no name and see no record: only a list of numbers.",
  keepOpen: "Keep this page open until you have their answer. If you leave it, a new list is needed.",
  give: "1. Give this list to your clinic",
  giveText: "Save it as a file, or copy it into a message to the desk that asked you to use Anamnesis.",
  list: "Your list",
  save: "Save the list",
  copy: "Copy the list",
  copied: "The list is copied.",
  answer: "2. Bring in their answer",
  answerHint: "Paste the lines that they sent back, or choose the file.",
  lines: "The lines they sent",
  file: "Choose the file",
  take: "Let me in",
  taken: (n: number) => count(n, { one: "# line taken in.", other: "# lines taken in." }),
  left: (grants: number, devices: number) =>
    `${count(grants, { one: "You can begin # more sharing", other: "You can begin # more sharings" })}, ${count(devices, { one: "and set up # more device.", other: "and set up # more devices." })}`,
  more: "Ask for more",
  enough: "You have as many as this device can hold.",
  open: "This network lets everybody in. There is nothing to do here.",
  me: "Being let in by a clinic",
  meText: "Each new sharing uses up one of the passes that your clinic gave you.",
  toStock: "See what is left",
  clinic: "For the clinic: sign the list with",
}

export const admissionNotices = {
  "admission/needed":
    "Your clinic has not let this device in yet. Everything is saved here and waits. See Me, then “Being let in”.",
}

const kept = "Nothing was changed."

export const admissionErrors = {
  admission: error(
    "The network did not let this in: {}.",
    "It is saved on this device and waits.",
    "Try again",
  ),
  "admission/guest": error(
    "Your clinic has not let this device in yet.",
    "Everything is saved on this device and waits.",
    "Try again",
  ),
  "admission/none": error(
    "You have no pass left for a new sharing. Ask your clinic for more under Me, “Being let in”.",
    "Nothing was shared.",
    "Go back",
  ),
  "admission/format": error("Line {} is not a clinic’s answer.", kept, "Check the lines"),
  "admission/invalid": error(
    "Line {} was not signed by a member of this network for this device, or its time is over.",
    kept,
    "Check the lines",
  ),
  "admission/other": error(
    "This answer is for another list. Perhaps the page was opened anew since.",
    kept,
    "Check the lines",
  ),
  "create/relay": error(
    "We could not reach the relay. It is needed once, to see whether a clinic has to let you in.",
    "Nothing was stored or sent.",
    "Try again",
  ),
}
