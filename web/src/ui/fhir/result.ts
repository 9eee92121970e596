/** A test result: what an Observation, or one of its components, says. */
import type { Node, ObjectNode } from "#ui/json.ts"
import { itemsOf, memberOf, textOf } from "./plain.ts"
import { type Amount, type Code, said, type Value, valueOf } from "./values.ts"
import { linesOf, specFor } from "./read.ts"

/** Where a value stands against the usual range: as the laboratory marked it, or by the one range given with it. */
export type Flag = "above" | "far-above" | "below" | "far-below" | "usual" | "outside"

export interface Result {
  readonly name: string
  readonly codes: readonly Code[]
  readonly value: Value | null
  /** The value as one amount with a number, to draw. */
  readonly amount: Amount | null
  /** Why there is no value, in its own words. */
  readonly absent: string
  readonly flag: Flag | null
  /** The laboratory's own mark, when it is not one of the flags: "resistant". */
  readonly marks: readonly Value[]
  readonly ranges: readonly UsualRange[]
  /** As received: effective, else issued. */
  readonly when: string
  readonly status: string
  /** HL7's code for the kind of observation: "laboratory", "vital-signs", …; "" when none is given. */
  readonly category: string
  readonly components: readonly Result[]
}

export interface UsualRange {
  readonly value: Value
  /** For whom or what, in the laboratory's words; "" when it is for this result as such. */
  readonly about: string
  /** For which ages, when it says so. */
  readonly age: Value | null
  readonly low: Amount | null
  readonly high: Amount | null
}

/** HL7 v3 ObservationInterpretation: what each code says of a usual range. */
const marks: Readonly<Record<string, Flag>> = {
  H: "above",
  HU: "above",
  HH: "far-above",
  L: "below",
  LU: "below",
  LL: "far-below",
  N: "usual",
  A: "outside",
  AA: "outside",
}

function interpreted(values: readonly Value[]): { flag: Flag | null; rest: readonly Value[] } {
  let flag: Flag | null = null
  const rest = values.filter((value) => {
    if (value.kind !== "concept") return true
    const known = value.codes
      .filter((code) => /interpretation/i.test(code.system))
      .map((code) => (Object.hasOwn(marks, code.code) ? marks[code.code] : undefined))
      .find((mark) => mark !== undefined)
    flag ??= known ?? null
    return known === undefined
  })
  return { flag, rest }
}

const amountIn = (value: Value | undefined): Amount | null => {
  const only = value?.kind === "amounts" && value.amounts.length === 1 ? value.amounts[0] : undefined
  return only !== undefined && only.number !== "" ? only : null
}

function rangeOf(node: Node): UsualRange | null {
  if (node.kind !== "object") return null
  const range = valueOf("range", node)
  const words = textOf(node, "text")
  const one = (key: string): Amount | null => {
    const end = memberOf(node, key)
    return end === undefined ? null : amountIn(valueOf("amount", end))
  }
  const about = ["type", "appliesTo"].flatMap((key) =>
    itemsOf(memberOf(node, key)).flatMap((item) => {
      const concept = valueOf("concept", item)
      const normal = concept.kind === "concept" && concept.codes.some((code) => code.code === "normal")
      return concept.kind === "concept" && !normal ? [concept.text] : []
    }),
  )
  const age = memberOf(node, "age")
  if (words !== "") about.push(words)
  const value: Value = range.kind === "amounts" ? range : { kind: "text", text: words, more: [] }
  if (range.kind !== "amounts" && words === "") return null
  return {
    value,
    about: about.join(", "),
    age: age === undefined ? null : valueOf("range", age),
    low: one("low"),
    high: one("high"),
  }
}

/** Compares only what may be compared: one plain range for this result, in the same unit, and a value without "<". */
function compared(amount: Amount | null, ranges: readonly UsualRange[]): Flag | null {
  const [range] = ranges
  if (amount?.comparator !== "" || range === undefined) return null
  if (ranges.length !== 1 || range.about !== "" || range.age !== null) return null
  const ends = [range.low, range.high].filter((end) => end !== null)
  if (ends.length === 0 || ends.some((end) => end.unit !== "" && end.unit !== amount.unit)) return null
  if (range.low !== null && Number(amount.number) < Number(range.low.number)) return "below"
  if (range.high !== null && Number(amount.number) > Number(range.high.number)) return "above"
  return "usual"
}

function valueIn(node: ObjectNode): Value | null {
  const line = linesOf({ "value[x]": "choice" }, node).find((each) => each.name === "value")
  return line?.values[0] ?? null
}

const first = (node: ObjectNode, key: string): Value | undefined => {
  const [item] = itemsOf(memberOf(node, key))
  return item === undefined ? undefined : valueOf("concept", item)
}

function whenOf(node: ObjectNode): string {
  const period = memberOf(node, "effectivePeriod")
  const span = period === undefined ? undefined : valueOf("period", period)
  const [from, to] = span?.kind === "when" ? [span.from, span.to] : []
  return said(
    textOf(node, "effectiveDateTime"),
    textOf(node, "effectiveInstant"),
    from,
    to,
    textOf(node, "issued"),
  )
}

function categoryOf(node: ObjectNode): string {
  const category = first(node, "category")
  const known =
    category?.kind === "concept"
      ? category.codes.find((code) => code.system.includes("observation-category"))
      : undefined
  return known?.code ?? ""
}

/** Reads an Observation, or a component of one. */
export function resultOf(node: ObjectNode): Result {
  const code = first(node, "code")
  const value = valueIn(node)
  const amount = amountIn(value ?? undefined)
  const ranges = itemsOf(memberOf(node, "referenceRange"))
    .map(rangeOf)
    .filter((range) => range !== null)
  const { flag, rest } = interpreted(
    itemsOf(memberOf(node, "interpretation")).map((item) => valueOf("concept", item)),
  )
  const absent = first(node, "dataAbsentReason")
  return {
    name: code?.kind === "concept" ? code.text : "",
    codes: code?.kind === "concept" ? code.codes : [],
    value,
    amount,
    absent: absent?.kind === "concept" ? absent.text : "",
    flag: flag ?? (rest.length > 0 ? null : compared(amount, ranges)),
    marks: rest,
    ranges,
    when: whenOf(node),
    status: textOf(node, "status"),
    category: categoryOf(node),
    components: itemsOf(memberOf(node, "component")).flatMap((each) =>
      each.kind === "object" ? [resultOf(each)] : [],
    ),
  }
}

/** The name of a resource in its own words: its title, its code, or what it is called; "" when it has none. */
export function titleOf(node: ObjectNode): string {
  const spec = specFor(textOf(node, "resourceType"))
  for (const key of [
    "title",
    "code",
    "vaccineCode",
    "medicationCodeableConcept",
    "name",
    "description",
    "type",
    "class",
  ]) {
    const [item] = itemsOf(memberOf(node, key))
    if (item === undefined) continue
    if (item.kind === "string" && item.text !== "") return item.text
    const how = key === "name" ? "name" : spec?.[key] === "coding" ? "coding" : "concept"
    const value = valueOf(how, item)
    if (value.kind === "concept" || value.kind === "text") return value.text
  }
  return ""
}

/** The members of an Observation that its headline has said in full; all others are lines below it. */
export function headlined(node: ObjectNode, result: Result): ReadonlySet<string> {
  const spoken = new Set<string>(["interpretation"])
  const value = node.members.find(({ key }) => /^value[A-Z]/.test(key))
  if (value !== undefined && result.value !== null) spoken.add(value.key)
  if (result.absent !== "" && result.value === null) spoken.add("dataAbsentReason")
  if (itemsOf(memberOf(node, "referenceRange")).length === result.ranges.length) spoken.add("referenceRange")
  if (itemsOf(memberOf(node, "component")).length === result.components.length) spoken.add("component")
  return spoken
}

/** Whether a result is a measurement: answers to questions about a life are records, but no test. */
export function isMeasured(result: Result): boolean {
  if (result.category === "social-history" || result.category === "survey") return false
  return result.value !== null || result.components.some((part) => part.value !== null)
}
