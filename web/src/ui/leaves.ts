/** The values of a JSON text by their paths: for comparing two versions, and for changing one in place. */
import { type Node, parseJSON } from "./json.ts"

/** A string, number or word of a JSON text and where it stands. */
export interface Leaf {
  /** Member names and places, such as "component.0.valueQuantity.value". */
  readonly path: string
  readonly kind: "string" | "number" | "word"
  /** A string's own text, anything else as received. */
  readonly text: string
  readonly start: number
  readonly end: number
}

/** More than any record that a person compares; the rest is not looked at. */
const leavesMax = 20_000

/** Every leaf of a JSON text in its order. @throws JSONError */
export function leaves(source: string): readonly Leaf[] {
  const out: Leaf[] = []
  const waiting: { node: Node; path: string }[] = [{ node: parseJSON(source), path: "" }]
  for (let next = waiting.pop(); next !== undefined && out.length < leavesMax; next = waiting.pop()) {
    const { node, path } = next
    const below = (name: string) => (path === "" ? name : `${path}.${name}`)
    if (node.kind === "object")
      for (const { key, value } of node.members.toReversed()) waiting.push({ node: value, path: below(key) })
    else if (node.kind === "array")
      for (const [place, item] of [...node.items.entries()].reverse())
        waiting.push({ node: item, path: below(String(place)) })
    else out.push({ path, kind: node.kind, text: node.text, start: node.start, end: node.end })
  }
  return out
}

/** One value of two versions that is not the same in both; undefined where a version lacks it. */
export interface Difference {
  readonly path: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** What differs between two JSON texts, in the order of the newer one, then what it lacks. @throws JSONError */
export function differences(before: string, after: string): readonly Difference[] {
  const old = new Map(leaves(before).map((leaf) => [leaf.path, leaf]))
  const out: Difference[] = []
  for (const leaf of leaves(after)) {
    const was = old.get(leaf.path)
    old.delete(leaf.path)
    if (was?.kind !== leaf.kind || was.text !== leaf.text)
      out.push({ path: leaf.path, before: was?.text, after: leaf.text })
  }
  for (const { path, text } of old.values()) out.push({ path, before: text, after: undefined })
  return out
}

/** The source with some leaves' texts changed and every other byte as it was. A number must be one that JSON has. */
export function changed(
  source: string,
  edits: readonly { readonly leaf: Leaf; readonly text: string }[],
): string {
  let out = source
  for (const { leaf, text } of [...edits].sort((a, b) => b.leaf.start - a.leaf.start)) {
    const value = leaf.kind === "string" ? JSON.stringify(text) : text
    out = out.slice(0, leaf.start) + value + out.slice(leaf.end)
  }
  return out
}
