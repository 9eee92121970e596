import { plural } from "#i18n/plural.ts"

const count = plural("en")

/** Results over time, and the newest of them on the first screen. */
export const trend = {
  latest: "Latest results",
  all: "All results",
  allTitle: "Results, one card for each test",
  none: "There is no test result in this folder yet.",
  how: "How it changed",
  title: (name: string) => `How it changed: ${name}`,
  looking: (done: string, total: string) => `Looking through the results: ${done} of ${total}`,
  open: "Open the record",
  sentence: (n: number, from: string, to: string) =>
    count(n, { one: `# result, from ${from}.`, other: `# results, from ${from} to ${to}.` }),
  ends: (low: string, high: string) => `Lowest ${low}, highest ${high}.`,
  higher: (now: string, before: string) => `The latest is ${now}: higher than ${before} before it.`,
  lower: (now: string, before: string) => `The latest is ${now}: lower than ${before} before it.`,
  same: (now: string) => `The latest is ${now}: the same as before it.`,
  only: (now: string) => `It is ${now}.`,
  key: "○ outside the usual range · ● in it, or not known",
  shaded: "The shaded band is the usual range given with the latest result.",
  notDrawn: (n: number) =>
    count(n, {
      one: "# result has no single number or no date. It stands in the table only.",
      other: "# results have no single number or no date. They stand in the table only.",
    }),
  units: "The results come in different units. Each unit has its own chart, so that nothing is mixed.",
  table: "The same as a table",
  when: "When",
  value: "Result",
  range: "Against the usual range",
  undated: "No date",
  state: "State",
  more: (n: number) => count(n, { one: "Show # more", other: "Show # more" }),
  moreTests: "Show more tests",
  notATest: "This record is not a test result, so there is nothing to compare it with.",
}
