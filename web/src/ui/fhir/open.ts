import { type ObjectNode, parseJSON } from "#ui/json.ts"

/** The resource in a record's bytes, or null when they hold none that can be read: such a record is shown raw. */
export function resourceIn(bytes: Uint8Array): ObjectNode | null {
  try {
    const node = parseJSON(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes))
    return node.kind === "object" && node.height <= heightMax ? node : null
  } catch {
    return null
  }
}

/** Deeper than the core takes in. Source: folder.md §9. */
export const heightMax = 64
