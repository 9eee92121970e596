import type { TimelineItem } from "#core/api.gen.ts"
import { CoreError } from "#core/core.ts"
import type { Progress } from "#state/archive.svelte.ts"
import { readDocument } from "#state/document.svelte.ts"
import { everything } from "#state/folders.svelte.ts"
import { call } from "#state/session.svelte.ts"
import { exportSource } from "#state/sources.svelte.ts"
import { bundleOf, type Entry, zipped } from "#state/zipped.ts"

const endings = new Map([
  ["application/pdf", ".pdf"],
  ["image/jpeg", ".jpg"],
  ["image/png", ".png"],
  ["image/webp", ".webp"],
  ["application/dicom", ".dcm"],
  ["text/plain", ".txt"],
])

/** Lines of the timeline asked for at once. */
const page = 500

/** The files that were brought in, byte for byte. */
async function files(signal: AbortSignal): Promise<Entry[]> {
  const entries: Entry[] = []
  const { sources } = (await call("sources", {})).result
  for (const [place, source] of sources.entries()) {
    signal.throwIfAborted()
    const { file, bytes } = await exportSource(source.id)
    const name = file.fileName.replace(/[\p{Cc}\p{Cf}\p{Cs}"*/:<>?\\|]/gu, "_")
    entries.push({ name: `files/${String(place + 1)}-${name}`, bytes: new Blob([new Uint8Array(bytes)]) })
  }
  return entries
}

/** Every line of the own timeline. */
async function* lines(progress: Progress, signal: AbortSignal): AsyncGenerator<TimelineItem> {
  for (let offset = 0, total = 1; offset < total; offset += page) {
    const { result } = await call("timeline", { ...everything, offset, limit: page })
    total = result.total
    for (const [place, item] of result.items.entries()) {
      signal.throwIfAborted()
      progress(offset + place, total)
      yield item
    }
  }
}

/** A record's bytes as received, also of one too big for one call. */
async function content(record: string, signal: AbortSignal): Promise<{ bytes: Blob; mediaType: string }> {
  const at = { folder: "", record }
  const { result, bytes } = await call("record.open", at)
  const whole = bytes?.length === result.size
  return {
    mediaType: result.mediaType,
    bytes: whole
      ? new Blob([new Uint8Array(bytes)])
      : await readDocument(at, result, () => undefined, signal),
  }
}

function nameOf(item: TimelineItem, mediaType: string): string {
  const fhir = item.kind === "fhir"
  const ending = fhir ? ".json" : (endings.get(mediaType) ?? ".bin")
  return `records/${fhir ? item.type : item.kind}-${item.record.slice(0, 8)}${ending}`
}

/**
 * Everything as it came in, unsealed, in one ZIP: the files that were brought in, byte for byte; each record that was in
 * none of them; and one FHIR Bundle of all FHIR records, each byte for byte.
 * @throws CoreError, or the signal's reason
 */
export async function exportAll(progress: Progress, signal: AbortSignal): Promise<Blob> {
  const entries = await files(signal)
  const resources: Blob[] = []
  for await (const item of lines(progress, signal)) {
    if (!item.opened || item.failed !== "") continue
    const { bytes, mediaType } = await content(item.record, signal)
    if (item.kind === "fhir") resources.push(bytes)
    if (item.kind !== "fhir" || item.source === "") entries.push({ name: nameOf(item, mediaType), bytes })
  }
  entries.push({ name: "all-records.bundle.json", bytes: bundleOf(resources) })
  try {
    return await zipped(entries)
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new CoreError("export/too-large", "4294967295")
    throw thrown
  }
}
