import type { Plain } from "#state/clinic.svelte.ts"
import { type Entry, zip } from "#ui/zip.ts"

/** What a file of a media type is called at its end, where systems ask. */
const ends: Readonly<Record<string, string>> = {
  "application/pdf": "pdf",
  "image/jpeg": "jpg",
  "image/png": "png",
  "text/plain": "txt",
}

/** A name that every file system takes: letters, digits and dashes. */
const safe = (text: string) => text.replace(/[^A-Za-z0-9-]+/g, "-").slice(0, 40)

/** Where a record stands in the ZIP: its type, its day, and enough of its id that no two are equal. */
function pathOf({ item, mediaType }: Plain): string {
  const own = mediaType.split(";")[0] ?? ""
  const end = item.kind === "fhir" ? "json" : (ends[own] ?? (item.kind === "note" ? "txt" : "bin"))
  const kind = item.kind === "fhir" ? safe(item.type) : item.kind
  const day = /^\d{4}(-\d\d){0,2}/.exec(item.date)?.[0] ?? new Date(item.saved).toISOString().slice(0, 10)
  return `${kind}/${day}-${item.record.slice(0, 16)}.${end}`
}

/** One ZIP of records as received, and a text that says what it is. */
export function packed(records: readonly Plain[], about: string): Promise<Blob> {
  const files: Entry[] = records.map((plain) => ({ path: pathOf(plain), bytes: plain.bytes }))
  return zip([{ path: "READ-ME.txt", bytes: new Blob([`${about}\n`]) }, ...files])
}
