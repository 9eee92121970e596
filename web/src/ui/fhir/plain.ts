import type { Node, ObjectNode } from "#ui/json.ts"

/** A number's characters as received: "1.00" stays "1.00". Source: standards.md §1. */
export class Digits {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A JSON value to check the shape of. */
export type Plain = string | boolean | null | Digits | readonly Plain[] | { readonly [key: string]: Plain }

/** The value of a node. A member that occurs twice keeps its last value; the tree under All details has both. */
export function plain(node: Node): Plain {
  switch (node.kind) {
    case "string":
      return node.text
    case "number":
      return new Digits(node.text)
    case "word":
      return node.text === "null" ? null : node.text === "true"
    case "array":
      return node.items.map(plain)
    case "object":
      return Object.fromEntries(node.members.map(({ key, value }) => [key, plain(value)])) // "__proto__" too is a mere member
  }
}

/** The node of a member, or undefined. */
export function memberOf(node: ObjectNode, key: string): Node | undefined {
  return node.members.find((each) => each.key === key)?.value
}

/** A string member's text, or "". */
export function textOf(node: ObjectNode, key: string): string {
  const found = memberOf(node, key)
  return found?.kind === "string" ? found.text : ""
}

/** The node's items, or the node alone: FHIR's lists and single values are read alike. */
export function itemsOf(node: Node | undefined): readonly Node[] {
  if (node === undefined) return []
  return node.kind === "array" ? node.items : [node]
}
