import { error } from "#i18n/error.ts"
import { plural } from "#i18n/plural.ts"

const count = plural("en")
const nothingShared = "Nothing was shared."

/** Waiting links, what a reader will see, and what follows a sharing. */
export const sharing = {
  link: "Create a link to send",
  codeNow: "Show a code now",
  linkTitle: "Send this link",
  linkLead: "Send it to one person: by mail, message or on paper. It works once, for 7 days.",
  linkNext:
    "When they have opened it, you see “Needs you” here. Then phone each other and compare. Nothing is shared before that.",
  linkOffline: "You are offline: the link works once this device has been connected.",
  send: "Send",
  saved: "The link is saved on this device. You can close this page.",
  waiting: "Links that wait",
  waitingFor: (sections: string) => `A link to ${sections}`,
  made: (time: string) => `Made ${time}`,
  ends: (time: string) => `Works until ${time}`,
  show: "Show the link",
  takeBack: "Take it back",
  takeBackConfirm: "Press again to take it back",
  takenBack: "Taken back. It opens nothing any more.",
  putAway: "Put away",
  steps: {
    waiting: "Not opened yet",
    noone: "Not opened yet",
    compare: "Opened: compare by phone",
    confirmed: "You said they match. Waiting for the other side.",
    done: "Shared",
    burnt: "Destroyed: somebody else tried it. Nothing was shared.",
    expired: "The 7 days are over. Nothing was shared.",
    refused: "Ended by the other side. Nothing was shared.",
    failed: "It did not work. Nothing was shared.",
  },
  phone: (name: string) => `Phone ${name} and compare`,
  phoneLead:
    "Phone them on a number that you know, not one that came with the link. Read the digits aloud, or name the pictures. If they differ, press No match.",
  willGive: "When you both say they match, they get:",
  replaces: (sections: string, time: string) =>
    `You already share with this person: ${sections}, until ${time}. The new sharing replaces it.`,
  keptTitle: "Your side is ready",
  kept: "Their device answers next, when it is unlocked and online. Then you phone each other and compare, and both press They match.",
  keptClose: "You can close this page. Come back within 7 days: you will see “Needs you”.",
  keptRow: "A folder somebody wants to share with you",
  keptSteps: {
    waiting: "Waiting for their device",
    noone: "Waiting for their device",
    compare: "Their device has answered: compare by phone",
    confirmed: "You said they match. Waiting for the other side.",
    done: "Shared with you",
    burnt: "Destroyed: somebody else tried the link. Nothing was shared.",
    expired: "The link's time is over. Ask for a new one.",
    refused: "The other side ended it. Nothing was shared.",
    failed: "It did not work. Ask for a new link.",
  },
  leave: "Remove",
  toPatients: "Done",
  ended: {
    "meet/no-match":
      "The other side saw something else and pressed No match. Nothing was shared. Make a new code.",
    "meet/left": "The other side left. Nothing was shared.",
  },
  expiredAt: (time: string) => `This code stopped working at ${time}. Nothing was shared. Make a new one.`,
  guestNote: "Guest, not accredited: nobody but this comparison says who they are.",
  seeEverything: "Everything in these sections, also what is added later",
  seeChosen: "Only records that I choose",
  seeCount: (n: number) => count(n, { one: "# record", other: "# records", zero: "No records" }),
  seeNone: "No records in this section yet.",
  seeMore: "Show more",
  chosen: (n: number) =>
    count(n, { one: "# record chosen", other: "# records chosen", zero: "No record chosen" }),
  chosenMissing: "Choose at least one record, or share whole sections.",
  chosenMost: (n: number) => count(n, { other: "At most # records. Share the whole section instead." }),
  chosenNote: "They see these and nothing that is added later.",
  records: (n: number) => count(n, { one: "# chosen record", other: "# chosen records" }),
  times: { today: "Until midnight today", date: "Until a date" },
  date: "Last day",
  dateHint: "For example 27 3 2027, at most a year from now",
  dateWrong: "Enter a day from today on, at most a year ahead.",
  linkHours: "By link, the time begins when you both say they match.",
  offlineNote:
    "What they have opened stays on their screen, also without a connection, until they lock, the time ends, or they hear that you stopped.",
  endsSoon: "Ends within a day.",
  again: "Ask them to share again",
  againLead: "Send this to the owner. It opens their own Share screen, and gives you nothing by itself.",
  againText: (link: string) => `Please share your health folder with me again: ${link}`,
  againCopy: "Copy the message",
  scan: "Scan the code",
  scanOther: "This is not a code for sharing. Scan the one on the owner's screen.",
}

export const sharingNotices = {
  "grant/ending": "Sharing with {} ends within a day.",
  "grant/ends": "The time that {} gave you ends within a day. Open what you still need, or ask again.",
}

export const sharingErrors = {
  "meet/used": error(
    "Somebody has opened this link already. It works once.",
    "Nothing was shared with you, and the first reader is not disturbed.",
    "Ask for a new link",
  ),
  "meet/links": error(
    "There are {} links waiting already.",
    "The others go on waiting.",
    "Take one back first",
  ),
  "grant/records": error(
    "A chosen record is not in the chosen sections, or not in the folder any more.",
    nothingShared,
    "Choose again",
  ),
}
