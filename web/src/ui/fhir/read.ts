import type { Node, ObjectNode } from "#ui/json.ts"
import { labelOf } from "./labels.ts"
import { itemsOf, memberOf } from "./plain.ts"
import { type Kind, type Spec, parts, specs } from "./spec.ts"
import { type Line, type Value, valueOf } from "./values.ts"

/** How element[x] is read, by what follows its name. Source: HL7 FHIR R4, choice of data types. */
const choices: Readonly<Record<string, Exclude<Kind, "choice"> | Spec>> = {
  Address: "address",
  Age: "amount",
  Annotation: "annotation",
  Attachment: "attachment",
  Boolean: "yes",
  Canonical: "text",
  Code: "code",
  CodeableConcept: "concept",
  Coding: "coding",
  ContactPoint: "contact",
  Count: "amount",
  Date: "when",
  DateTime: "when",
  Decimal: "number",
  Distance: "amount",
  Dosage: parts.dosage,
  Duration: "amount",
  HumanName: "name",
  Id: "text",
  Identifier: "identifier",
  Instant: "when",
  Integer: "number",
  Markdown: "text",
  Money: "amount",
  Period: "period",
  PositiveInt: "number",
  Quantity: "amount",
  Range: "range",
  Ratio: "ratio",
  Reference: "reference",
  String: "text",
  Time: "text",
  Timing: parts.timing,
  UnsignedInt: "number",
  Uri: "text",
  Url: "text",
}

/** What stands under All details alone: how the record is filed, not what it says. */
const quiet = new Set([
  "resourceType",
  "id",
  "meta",
  "text",
  "language",
  "implicitRules",
  "contained",
  "extension",
  "modifierExtension",
])

interface Found {
  readonly key: string
  readonly node: Node
  readonly how: Exclude<Kind, "choice"> | Spec
}

/** The members that an element of a spec names: itself, or every element[x] with a known type. */
function found(node: ObjectNode, element: string, how: Kind | Spec): readonly Found[] {
  if (how !== "choice") {
    const value = memberOf(node, element)
    return value === undefined ? [] : [{ key: element, node: value, how }]
  }
  const base = element.replace("[x]", "")
  return node.members.flatMap(({ key, value }) => {
    const type = key.startsWith(base) ? key.slice(base.length) : ""
    return Object.hasOwn(choices, type) ? [{ key, node: value, how: choices[type] ?? "text" }] : []
  })
}

function read(how: Exclude<Kind, "choice"> | Spec, node: Node): readonly Value[] {
  if (how === "repeat") return repeated(node)
  if (typeof how === "string") return [valueOf(how, node)]
  if (node.kind !== "object") return [{ kind: "raw", node }]
  const lines = linesOf(how, node)
  return lines.length === 0 ? [] : [{ kind: "lines", lines }]
}

/** A part whose only line bears the same label as itself is that line's values: no "Dose" inside "Dose". */
function unwrapped(name: string, values: readonly Value[]): readonly Value[] {
  const [only] = values
  if (values.length !== 1 || only?.kind !== "lines") return values
  const [line] = only.lines
  const same =
    line !== undefined &&
    (line.name === "text" || (labelOf(line.name) !== undefined && labelOf(line.name) === labelOf(name)))
  return only.lines.length === 1 && same ? line.values : values
}

/** A repeat is its sentence, when it has one, and its other elements. */
function repeated(node: Node): readonly Value[] {
  if (node.kind !== "object") return [{ kind: "raw", node }]
  const sentence = valueOf("repeat", node)
  const said = sentence.kind === "every"
  const spoken = new Set(said ? ["frequency", "frequencyMax", "period", "periodMax", "periodUnit"] : [])
  const lines = linesOf(parts.repeat, node, spoken)
  return [...(said ? [sentence] : []), ...(lines.length === 0 ? [] : [{ kind: "lines", lines } as const])]
}

/**
 * The lines of a resource or of a part of one: what spec names, in its order, and then every member that it does
 * not name, raw. Source: standards.md §1 rule 3.
 */
export function linesOf(
  spec: Spec,
  node: ObjectNode,
  spoken: ReadonlySet<string> = new Set(),
): readonly Line[] {
  const seen = new Set<string>(spoken)
  const lines: Line[] = []
  for (const [element, how] of Object.entries(spec)) {
    for (const { key, node: value, how: kind } of found(node, element, how)) {
      if (seen.has(key)) continue
      seen.add(key)
      const name = element.replace("[x]", "")
      const values = itemsOf(value).flatMap((item) => unwrapped(name, read(kind, item)))
      if (values.length > 0) lines.push({ name, values })
    }
  }
  for (const { key, value } of node.members) {
    if (seen.has(key) || quiet.has(key)) continue
    lines.push({ name: key, values: [{ kind: "raw", node: value }] })
  }
  return lines
}

/** The spec of a resource's type, or undefined when only the tree shows it. */
export function specFor(type: string): Spec | undefined {
  return Object.hasOwn(specs, type) ? specs[type] : undefined
}
