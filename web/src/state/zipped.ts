/**
 * A ZIP that stores files as they are. Bytes stay in Blobs, which a browser may keep on its disk, so that memory does
 * not grow with them. Source: PKWARE APPNOTE 6.3.10.
 */
export interface Entry {
  readonly name: string
  readonly bytes: Blob
}

/** Bounds of a ZIP without the 64-bit fields, which some programs do not read. */
export const zipBytesMax = 0xffffffff
export const zipFilesMax = 0xffff

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  return c
})

/** CRC-32 of bytes, going on from before. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let c = ~before
  for (const byte of bytes) c = (c >>> 8) ^ (table[(c ^ byte) & 0xff] ?? 0)
  return ~c >>> 0
}

async function crcOf(bytes: Blob): Promise<number> {
  const reader = bytes.stream().getReader()
  let crc = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return crc
    crc = crc32(value, crc)
  }
}

const local = 0x04034b50
const central = 0x02014b50
const end = 0x06054b50
const utf8 = 0x0800
/** January 1, 1980: the files have no time of their own. */
const day = 0x0021

/** Little-endian fields: [size in bytes, value]. */
function fields(list: readonly (readonly [2 | 4, number])[]): Uint8Array<ArrayBuffer> {
  const out = new DataView(new ArrayBuffer(list.reduce((sum, [size]) => sum + size, 0)))
  let at = 0
  for (const [size, value] of list) {
    if (size === 2) out.setUint16(at, value, true)
    else out.setUint32(at, value, true)
    at += size
  }
  return new Uint8Array(out.buffer)
}

/** @throws RangeError when it would be too large */
export async function zipped(entries: readonly Entry[]): Promise<Blob> {
  const parts: BlobPart[] = []
  const directory: BlobPart[] = []
  let at = 0
  let directorySize = 0
  if (entries.length > zipFilesMax) throw new RangeError("files")
  for (const { name, bytes } of entries) {
    const text = new TextEncoder().encode(name)
    const same = [
      [2, 20],
      [2, utf8],
      [2, 0],
      [2, 0],
      [2, day],
      [4, await crcOf(bytes)],
      [4, bytes.size],
      [4, bytes.size],
      [2, text.length],
      [2, 0],
    ] as const
    const head = fields([[4, local], ...same])
    const line = fields([[4, central], [2, 20], ...same, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]])
    parts.push(head, text, bytes)
    directory.push(line, text)
    at += head.length + text.length + bytes.size
    directorySize += line.length + text.length
    if (at + directorySize > zipBytesMax) throw new RangeError("bytes")
  }
  const last = fields([
    [4, end],
    [2, 0],
    [2, 0],
    [2, entries.length],
    [2, entries.length],
    [4, directorySize],
    [4, at],
    [2, 0],
  ])
  return new Blob([...parts, ...directory, last], { type: "application/zip" })
}

/** One FHIR Bundle around resources, each byte for byte as it is. */
export function bundleOf(resources: readonly Blob[]): Blob {
  const parts: BlobPart[] = ['{"resourceType":"Bundle","type":"collection","entry":[']
  resources.forEach((resource, place) => {
    parts.push(place === 0 ? '{"resource":' : ',{"resource":', resource, "}")
  })
  return new Blob([...parts, "]}\n"], { type: "application/fhir+json" })
}
