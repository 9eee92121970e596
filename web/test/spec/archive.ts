/** An archive, read as archive.md §1 says, up to what its blocks mean. */
import { id, readWire } from "./block.ts"
import { readAnnouncement } from "./blob-http.ts"
import { type Bytes, Refused, concat, equal, leafHash, root, sha256, toHex, utf8 } from "./bytes.ts"
import { array, bin, uint } from "./fields.ts"
import { decode } from "./msgpack.ts"

const unit = 512
const entryMax = 1 << 20
const wireMax = 48 << 10
const firstName = "anamnesis-archive"

interface Entry {
  name: string
  bytes: Bytes
  /** Where its header stands. */
  at: number
}

export interface Archive {
  blocks: Bytes[]
  leaves: number
}

/** What must be in it. */
export interface Expected {
  net: Bytes
  network: Bytes
}

/** @throws Refused archive/…. */
export async function readArchive(file: Bytes, expected: Expected): Promise<Archive> {
  const entries = new Entries(file)
  const info = readFirst(entries)
  if (!equal(info.net, expected.net)) throw new Refused("archive/network", "net")
  if (!equal(entries.next("network").bytes, expected.network))
    throw new Refused("archive/network", "network file")
  try {
    return await readRest(entries, file, info)
  } catch (e) {
    if (!(e instanceof Refused) || e.code.startsWith("archive/")) throw e
    throw damaged(e.message)
  }
}

async function readRest(entries: Entries, file: Bytes, info: Info): Promise<Archive> {
  const blocks: Bytes[] = []
  let entry = entries.next("blocks/00000001")
  for (let n = 1; entry.name === numbered("blocks", n); n++, entry = entries.next()) {
    for (const wire of wires(entry.bytes)) blocks.push(await id((await readWire(wire)).headerBytes))
  }
  const [blobs, leaves] = [new Set<string>(), { count: 0 }]
  while (entry.name !== "end") {
    if (blobs.has(entry.name)) throw damaged("a blob twice")
    blobs.add(entry.name)
    leaves.count += await readBlob(entry, entries)
    entry = entries.next()
  }
  if (blocks.length !== info.blocks || blobs.size !== info.blobs) throw damaged("numbers")
  if (!equal(entry.bytes, await sha256(file.slice(0, entry.at)))) throw damaged("sum")
  entries.finish()
  return { blocks, leaves: leaves.count }
}

interface Info {
  net: Bytes
  blocks: number
  blobs: number
}

function readFirst(entries: Entries): Info {
  try {
    const f = decode(entries.next(firstName).bytes)
    if (Array.isArray(f) && typeof f[0] === "number" && f[0] !== 1)
      throw new Refused("archive/version", String(f[0]))
    const [, net, identity, , blocks, blobs] = array(f, 6)
    bin(identity, 32)
    return { net: bin(net, 32), blocks: uint(blocks, 2 ** 32), blobs: uint(blobs, 2 ** 32) }
  } catch (e) {
    if (!(e instanceof Refused) || e.code === "archive/version") throw e
    throw new Refused("archive/format", e.message)
  }
}

/** The wire blocks of one entry. */
function wires(bytes: Bytes): Bytes[] {
  const found: Bytes[] = []
  for (let at = 0; at < bytes.length || found.length === 0;) {
    if (bytes.length - at < 4) throw damaged("a length")
    const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0)
    if (length === 0 || length > wireMax || length > bytes.length - at - 4) throw damaged("a block")
    found.push(bytes.slice(at + 4, at + 4 + length))
    at += 4 + length
  }
  return found
}

/** How many leaves follow an announcement, each checked. */
async function readBlob(entry: Entry, entries: Entries): Promise<number> {
  const named = /^blobs\/([A-Za-z0-9_-]{43})\/leaves$/u.exec(entry.name)?.[1]
  if (named === undefined) throw damaged(entry.name)
  const { size, hashes } = readAnnouncement(entry.bytes)
  if (base64url(await root(hashes)) !== named) throw damaged("root")
  let left = size
  for (const [i, hash] of hashes.entries()) {
    const leaf = entries.next(numbered(`blobs/${named}`, i)).bytes
    const length = i === 0 ? 32 : Math.min(left, 262_144)
    if (leaf.length !== length || !equal(await leafHash(leaf), hash)) throw damaged("a leaf")
    left -= length
  }
  return hashes.length
}

/** Entry after entry of a tar of which only one form is right. */
class Entries {
  readonly #file: Bytes
  #at = 0

  constructor(file: Bytes) {
    this.#file = file
  }

  /** The next entry, which has this name if one is asked for. */
  next(name?: string): Entry {
    const at = this.#at
    const header = this.#take(unit)
    const end = header.indexOf(0)
    const entry = new TextDecoder().decode(header.slice(0, Math.max(0, end)))
    const size = parseInt(new TextDecoder().decode(header.slice(124, 135)), 8)
    if (!(size <= entryMax) || !equal(header, headerOf(entry, size))) throw damaged("a header")
    if (name !== undefined && entry !== name) throw damaged(`${entry} for ${name}`)
    const bytes = this.#take(size)
    if (this.#take((unit - (size % unit)) % unit).some((b) => b !== 0)) throw damaged("filling")
    return { name: entry, bytes, at }
  }

  /** Two units of zeros, and nothing. */
  finish(): void {
    if (this.#take(2 * unit).some((b) => b !== 0) || this.#at !== this.#file.length)
      throw damaged("after the end")
  }

  #take(n: number): Bytes {
    if (n > this.#file.length - this.#at) throw new Refused("archive/truncated", "cut off")
    this.#at += n
    return this.#file.slice(this.#at - n, this.#at)
  }
}

/** The one ustar header of an entry. */
function headerOf(name: string, size: number): Bytes {
  const header = new Uint8Array(unit)
  const put = (at: number, text: string): void => {
    header.set(utf8(text), at)
  }
  put(0, name.slice(0, 100))
  put(100, "0000600\0")
  put(108, "0000000\0")
  put(116, "0000000\0")
  put(124, `${size.toString(8).padStart(11, "0")}\0`)
  put(136, "00000000000\0")
  put(148, "        ") // the sum counts its own field as blanks
  put(156, "0")
  put(257, "ustar\0")
  put(263, "00")
  const sum = header.reduce((total, b) => total + b, 0)
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `)
  return header
}

function numbered(folder: string, n: number): string {
  return `${folder}/${String(n).padStart(8, "0")}`
}

function base64url(bytes: Bytes): string {
  return Buffer.from(bytes).toString("base64url")
}

function damaged(why: string): Refused {
  return new Refused("archive/damaged", why)
}

/** A file as the vectors write it: hex, how many zeros follow, and so on. */
export function fromRuns(runs: (string | number)[]): Bytes {
  return concat(
    ...runs.map((run) => (typeof run === "number" ? new Uint8Array(run) : Buffer.from(run, "hex"))),
  )
}

export function hexOf(archive: Archive): { blocks: string[]; leaves: number } {
  return { blocks: archive.blocks.map(toHex), leaves: archive.leaves }
}
