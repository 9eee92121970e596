import * as v from "valibot"
import type { Node } from "#ui/json.ts"
import { Digits, plain } from "./plain.ts"
import type { Kind } from "./spec.ts"

export interface Code {
  readonly system: string
  readonly code: string
  readonly display: string
}

/** A number with its unit, as received; number is "" where only a word or a unit stands. */
export interface Amount {
  readonly comparator: string
  readonly number: string
  readonly unit: string
}

export interface Attached {
  readonly mediaType: string
  readonly title: string
  readonly url: string
  /** Base64 as received, "" when the file is kept elsewhere. */
  readonly data: string
  readonly language: string
  readonly created: string
  readonly size: string
}

/** What a person reads of one value. Every text is as received; what is said around it are the page's words. */
export type Value =
  | { readonly kind: "text"; readonly text: string; readonly more: readonly string[] }
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "yes"; readonly yes: boolean }
  | { readonly kind: "concept"; readonly text: string; readonly codes: readonly Code[] }
  | { readonly kind: "amounts"; readonly amounts: readonly Amount[]; readonly between: "to" | "per" | "" }
  | { readonly kind: "when"; readonly from: string; readonly to: string; readonly span: boolean }
  | { readonly kind: "every"; readonly every: Every }
  | { readonly kind: "said"; readonly text: string; readonly who: string; readonly when: string }
  | { readonly kind: "reference"; readonly text: string; readonly to: string }
  | { readonly kind: "attachment"; readonly file: Attached }
  | { readonly kind: "narrative"; readonly markup: string }
  | { readonly kind: "lines"; readonly lines: readonly Line[] }
  | { readonly kind: "raw"; readonly node: Node }

/** One named line of a record. */
export interface Line {
  readonly name: string
  readonly values: readonly Value[]
}

/** How often: "2 to 3 times every 1 day". */
export interface Every {
  readonly times: string
  readonly timesMax: string
  readonly period: string
  readonly periodMax: string
  readonly unit: string
}

/** The first text that says something, or "". */
export const said = (...texts: readonly (string | undefined)[]): string =>
  texts.find((each) => each !== undefined && each !== "") ?? ""

const text = v.optional(v.string(), "")
const digits = v.optional(
  v.pipe(
    v.instance(Digits),
    v.transform((d) => d.text),
  ),
  new Digits(""),
)
const several = <S extends v.GenericSchema>(of: S) => v.optional(v.array(of), [])

const codingShape = v.object({ system: text, code: text, display: text })
const conceptShape = v.object({ text, coding: several(codingShape) })
const amountShape = v.object({ comparator: text, value: digits, unit: text, code: text, currency: text })
const periodShape = v.object({ start: text, end: text })
const identifierShape = v.object({
  value: text,
  system: text,
  use: text,
  type: v.optional(conceptShape),
  period: v.optional(periodShape),
  assigner: v.optional(v.object({ display: text })),
})
const referenceShape = v.object({
  reference: text,
  display: text,
  type: text,
  identifier: v.optional(v.object({ value: text })),
})

/** text → display → code. Source: app.md §10. */
function conceptOf(concept: v.InferOutput<typeof conceptShape>): Value | null {
  const codes = concept.coding.filter((each) => each.display !== "" || each.code !== "")
  const named = codes.find((each) => each.display !== "")
  const words = said(concept.text, named?.display, codes[0]?.code)
  return words === "" ? null : { kind: "concept", text: words, codes }
}

const amountOf = (raw: v.InferOutput<typeof amountShape>): Amount => ({
  comparator: raw.comparator,
  number: raw.value,
  unit: said(raw.unit, raw.code, raw.currency),
})

const isAmount = (amount: Amount | undefined): amount is Amount =>
  amount !== undefined && amount.number !== ""

function amounts(all: readonly (Amount | undefined)[], between: "to" | "per" | ""): Value | null {
  const there = all.filter((each) => each !== undefined)
  return there.some(isAmount) ? { kind: "amounts", amounts: there, between } : null
}

/** A range with one end is "at least" or "at most" it; one unit is said once. */
function rangeOf(low: Amount | undefined, high: Amount | undefined): Value | null {
  if (!isAmount(high)) return isAmount(low) ? amounts([{ ...low, comparator: "≥" }], "") : null
  if (!isAmount(low)) return amounts([{ ...high, comparator: "≤" }], "")
  return amounts([low.unit === high.unit ? { ...low, unit: "" } : low, high], "to")
}

const joined = (parts: readonly (string | null)[], by: string): string =>
  parts.filter((part) => part !== null && part !== "").join(by)

const saying = (words: string, more: readonly string[] = []): Value | null =>
  words === "" ? null : { kind: "text", text: words, more: more.filter((each) => each !== "") }

const maybeAmount = v.optional(v.pipe(amountShape, v.transform(amountOf)))
const parts = v.optional(v.array(v.nullable(v.string())), [])

/** Every data type: its shape, and what is read of it; null when it holds nothing to read. */
const shapes = {
  address: v.pipe(
    v.object({
      text,
      line: parts,
      city: text,
      district: text,
      state: text,
      postalCode: text,
      country: text,
      use: text,
      type: text,
      period: v.optional(periodShape),
    }),
    v.transform((a) =>
      saying(
        said(
          a.text,
          joined([...a.line, joined([a.postalCode, a.city], " "), a.district, a.state, a.country], ", "),
        ),
        [a.use, a.type],
      ),
    ),
  ),
  amount: v.pipe(
    amountShape,
    v.transform((a) => amounts([amountOf(a)], "")),
  ),
  annotation: v.pipe(
    v.object({
      text,
      time: text,
      authorString: text,
      authorReference: v.optional(referenceShape),
    }),
    v.transform((a): Value | null =>
      a.text === ""
        ? null
        : {
            kind: "said",
            text: a.text,
            who: said(a.authorString, a.authorReference?.display, a.authorReference?.reference),
            when: a.time,
          },
    ),
  ),
  attachment: v.pipe(
    v.object({
      contentType: text,
      title: text,
      url: text,
      data: text,
      language: text,
      creation: text,
      size: digits,
      hash: text,
    }),
    v.transform((a): Value | null =>
      a.data === "" && a.url === "" && a.title === ""
        ? null
        : {
            kind: "attachment",
            file: {
              mediaType: a.contentType,
              title: a.title,
              url: a.url,
              data: a.data,
              language: a.language,
              created: a.creation,
              size: a.size,
            },
          },
    ),
  ),
  code: v.pipe(
    v.string(),
    v.transform((code): Value | null => (code === "" ? null : { kind: "code", code })),
  ),
  coding: v.pipe(
    codingShape,
    v.transform((one) => conceptOf({ text: "", coding: [one] })),
  ),
  concept: v.pipe(conceptShape, v.transform(conceptOf)),
  contact: v.pipe(
    v.object({ value: text, system: text, use: text, rank: digits, period: v.optional(periodShape) }),
    v.transform((c) => saying(c.value, [c.system, c.use])),
  ),
  identifier: v.pipe(
    identifierShape,
    v.transform((i) => {
      const type = i.type === undefined ? null : conceptOf(i.type)
      return saying(i.value, [
        type?.kind === "concept" ? type.text : "",
        i.assigner?.display ?? "",
        i.system,
        i.use,
      ])
    }),
  ),
  name: v.pipe(
    v.object({
      text,
      family: text,
      given: parts,
      prefix: parts,
      suffix: parts,
      use: text,
      period: v.optional(periodShape),
    }),
    v.transform((n) =>
      saying(said(n.text, joined([...n.prefix, ...n.given, n.family, ...n.suffix], " ")), [n.use]),
    ),
  ),
  narrative: v.pipe(
    v.object({ div: v.string(), status: text }),
    v.transform((n): Value | null => (n.div === "" ? null : { kind: "narrative", markup: n.div })),
  ),
  number: v.pipe(
    v.instance(Digits),
    v.transform((d): Value | null => ({ kind: "number", text: d.text })),
  ),
  period: v.pipe(
    periodShape,
    v.transform((p): Value | null =>
      p.start === "" && p.end === "" ? null : { kind: "when", from: p.start, to: p.end, span: true },
    ),
  ),
  range: v.pipe(
    v.object({ low: maybeAmount, high: maybeAmount }),
    v.transform((r) => rangeOf(r.low, r.high)),
  ),
  ratio: v.pipe(
    v.object({ numerator: maybeAmount, denominator: maybeAmount }),
    v.transform((r) => amounts([r.numerator, r.denominator], "per")),
  ),
  reference: v.pipe(
    referenceShape,
    v.transform((r): Value | null => {
      const words = said(r.display, r.reference, r.identifier?.value)
      return words === "" ? null : { kind: "reference", text: words, to: r.reference }
    }),
  ),
  repeat: v.pipe(
    v.object({
      frequency: digits,
      frequencyMax: digits,
      period: digits,
      periodMax: digits,
      periodUnit: text,
    }),
    v.transform((r): Value | null =>
      r.period === ""
        ? null
        : {
            kind: "every",
            every: {
              times: r.frequency,
              timesMax: r.frequencyMax,
              period: r.period,
              periodMax: r.periodMax,
              unit: r.periodUnit,
            },
          },
    ),
  ),
  text: v.pipe(
    v.string(),
    v.transform((words) => saying(words)),
  ),
  when: v.pipe(
    v.string(),
    v.transform((at): Value | null => (at === "" ? null : { kind: "when", from: at, to: "", span: false })),
  ),
  yes: v.pipe(
    v.boolean(),
    v.transform((yes): Value | null => ({ kind: "yes", yes })),
  ),
} satisfies Record<Exclude<Kind, "choice">, v.GenericSchema<unknown, Value | null>>

/** The value of node read as kind; raw, as received, when it has another shape or nothing to read. */
export function valueOf(kind: Exclude<Kind, "choice">, node: Node): Value {
  const schema: v.GenericSchema<unknown, Value | null> = shapes[kind]
  const parsed = v.safeParse(schema, plain(node))
  return parsed.success && parsed.output !== null ? parsed.output : { kind: "raw", node }
}
