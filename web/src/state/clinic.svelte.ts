import type { TimelineItem } from "#core/api.gen.ts"
import { eachPage, openEach } from "#state/contents.ts"
import { readDocument } from "#state/document.svelte.ts"
import { call } from "#state/session.svelte.ts"

/** One opened record as a file for another system. */
export interface Plain {
  readonly item: TimelineItem
  readonly mediaType: string
  readonly bytes: Blob
}

async function documentOf(folder: string, record: string): Promise<Pick<Plain, "mediaType" | "bytes">> {
  const { result, bytes } = await call("record.open", { folder, record })
  const { mediaType, size } = result
  if (result.big) return { mediaType, bytes: await readDocument({ folder, record }, { mediaType, size }) }
  return { mediaType, bytes: new Blob([new Uint8Array(bytes ?? [])]) }
}

/**
 * Everything of a folder that this reader has opened, byte for byte as received, and how many are done of how many.
 * @throws CoreError
 */
export async function openedRecords(
  folder: string,
  progress: (done: number, total: number) => void,
): Promise<readonly Plain[]> {
  const items: TimelineItem[] = []
  await eachPage(folder, "", (page) => {
    items.push(...page.filter((item) => item.opened && item.failed === ""))
    return true
  })
  const out: Plain[] = []
  const byID = Object.fromEntries(items.map((item) => [item.record, item]))
  const small = items.filter((item) => item.kind !== "document").map((item) => item.record)
  await openEach(folder, small, (contents) => {
    for (const { record, mediaType, bytes, code } of contents) {
      const item = byID[record]
      if (item !== undefined && code === "")
        out.push({ item, mediaType, bytes: new Blob([new Uint8Array(bytes)]) })
    }
    progress(out.length, items.length)
    return true
  })
  // A file belongs to the record that describes it and has no line of its own.
  for (const item of items) {
    if (item.kind === "document") out.push({ item, ...(await documentOf(folder, item.record)) })
    if (item.type !== "DocumentReference") continue
    const { links } = (await call("record.links", { folder, record: item.record })).result
    for (const { how, item: file } of links)
      if (how === "attachment") out.push({ item: file, ...(await documentOf(folder, file.record)) })
    progress(Math.min(out.length, items.length), items.length)
  }
  return out
}
