import type { Node, ObjectNode } from "#ui/json.ts"
import { itemsOf, memberOf, textOf } from "./plain.ts"
import { valueOf } from "./values.ts"

/** What must be read before anything else of a record. */
export type Serious =
  "mistake" | "calledOff" | "refuted" | "notDone" | "notTaken" | "doNot" | "early" | "modifier"

function codesOf(node: ObjectNode, key: string): readonly string[] {
  const value = memberOf(node, key)
  if (value?.kind === "string") return [value.text]
  return itemsOf(value).flatMap((item) => {
    const concept = valueOf("concept", item)
    return concept.kind === "concept" ? concept.codes.map((code) => code.code) : []
  })
}

const isTrue = (node: Node | undefined): boolean => node?.kind === "word" && node.text === "true"

/** FHIR forbids to read past a modifierExtension that one does not know, wherever it stands in the resource. */
function hasModifier(node: Node, root: boolean): boolean {
  if (node.kind === "array") return node.items.some((item) => hasModifier(item, false))
  if (node.kind !== "object") return false
  return node.members.some(
    ({ key, value }) =>
      key === "modifierExtension" || (!(root && key === "contained") && hasModifier(value, false)),
  )
}

/** Source: HL7 FHIR R4, elements that are modifiers ("?!") of the types shown. */
export function seriousOf(node: ObjectNode): readonly Serious[] {
  const state = [...codesOf(node, "status"), ...codesOf(node, "lifecycleStatus")]
  const sure = codesOf(node, "verificationStatus")
  const all: readonly [Serious, boolean][] = [
    ["mistake", [...state, ...sure, ...codesOf(node, "docStatus")].includes("entered-in-error")],
    ["refuted", sure.includes("refuted")],
    ["calledOff", state.includes("cancelled")],
    ["notDone", state.includes("not-done")],
    ["notTaken", state.includes("not-taken")],
    ["doNot", isTrue(memberOf(node, "doNotPerform"))],
    ["early", [...state, ...codesOf(node, "docStatus")].includes("preliminary")],
    ["modifier", hasModifier(node, true)],
  ]
  return all.flatMap(([name, holds]) => (holds ? [name] : []))
}

/** The type of a resource, as received. */
export const typeOf = (node: ObjectNode): string => textOf(node, "resourceType")
