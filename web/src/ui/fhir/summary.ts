/** What a one-page summary says of a resource, after the International Patient Summary: its facts, and whether it goes on. */
import type { ObjectNode } from "#ui/json.ts"
import { itemsOf, memberOf, textOf } from "./plain.ts"
import { linesOf } from "./read.ts"
import { type Result, resultOf } from "./result.ts"
import { seriousOf } from "./serious.ts"
import type { Spec } from "./spec.ts"
import { type Line, valueOf } from "./values.ts"

export type SectionName = "problems" | "allergies" | "medicines" | "vaccines" | "results" | "procedures"

/** The sections in reading order, and the types each is made of. Source: HL7 IPS, required and recommended sections. */
export const sections: readonly (readonly [SectionName, readonly string[]])[] = [
  ["problems", ["Condition"]],
  ["allergies", ["AllergyIntolerance"]],
  ["medicines", ["MedicationRequest", "MedicationStatement"]],
  ["vaccines", ["Immunization"]],
  ["results", ["Observation"]],
  ["procedures", ["Procedure"]],
]

export interface Summed {
  readonly lines: readonly Line[]
  readonly result: Result | null
  /** now: it goes on. past: it is over, or does not say. out: left out, because it did not happen or is no fact. */
  readonly state: "now" | "past" | "out"
  /** A medicine that must not be taken is said so on its line. */
  readonly forbidden: boolean
}

const facts: Readonly<Record<string, Spec>> = {
  Condition: {
    clinicalStatus: "concept",
    verificationStatus: "concept",
    "onset[x]": "choice",
    "abatement[x]": "choice",
  },
  AllergyIntolerance: {
    criticality: "code",
    clinicalStatus: "concept",
    verificationStatus: "concept",
    reaction: { manifestation: "concept", severity: "code" },
  },
  MedicationRequest: { dosageInstruction: { text: "text" }, status: "code", authoredOn: "when" },
  MedicationStatement: { dosage: { text: "text" }, status: "code", "effective[x]": "choice" },
  Immunization: { "occurrence[x]": "choice", protocolApplied: { "doseNumber[x]": "choice" } },
  Observation: { "effective[x]": "choice" },
  Procedure: { "performed[x]": "choice", status: "code" },
}

/** Parts opened out, and only what is said in words: a summary shows no codes and nothing raw. */
function flat(lines: readonly Line[]): readonly Line[] {
  return lines.flatMap((line) => {
    const inner = line.values.flatMap((value) => (value.kind === "lines" ? flat(value.lines) : []))
    const said = line.values.filter((value) => value.kind !== "lines" && value.kind !== "raw")
    return [...(said.length > 0 ? [{ name: line.name, values: said }] : []), ...inner]
  })
}

const going = new Set([
  "active",
  "recurrence",
  "relapse",
  "on-hold",
  "intended",
  "in-progress",
  "preparation",
])

function stateOf(node: ObjectNode): "now" | "past" | "out" {
  const serious = seriousOf(node)
  const untrue = ["mistake", "calledOff", "refuted", "notDone", "notTaken"] as const
  if (untrue.some((name) => serious.includes(name))) return "out"
  const clinical = itemsOf(memberOf(node, "clinicalStatus")).flatMap((item) => {
    const value = valueOf("concept", item)
    return value.kind === "concept" ? value.codes.map((code) => code.code) : []
  })
  const said = [...clinical, textOf(node, "status")]
  return said.some((code) => going.has(code)) ? "now" : "past"
}

/** Whether a section tells what goes on from what is over; the others are events and simply happened. */
export const goesOn = (section: SectionName): boolean =>
  section === "problems" || section === "allergies" || section === "medicines"

/** Reads one resource for the summary; null when its type has no place there. */
export function summed(node: ObjectNode): Summed | null {
  const type = textOf(node, "resourceType")
  const spec = Object.hasOwn(facts, type) ? facts[type] : undefined
  if (spec === undefined) return null
  const wanted = new Set(Object.keys(spec).map((name) => name.replace("[x]", "")))
  const lines = flat(linesOf(spec, node).filter((line) => wanted.has(line.name)))
  return {
    lines,
    result: type === "Observation" ? resultOf(node) : null,
    state: stateOf(node),
    forbidden: seriousOf(node).includes("doNot"),
  }
}
