/** A record's plaintext and its contents as record.md has them, and a device's segments as device.md. */
import { type Bytes, Refused, compare, concat, equal, sha256, u32, utf8 } from "./bytes.ts"
import { type Value, decode } from "./msgpack.ts"
import { padme } from "./sealing.ts"

const refuse = (why: string): never => {
  throw new Refused("record/format", why)
}

/** The array in a padded plaintext. @throws Refused record/format. */
export function unpad(padded: Bytes): Bytes {
  if (padded.length < 512) refuse("short")
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0)
  if (length > padded.length - 4 || padme(length + 4) !== padded.length) refuse("length")
  if (padded.subarray(4 + length).some((b) => b !== 0)) refuse("padding")
  return padded.slice(4, 4 + length)
}

export interface Content {
  kind: number
  folder: Bytes
  section: number
  mediaType: string
  timeMS: number | bigint
  refs: Bytes[]
  credential: Bytes
  signature: Bytes
  source: Bytes
  content?: Bytes
  blob?: { root: Bytes; size: number; leaves: number; fileKey: Bytes; sha256: Bytes }
}

/** @throws Refused record/format or record/version. */
export function readRecord(array: Bytes): Content {
  if (array.length > 16_384) refuse("array")
  const f = fields(array, 12)
  const record: Content = {
    kind: uint(f[1], 1, 65_535),
    folder: bin(f[2], 32, 32),
    section: uint(f[3], 0, 6),
    mediaType: str(f[4], 255),
    timeMS: time(f[5]),
    refs: set(f[6], 0, 64),
    credential: bin(f[7], 0, 1024),
    signature: bin(f[8], 0, 4096),
    source: bin(f[9], 0, 16),
    ...(uint(f[10], 0, 1) === 0 ? { content: bin(f[11], 0, 16_384) } : { blob: blob(f[11]) }),
  }
  if (!/^[ -~]*$/u.test(record.mediaType)) refuse("media type")
  const { source } = record
  if (source.length !== 0 && (source.length !== 16 || source.every((b) => b === 0))) refuse("source id")
  const ownerOnly = [1, 2, 7, 8, 9, 11].includes(record.kind)
  if (record.kind <= 11 && ownerOnly !== (record.section === 0)) refuse("section of this kind")
  return record
}

/** Reads the content of a kind. @throws Refused record/format or record/version. */
export const readContent: Record<string, (bytes: Bytes) => void> = {
  source(bytes) {
    const f = fields(bytes, 7)
    if (bin(f[1], 16, 16).every((b) => b === 0)) refuse("source id")
    str(f[2], 255)
    str(f[3], 255)
    const size = uint(f[4], 0, Number.MAX_SAFE_INTEGER)
    bin(f[5], 32, 32)
    pieces(list(f[6], 0, 40_001), size)
  },
  verdict(bytes) {
    const f = arrayOf(decoded(bytes), 2)
    uint(f[0], 1, 3)
    str(f[1], 1000)
  },
  rule(bytes) {
    const f = arrayOf(decoded(bytes), 4)
    bin(f[0], 32, 32)
    const sections = list(f[1], 1, 6).map((section) => uint(section, 1, 6))
    if (sections.some((section, i) => i > 0 && section <= (sections[i - 1] ?? 0))) refuse("sections")
    const [from, until] = [time(f[2]), time(f[3])]
    if (until !== 0 && until <= from) refuse("until")
  },
  hide(bytes) {
    const f = arrayOf(decoded(bytes), 2)
    set(f[0], 1, 512)
    uint(f[1], 0, 1)
  },
  looked(bytes) {
    const f = arrayOf(decoded(bytes), 4)
    bin(f[0], 32, 32)
    const given = set(f[1], 0, 512)
    const refused = set(f[2], 0, 512)
    if (given.some((id) => refused.some((other) => equal(id, other)))) refuse("given and refused")
    time(f[3])
  },
}

function pieces(parts: Value[], size: number): void {
  let gaps = 0
  let afterGap = false
  for (const part of parts) {
    const f = arrayOf(part, 2)
    const isGap = uint(f[0], 0, 1) === 0
    if (isGap && afterGap) refuse("two gaps")
    if (isGap) gaps += bin(f[1], 1, 32 << 20).length
    else bin(f[1], 32, 32)
    afterGap = isGap
  }
  if (gaps > size || gaps > 32 << 20) refuse("gaps")
}

function blob(value: Value | undefined): NonNullable<Content["blob"]> {
  const f = arrayOf(value, 5)
  return {
    root: bin(f[0], 32, 32),
    size: uint(f[1], 0, 2 ** 32),
    leaves: uint(f[2], 0, 2 ** 20),
    fileKey: bin(f[3], 16, 16),
    sha256: bin(f[4], 32, 32),
  }
}

/** The fields of a versioned array: another version is named before anything else of it. */
function fields(bytes: Bytes, n: number): Value[] {
  const f = arrayOf(decoded(bytes), n)
  if (f[0] !== 1) throw new Refused(typeof f[0] === "number" ? "record/version" : "record/format", "version")
  return f
}

function decoded(bytes: Bytes): Value {
  try {
    return decode(bytes)
  } catch (e) {
    if (e instanceof Refused) return refuse(e.message)
    throw e
  }
}

function arrayOf(value: Value | undefined, n: number): Value[] {
  return Array.isArray(value) && value.length === n ? value : refuse(`not ${String(n)} fields`)
}

function list(value: Value | undefined, min: number, max: number): Value[] {
  return Array.isArray(value) && value.length >= min && value.length <= max ? value : refuse("list")
}

function set(value: Value | undefined, min: number, max: number): Bytes[] {
  const ids = list(value, min, max).map((id) => bin(id, 32, 32))
  if (ids.some((id, i) => i > 0 && compare(id, ids[i - 1] ?? id) <= 0)) refuse("order")
  return ids
}

function bin(value: Value | undefined, min: number, max: number): Bytes {
  return value instanceof Uint8Array && value.length >= min && value.length <= max ? value : refuse("bytes")
}

function str(value: Value | undefined, max: number): string {
  return typeof value === "string" && utf8(value).length <= max ? value : refuse("text")
}

function uint(value: Value | undefined, min: number, max: number): number {
  return typeof value === "number" && value >= min && value <= max ? value : refuse("number")
}

function time(value: Value | undefined): number | bigint {
  if (typeof value === "bigint") return value < 1n << 63n ? value : refuse("time")
  return uint(value, 0, Number.MAX_SAFE_INTEGER)
}

export interface Entry {
  offset: number
  kind: number
  bytes: Bytes
}

/** The whole entries of a device's last segment; a torn tail is left out. @throws Refused storage/…. */
export async function readSegment(file: Bytes, net: Bytes, number: number): Promise<Entry[]> {
  const header = concat(utf8("ANAMSEG1"), Uint8Array.of(0, 1), net, u32(number))
  const start = file.slice(0, header.length)
  if (!equal(start, header)) {
    const written = start.subarray(0, start.findLastIndex((b) => b !== 0) + 1)
    if (equal(written, header.subarray(0, written.length))) return [] // never flushed
    const ours = equal(start.subarray(0, 42), header.subarray(0, 42))
    throw new Refused(ours ? "storage/damaged" : "storage/format", "header")
  }
  const entries: Entry[] = []
  for (let at = header.length; at + 21 <= file.length;) {
    const length = new DataView(file.buffer, file.byteOffset).getUint32(at)
    const kind = file[at + 4] ?? 0
    const end = at + 5 + length
    if (kind === 0 || length > 1 << 20 || end + 16 > file.length) break
    const hash = await sha256(u32(number), u32(at), file.subarray(at + 4, end))
    if (!equal(hash.subarray(0, 16), file.subarray(end, end + 16))) break
    entries.push({ offset: at, kind, bytes: file.slice(at + 5, end) })
    at = end + 16
  }
  return entries
}
