import type { TimelineItem } from "#core/api.gen.ts"
import { query } from "#state/query.svelte.ts"
import { call } from "#state/session.svelte.ts"

/** As many lines of the timeline are asked for at once as the core gives. Source: shared/folder/limits.go. */
const pageMax = 500
/** As many records are named in one question; the core opens the first of them and is asked again for the rest. */
const askMax = 64

/** One opened record: its bytes, or the code of why it could not be opened. */
export interface Content {
  readonly record: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly code: string
}

const anything = { query: "", section: 0, from: "", to: "", source: "", author: "", show: "" }

/**
 * Every line of a folder's timeline but hidden ones, newest first, a page at a time; it ends early when take says
 * false. A kind is a FHIR type; "" is all.
 * @throws CoreError
 */
export async function eachPage(
  folder: string,
  kind: string,
  take: (items: readonly TimelineItem[], total: number) => boolean,
): Promise<void> {
  for (let offset = 0; ; offset += pageMax) {
    const { result } = await call("timeline", { ...anything, folder, kind, offset, limit: pageMax })
    const goesOn = take(result.items, result.total)
    if (!goesOn || result.items.length === 0 || offset + pageMax >= result.total) return
  }
}

/** The newest lines of one kind that can be opened, asked anew whenever something changes. */
export const newestOf = (folder: () => string, kind: string, limit: number) =>
  query("timeline", () => ({ ...anything, folder: folder(), kind, show: "opened", offset: 0, limit }))

/** The first line of each label: of a list newest first, the newest of each. */
export function firstOfEach(items: readonly TimelineItem[]): readonly TimelineItem[] {
  const seen = new Set<string>()
  return items.filter(({ label, failed, hidden }) => {
    const name = label.toLowerCase()
    if (failed !== "" || hidden || seen.has(name)) return false
    seen.add(name)
    return true
  })
}

/**
 * Opens records in their order, a screenful at a time, so that other questions get through; it ends early when
 * take says false. Opening leaves no trace that reading the same record would not. Source: app.md §10.
 * @throws CoreError
 */
export async function openEach(
  folder: string,
  records: readonly string[],
  take: (contents: readonly Content[]) => boolean,
): Promise<void> {
  for (let next = 0; next < records.length;) {
    const asked = records.slice(next, next + askMax)
    const { result, bytes = new Uint8Array() } = await call("records.open", { folder, records: asked })
    let at = 0
    const contents = result.parts.map(({ record, mediaType, size, code }): Content => {
      const own = bytes.subarray(at, at + size)
      at += size
      return { record, mediaType, bytes: own, code }
    })
    if (contents.length === 0 || !take(contents)) return
    next += contents.length
  }
}
