/** Whether resources keep the rules of FHIR R4, for the kinds whose rules are here. Nothing is refused for it. */
import { type OperationOutcomeError, indexStructureDefinitionBundle, validateResource } from "@medplum/core"
import { definitions } from "virtual:definitions"
import type { Warning } from "./found.ts"
import { listOf, objectOf, stringOf } from "./json.ts"
import { warningsMax } from "./limits.ts"

let ready = false

/** What is wrong with the index-th resource, in the validator's words; empty when nothing is, or its kind is not known here. */
export function warningsFor(resource: unknown, index: number): Warning[] {
  if (!ready) {
    indexStructureDefinitionBundle(definitions)
    ready = true
  }
  if (!definitions.some((each) => each.name === objectOf(resource)["resourceType"])) return []
  try {
    validateResource(resource as Parameters<typeof validateResource>[0])
    return []
  } catch (thrown) {
    return issuesOf(thrown).map((text) => ({ index, text }))
  }
}

function issuesOf(thrown: unknown): string[] {
  const outcome = objectOf((thrown as Partial<OperationOutcomeError>).outcome)
  return listOf(outcome["issue"])
    .map(objectOf)
    .map((issue) => [
      stringOf(objectOf(issue["details"])["text"]),
      listOf(issue["expression"]).map(stringOf).join(", "),
    ])
    .filter(([text = ""]) => text !== "" && !text.startsWith("Unknown data type")) // of a contained resource whose rules are not here
    .slice(0, warningsMax)
    .map(([text = "", where = ""]) => (where === "" ? text : `${where}: ${text}`))
}
