import { plural } from "#i18n/plural.ts"

const count = plural("en")

/** The one-page summary of a folder. */
export const summary = {
  title: "Summary on one page",
  open: "Summary",
  print: "Print",
  printNow: "Print summary",
  of: (name: string) => `Health summary of ${name}`,
  born: (date: string) => `Born ${date}`,
  made: (date: string) => `Made on ${date} from the records in this folder.`,
  only: "It shows only what is recorded here. Anything that nobody recorded is not on it.",
  sections: {
    problems: "Problems",
    allergies: "Allergies",
    medicines: "Medicines",
    vaccines: "Vaccines",
    results: "Latest results",
    procedures: "Operations and procedures",
  },
  nothing: "Nothing recorded here",
  past: "Over, stopped or not known to go on",
  older: (n: number) => count(n, { one: "and # older record of it", other: "and # older records of it" }),
  more: (n: number) =>
    count(n, {
      one: "# more is in the folder, not on this page.",
      other: "# more are in the folder, not on this page.",
    }),
  leftOut: (n: number) =>
    count(n, {
      one: "# record is left out: it was entered by mistake, ruled out, or not done.",
      other: "# records are left out: they were entered by mistake, ruled out, or not done.",
    }),
  unopened: (n: number) =>
    count(n, {
      one: "# record of this folder is not opened, so it is not on this page.",
      other: "# records of this folder are not opened, so they are not on this page.",
    }),
  unread: "could not be read; open the record",
  reading: (done: string) => `Reading the records: ${done}`,
}
