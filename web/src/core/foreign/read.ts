/** Finds out what a file is, by its bytes and not its name, and gives what can be brought in of it. */
import { cardsIn, keysIn, looksLikeCard, readCard } from "./cards.ts"
import type { Entry, Found, How, Note, Part, Warning } from "./found.ts"
import { joined, whole } from "./inflate.ts"
import { listOf, objectOf, parsed, tried } from "./json.ts"
import { fileMax } from "./limits.ts"
import { looksLikeLink, looksSealed, manifestIn, openSealed, readLink } from "./links.ts"
import { Refused, textOf } from "./refused.ts"
import { type ZipEntry, isExport, openZip, unpacked } from "./zip.ts"

export type Progress = (done: number, total: number) => void

interface Given {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly name: string
  readonly mediaType: string
  readonly how: How
}

const encoder = new TextEncoder()

/** Reads a file. @throws Refused import/… with the reason */
export async function read(file: Blob, name: string, how: How, progress: Progress): Promise<Found> {
  if (file.size === 0) throw new Refused("import/empty")
  const head = new Uint8Array(await file.slice(0, 4096).arrayBuffer())
  if (how.asDocument) return documentOf(await bytesOf(file), name, file.type || mediaTypeOf(head))
  if (isZip(head))
    return how.entry === null ? archive(file, name) : entryOf(file, name, how.entry, how, progress)
  if (isHealth(head)) return health(file, name, parts(file.stream()), file.size, progress)
  return content({ bytes: await bytesOf(file), name, mediaType: file.type, how })
}

async function bytesOf(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > fileMax) throw new Refused("import/too-large", String(fileMax))
  return new Uint8Array(await file.arrayBuffer())
}

async function* parts(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
}

const isZip = (head: Uint8Array): boolean =>
  head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5) && (head[3] === 4 || head[3] === 6)

const isHealth = (head: Uint8Array): boolean => {
  const text = new TextDecoder().decode(head)
  return /^\ufeff?\s*<\?xml/.test(text) && /<!DOCTYPE HealthData|<HealthData[\s>]/.test(text)
}

const baseName = (path: string): string => path.split(/[/\\]/).at(-1) ?? path

async function archive(file: Blob, name: string): Promise<Found> {
  const { entries, skipped } = await openZip(file)
  const listed: Entry[] = entries.map((entry, index) => ({
    index,
    name: baseName(entry.name),
    size: entry.size,
  }))
  const notes: Note[] = skipped.map((each) => ({ code: `zip-${each.why}`, detail: each.name }))
  // An export of measurements and its archive are one thing: the archive is kept where its measurements are.
  const kept = file.size <= fileMax && !entries.some((entry) => isExport(entry.name))
  if (file.size > fileMax) notes.push({ code: "original-left", detail: name })
  const own = kept ? part(await bytesOf(file), name, "application/zip", "zip", "") : null
  return { kind: "archive", whole: own, entries: listed.filter(({ name: each }) => !isTwin(each)), notes }
}

/** What Apple writes beside export.xml: the same measurements once more. */
const isTwin = (name: string): boolean => name === "export_cda.xml"

async function entryOf(
  file: Blob,
  name: string,
  index: number,
  how: How,
  progress: Progress,
): Promise<Found> {
  const entry: ZipEntry | undefined = (await openZip(file)).entries[index]
  if (entry === undefined) throw new Refused("import/zip-damaged", String(index))
  const own = baseName(entry.name)
  if (isExport(entry.name)) {
    const stream = unpacked(file, entry)
    return health(file, name, stream, entry.size, progress)
  }
  if (entry.size > fileMax) throw new Refused("import/too-large", String(fileMax))
  const bytes = await whole(unpacked(file, entry))
  if (isZip(bytes)) throw new Refused("import/zip-inside", own)
  return content({ bytes, name: own, mediaType: "", how: { ...how, entry: null } })
}

async function health(
  original: Blob,
  name: string,
  stream: AsyncIterable<Uint8Array>,
  size: number,
  progress: Progress,
): Promise<Found> {
  const { HealthReader } = await import("./health.ts")
  const reader = new HealthReader()
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let done = 0
  try {
    for await (const bytes of stream) {
      reader.take(decoder.decode(bytes, { stream: true }))
      done += bytes.length
      progress(done, size)
    }
    decoder.decode()
  } catch (thrown) {
    throw thrown instanceof TypeError ? new Refused("import/utf8", String(done)) : thrown
  }
  const { lines, notes } = await reader.end()
  if (original.size > fileMax) {
    const note: Note = { code: "original-left", detail: name }
    return {
      kind: "part",
      part: { ...fhir(encoder.encode(lines), `${name}.ndjson`), notes: [note, ...notes] },
    }
  }
  const mediaType = isZip(new Uint8Array(await original.slice(0, 4).arrayBuffer()))
    ? "application/zip"
    : "application/xml"
  return {
    kind: "part",
    part: { ...part(await bytesOf(original), name, mediaType, "apple-health", lines), notes },
  }
}

/** A file of another format, and what was made from it. */
function part(bytes: Uint8Array, name: string, mediaType: string, format: string, made: string): Part {
  const all = joined([bytes, encoder.encode(made)])
  return { name, mediaType, original: bytes.length, format, bytes: all, notes: [], warnings: [] }
}

function fhir(bytes: Uint8Array<ArrayBuffer>, name: string): Part {
  return { name, mediaType: "application/fhir+json", original: 0, format: "", bytes, notes: [], warnings: [] }
}

function documentOf(bytes: Uint8Array<ArrayBuffer>, name: string, mediaType: string): Found {
  return { kind: "part", part: part(bytes, name, mediaType, "file", "") }
}

async function content(given: Given): Promise<Found> {
  const { bytes, name, mediaType } = given
  const head = bytes.subarray(0, 4096)
  const magic = mediaTypeOf(head)
  if (magic !== "text/plain")
    return documentOf(bytes, name, magic === "application/octet-stream" ? mediaType || magic : magic)
  // The core says where text is no UTF-8; only JSON goes there.
  const start = new TextDecoder()
    .decode(head)
    .replace(/^\ufeff/, "")
    .trimStart()
  if (/^[{[]/.test(start)) return json(given)
  const text = textOf(bytes)
  if (looksLikeCard(text)) return card(given, text)
  if (looksSealed(text)) return sealed(given, text)
  if (looksLikeLink(text)) return { kind: "link", link: readLink(text) }
  if (start.startsWith("<")) return xml(given, text)
  return (await table(given, text)) ?? documentOf(bytes, name, mediaType || "text/plain")
}

/** The media type that bytes begin like; text/plain for what may be text. */
function mediaTypeOf(head: Uint8Array): string {
  const text = String.fromCharCode(...head.subarray(0, 16))
  if (text.startsWith("%PDF-")) return "application/pdf"
  if (text.startsWith("\x89PNG\r\n")) return "image/png"
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg"
  if (text.startsWith("GIF8")) return "image/gif"
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return "image/webp"
  if (String.fromCharCode(...head.subarray(128, 132)) === "DICM") return "application/dicom"
  return head.includes(0) ? "application/octet-stream" : "text/plain"
}

async function json(given: Given): Promise<Found> {
  const { bytes, name, how } = given
  let value: unknown
  let resources: readonly unknown[]
  try {
    const text = textOf(bytes).replace(/^\ufeff/, "")
    value = tried(text)
    resources =
      value === undefined
        ? text
            .split("\n")
            .filter((line) => line.trim() !== "")
            .map(parsed)
        : resourcesOf(value)
  } catch {
    return { kind: "part", part: fhir(bytes, name) } // the core says what is wrong with it, and where
  }
  const object = objectOf(value)
  if ("verifiableCredential" in object || isHealthCards(object)) return card(given, textOf(bytes))
  if (listOf(object["keys"]).some((key) => "kty" in objectOf(key)))
    return { kind: "keys", keys: await keysIn(textOf(bytes), name) }
  const manifest = manifestIn(value)
  if (manifest !== null) return linked(given, manifest)
  const checked = await checkedParts(resources, 0)
  return { kind: "part", part: { ...fhir(bytes, nameBy(how, name)), ...checked } }
}

/** A file of a link has the link's name, if it has one. */
const nameBy = ({ link }: How, name: string): string =>
  link === null || link.label === "" ? name : link.label

const isHealthCards = (object: Readonly<Record<string, unknown>>): boolean =>
  object["resourceType"] === "Parameters" &&
  listOf(object["parameter"]).some((each) => objectOf(each)["name"] === "verifiableCredential")

/** The resources of a file in the order of the core's preview. */
function resourcesOf(value: unknown): readonly unknown[] {
  const object = objectOf(value)
  if (object["resourceType"] !== "Bundle") return [value]
  return listOf(object["entry"]).flatMap((entry) => {
    const { resource } = objectOf(entry)
    return resource === undefined ? [] : [resource]
  })
}

/** Checking is a help and not the job: it ends after this long, ms. */
const checkMaxMS = 4000

async function checkedParts(
  resources: readonly unknown[],
  from: number,
): Promise<{ warnings: Warning[]; notes: Note[] }> {
  const checker = await import("./validate.ts").catch(() => null)
  // Offline before it was ever loaded: bringing in goes on, and says that nobody looked.
  if (checker === null) return { warnings: [], notes: [{ code: "checked-not", detail: "" }] }
  const until = performance.now() + checkMaxMS
  const warnings: Warning[] = []
  for (const [place, resource] of resources.entries()) {
    warnings.push(...checker.warningsFor(resource, from + place))
    if (performance.now() > until && place + 1 < resources.length)
      return {
        warnings,
        notes: [{ code: "checked-some", detail: `${String(place + 1)} / ${String(resources.length)}` }],
      }
  }
  return { warnings, notes: [] }
}

async function card({ bytes, name, how }: Given, text: string): Promise<Found> {
  const notes: Note[] = []
  const resources: string[] = []
  for (const jws of cardsIn(text)) {
    const one = await readCard(jws, how.keys, how.nowMS)
    resources.push(...one.resources)
    notes.push(...one.notes)
  }
  const made = [...resources, ""].join("\n")
  const checked = await checkedParts(resources.map(parsed), 1)
  const own = part(bytes, name, "application/smart-health-card", "smart-health-card", made)
  return { kind: "part", part: { ...own, warnings: checked.warnings, notes: [...notes, ...checked.notes] } }
}

async function sealed(given: Given, text: string): Promise<Found> {
  const { link } = given.how
  if (link === null) throw new Refused("import/link-first")
  const opened = await openSealed(text, link)
  if (opened.mediaType.startsWith("application/smart-api-access")) throw new Refused("import/link-access")
  return content({
    ...given,
    bytes: opened.bytes,
    mediaType: opened.mediaType,
    how: { ...given.how, entry: null },
  })
}

async function linked(
  given: Given,
  { embedded, elsewhere }: ReturnType<typeof manifestIn> & object,
): Promise<Found> {
  if (given.how.link === null) throw new Refused("import/link-first")
  if (embedded.length === 0) throw new Refused("import/link-elsewhere", elsewhere[0] ?? "")
  const found: Part[] = []
  for (const jwe of embedded) {
    const one = await sealed(given, jwe)
    if (one.kind === "part") found.push(one.part)
  }
  const [first, ...rest] = found
  if (first === undefined) throw new Refused("import/link-access")
  const notes = elsewhere.map((url) => ({ code: "link-elsewhere", detail: url }))
  return { kind: "parts", parts: [{ ...first, notes: [...first.notes, ...notes] }, ...rest] }
}

async function xml({ bytes, name }: Given, text: string): Promise<Found> {
  const { fromCcda, looksLikeCcda } = await import("./ccda.ts")
  if (!looksLikeCcda(text.slice(0, 4096))) return documentOf(bytes, name, "application/xml")
  const made = await fromCcda(text)
  const own = part(bytes, name, "application/hl7-v3+xml", "ccda", made)
  const resources = made.split("\n").flatMap((line) => (line === "" ? [] : [parsed(line)]))
  return { kind: "part", part: { ...own, ...(await checkedParts(resources, 1)) } }
}

async function table({ bytes, name, how }: Given, text: string): Promise<Found | null> {
  const { measurements, rowsOf, tableOf } = await import("./csv.ts")
  const named = /\.[ct]sv$/i.test(name)
  let rows: string[][]
  try {
    rows = rowsOf(text)
  } catch (thrown) {
    if (named) throw thrown
    return null
  }
  if (!named && rows.some((row) => row.length !== rows[0]?.length)) return null
  if (how.mapping === null) return { kind: "table", table: tableOf(rows) }
  const { lines, notes } = await measurements(rows, how.mapping)
  return { kind: "part", part: { ...part(bytes, name, "text/csv", "csv", lines), notes } }
}
