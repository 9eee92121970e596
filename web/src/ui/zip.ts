/** A ZIP file of files as they are: nothing is packed, so that every byte can be found again. Source: APPNOTE 6.3.3. */

/** A file to be, its path with "/" between folders. */
export interface Entry {
  readonly path: string
  readonly bytes: Blob
}

/** Sizes and places are 32 bits, the count 16: without the ZIP64 extension. */
const sizeMax = 0xffffffff
const entriesMax = 0xffff
/** Bytes read at a time for the checksum. */
const pieceBytes = 1 << 20

/** UTF-8 names, no time: 1 January 1980, the first that the format has. */
const flags = 0x0800
const day = 0x0021

const table = Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  return c >>> 0
})

/** The CRC-32 so far, and then of bytes. */
function checksumOf(crc: number, bytes: Uint8Array): number {
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- an iterator takes ten times as long
  for (let i = 0; i < bytes.length; i++) crc = (table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8)
  return crc
}

/** The CRC-32 of all bytes of a Blob. */
async function checksum(blob: Blob): Promise<number> {
  let crc = 0xffffffff
  for (let at = 0; at < blob.size; at += pieceBytes)
    crc = checksumOf(crc, new Uint8Array(await blob.slice(at, at + pieceBytes).arrayBuffer()))
  return (crc ^ 0xffffffff) >>> 0
}

/** Numbers in little-endian order, each with its size in bytes. */
function packed(...fields: readonly (readonly [value: number, bytes: 2 | 4])[]): Uint8Array<ArrayBuffer> {
  const out = new DataView(new ArrayBuffer(fields.reduce((sum, [, bytes]) => sum + bytes, 0)))
  let at = 0
  for (const [value, bytes] of fields) {
    if (bytes === 2) out.setUint16(at, value, true)
    else out.setUint32(at, value, true)
    at += bytes
  }
  return new Uint8Array(out.buffer)
}

/**
 * Puts files into one ZIP, in their order.
 * @throws RangeError when there are too many or they are too large for the format, or a path comes twice
 */
export async function zip(entries: readonly Entry[]): Promise<Blob> {
  const parts: (Blob | Uint8Array<ArrayBuffer>)[] = []
  const directory: Uint8Array<ArrayBuffer>[] = []
  const seen = new Set<string>()
  let at = 0
  if (entries.length > entriesMax) throw new RangeError("too many files for a ZIP file")
  for (const { path, bytes } of entries) {
    if (seen.has(path)) throw new RangeError(`two files are called ${path}`)
    seen.add(path)
    const name = new TextEncoder().encode(path)
    const crc = await checksum(bytes)
    const common = [
      [20, 2], // version needed
      [flags, 2],
      [0, 2], // stored
      [0, 2], // time
      [day, 2],
      [crc, 4],
      [bytes.size, 4],
      [bytes.size, 4],
      [name.length, 2],
      [0, 2], // no extra field
    ] as const
    const header = packed([0x04034b50, 4], ...common)
    directory.push(packed([0x02014b50, 4], [20, 2], ...common, [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]), name)
    parts.push(header, name, bytes)
    at += header.length + name.length + bytes.size
    if (at > sizeMax) throw new RangeError("too large for a ZIP file")
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0)
  if (at + size > sizeMax) throw new RangeError("too large for a ZIP file")
  const end = packed(
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [seen.size, 2],
    [seen.size, 2],
    [size, 4],
    [at, 4],
    [0, 2],
  )
  return new Blob([...parts, ...directory, end], { type: "application/zip" })
}
