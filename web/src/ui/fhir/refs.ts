import type { Node, ObjectNode } from "#ui/json.ts"
import { memberOf, textOf } from "./plain.ts"

/** A literal reference taken apart; type is "" for "urn:uuid:…". */
export interface Target {
  readonly type: string
  readonly id: string
}

/** What a reference points at: "Observation/f206", "https://…/Observation/f206/_history/1", "urn:uuid:…". */
export function targetOf(reference: string): Target | null {
  const urn = /^urn:(?:uuid|oid):(\S+)$/i.exec(reference)?.[1]
  if (urn !== undefined) return { type: "", id: urn }
  const [, type, id] =
    /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(reference) ?? []
  return type === undefined || id === undefined ? null : { type, id }
}

/** Every literal reference in a resource, once each, at most max; those to its own parts are left out. */
export function referencesIn(node: ObjectNode, max: number): readonly string[] {
  const found = new Set<string>()
  const open: Node[] = [node]
  for (let next = open.pop(); next !== undefined && found.size < max; next = open.pop()) {
    if (next.kind === "array") open.push(...[...next.items].reverse())
    if (next.kind !== "object") continue
    for (const { key, value } of [...next.members].reverse()) {
      if (key === "reference" && value.kind === "string" && targetOf(value.text) !== null)
        found.add(value.text)
      else open.push(value)
    }
  }
  return [...found]
}

/** Whether a resource is what a target names: the last part of an address is the resource's id. */
export function isTarget(node: ObjectNode, target: Target): boolean {
  const id = memberOf(node, "id")
  const type = textOf(node, "resourceType")
  return id?.kind === "string" && id.text === target.id && (target.type === "" || type === target.type)
}
