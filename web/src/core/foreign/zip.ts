/**
 * The entries of a ZIP archive, from its directory, unpacked one at a time. A name is only something to show: nothing
 * is written anywhere, so a path leads nowhere. What a bomb needs is refused before anything is unpacked: entries that
 * share bytes, too many, or too large for what they hold; and an entry that unpacks to more than it promised is cut off.
 * Source: threats.md A31; PKWARE APPNOTE 6.3.9, sections 4.3 and 4.4.
 */
import { inflated } from "./inflate.ts"
import { directoryMax, entriesMax, ratioFrom, ratioMax, streamMax, unpackedMax } from "./limits.ts"
import { Refused } from "./refused.ts"

export interface ZipEntry {
  /** As the archive has it, paths and all: to be shown, never followed. */
  readonly name: string
  /** Unpacked, as promised. */
  readonly size: number
  readonly packed: number
  readonly at: number
  readonly method: number
  readonly crc: number
}

export interface Zip {
  readonly entries: readonly ZipEntry[]
  /** Entries that are not read, and why: a folder is not among them. */
  readonly skipped: readonly {
    readonly name: string
    readonly why: "link" | "locked" | "packing" | "hidden"
  }[]
}

const endSize = 22
const commentMax = 0xffff
const stored = 0
const deflated = 8

const damaged = (detail: string) => new Refused("import/zip-damaged", detail)

async function view(file: Blob, from: number, to: number): Promise<DataView> {
  return new DataView(await file.slice(from, to).arrayBuffer())
}

/** Reads the directory of an archive. @throws Refused import/zip-… */
export async function openZip(file: Blob): Promise<Zip> {
  const from = Math.max(0, file.size - endSize - commentMax)
  const tail = await view(file, from, file.size)
  let end = tail.byteLength - endSize
  while (
    end >= 0 &&
    !(
      tail.getUint32(end, true) === 0x06054b50 &&
      tail.getUint16(end + 20, true) === tail.byteLength - end - endSize
    )
  )
    end--
  if (end < 0) throw damaged("no directory")
  const count = tail.getUint16(end + 10, true)
  const size = tail.getUint32(end + 12, true)
  const start = tail.getUint32(end + 16, true)
  if (tail.getUint16(end + 4, true) !== 0 || tail.getUint16(end + 8, true) !== count)
    throw new Refused("import/zip-kind", "parts")
  if (count === 0xffff || size === 0xffffffff || start === 0xffffffff)
    throw new Refused("import/zip-kind", "zip64")
  if (count > entriesMax || size > directoryMax) throw new Refused("import/zip-many", String(entriesMax))
  if (start + size > from + end) throw damaged("directory")
  return checked(directory(await view(file, start, start + size), count), start)
}

interface Listed extends ZipEntry {
  readonly why: Zip["skipped"][number]["why"] | ""
}

function directory(at: DataView, count: number): Listed[] {
  const out: Listed[] = []
  let pos = 0
  for (let i = 0; i < count; i++) {
    if (pos + 46 > at.byteLength || at.getUint32(pos, true) !== 0x02014b50)
      throw damaged(`entry ${String(i)}`)
    const nameSize = at.getUint16(pos + 28, true)
    const next = pos + 46 + nameSize + at.getUint16(pos + 30, true) + at.getUint16(pos + 32, true)
    if (next > at.byteLength) throw damaged(`entry ${String(i)}`)
    const flags = at.getUint16(pos + 8, true)
    const made = at.getUint8(pos + 5)
    const mode = at.getUint32(pos + 38, true) >>> 16
    const method = at.getUint16(pos + 10, true)
    const name = new TextDecoder().decode(new Uint8Array(at.buffer, at.byteOffset + pos + 46, nameSize))
    out.push({
      name,
      size: at.getUint32(pos + 24, true),
      packed: at.getUint32(pos + 20, true),
      at: at.getUint32(pos + 42, true),
      method,
      crc: at.getUint32(pos + 16, true),
      why: whyNot(name, flags, method, made === 3 && (mode & 0xf000) === 0xa000),
    })
    pos = next
  }
  return out
}

function whyNot(name: string, flags: number, method: number, link: boolean): Listed["why"] {
  if (link) return "link"
  if ((flags & 0x41) !== 0) return "locked"
  if (method !== stored && method !== deflated) return "packing"
  return /(?:^|[/\\])(?:\.[^/\\]+|__MACOSX[/\\].*)$/.test(name) ? "hidden" : ""
}

function checked(all: readonly Listed[], directoryAt: number): Zip {
  const placed = all.toSorted((a, b) => a.at - b.at)
  let total = 0
  for (const [i, entry] of placed.entries()) {
    const next = placed[i + 1]?.at ?? directoryAt
    // A local header has at least 30 bytes; its name and the packed bytes come before the next entry.
    if (entry.at + 30 + entry.packed > next) throw new Refused("import/zip-overlap", entry.name)
    if (entry.size > ratioFrom && entry.size > entry.packed * ratioMax)
      throw new Refused("import/zip-bomb", entry.name)
    total += isExport(entry.name) ? 0 : entry.size
    if (total > unpackedMax) throw new Refused("import/zip-bomb", String(unpackedMax))
  }
  return {
    entries: all.filter((entry) => entry.why === "" && !/[/\\]$/.test(entry.name) && entry.size > 0),
    skipped: all.flatMap(({ name, why }) => (why === "" ? [] : [{ name, why }])),
  }
}

/** The one kind of entry that is read as a stream and never held: it may be larger than the rest together. */
export const isExport = (name: string): boolean => /(?:^|\/)export\.xml$/i.test(name)

/** What an entry holds, part by part. @throws Refused import/zip-bomb past its promise, import/zip-damaged */
export async function* unpacked(file: Blob, entry: ZipEntry): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const head = await view(file, entry.at, entry.at + 30)
  if (
    head.byteLength < 30 ||
    head.getUint32(0, true) !== 0x04034b50 ||
    head.getUint16(8, true) !== entry.method
  )
    throw damaged(entry.name)
  const from = entry.at + 30 + head.getUint16(26, true) + head.getUint16(28, true)
  const bytes = file.slice(from, from + entry.packed)
  if (bytes.size !== entry.packed) throw damaged(entry.name)
  const max = Math.min(entry.size, isExport(entry.name) ? streamMax : unpackedMax)
  const parts = entry.method === stored ? storedParts(bytes) : inflated(bytes, max, "import/zip-bomb")
  let size = 0
  let crc = 0xffffffff
  for await (const part of parts) {
    size += part.length
    crc = crcOn(crc, part)
    yield part
  }
  if (size !== entry.size || (crc ^ 0xffffffff) >>> 0 !== entry.crc) throw damaged(entry.name)
}

async function* storedParts(bytes: Blob): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const step = 1 << 20
  for (let at = 0; at < bytes.size; at += step)
    yield new Uint8Array(await bytes.slice(at, at + step).arrayBuffer())
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

function crcOn(crc: number, bytes: Uint8Array): number {
  let c = crc
  for (const byte of bytes) c = (crcTable[(c ^ byte) & 0xff] ?? 0) ^ (c >>> 8)
  return c
}
