/** Canonical msgpack as block.md §1 has it: arrays, unsigned integers, bin and str, each in its one form. */
import { type Bytes, Refused, concat, equal, utf8 } from "./bytes.ts"

/** An integer above 2^53 is a bigint. */
export type Value = number | bigint | boolean | string | Bytes | Value[]

/** Deeper than any structure of the specification. */
const depthMax = 8

/** The one value in `bytes`. @throws Refused canonical. */
export function decode(bytes: Bytes): Value {
  const reader = new Reader(bytes)
  const value = reader.value(0)
  if (reader.at !== bytes.length) throw new Refused("canonical", "trailing bytes")
  if (!equal(encode(value), bytes)) throw new Refused("canonical", "another form")
  return value
}

/** The one encoding of `value`. */
export function encode(value: Value): Bytes {
  if (typeof value === "number") return uint(value)
  if (typeof value === "bigint") return long(value)
  if (typeof value === "boolean") return Uint8Array.of(value ? 0xc3 : 0xc2)
  if (typeof value === "string") {
    const bytes = utf8(value)
    if (bytes.length < 32) return concat(Uint8Array.of(0xa0 | bytes.length), bytes)
    return concat(sized([0xd9, 0xda, 0xdb], bytes.length), bytes)
  }
  if (value instanceof Uint8Array) return concat(sized([0xc4, 0xc5, 0xc6], value.length), value)
  const head =
    value.length < 16
      ? Uint8Array.of(0x90 | value.length)
      : value.length < 1 << 16
        ? concat(Uint8Array.of(0xdc), bigEndian(value.length, 2))
        : concat(Uint8Array.of(0xdd), bigEndian(value.length, 4))
  return concat(head, ...value.map(encode))
}

function uint(n: number): Bytes {
  if (n < 128) return Uint8Array.of(n)
  if (n < 2 ** 8) return Uint8Array.of(0xcc, n)
  if (n < 2 ** 16) return concat(Uint8Array.of(0xcd), bigEndian(n, 2))
  if (n < 2 ** 32) return concat(Uint8Array.of(0xce), bigEndian(n, 4))
  return concat(Uint8Array.of(0xcf), bigEndian(n, 8))
}

function long(n: bigint): Bytes {
  const view = new DataView(new ArrayBuffer(9))
  view.setUint8(0, 0xcf)
  view.setBigUint64(1, n)
  return new Uint8Array(view.buffer)
}

function sized([one, two, four]: [number, number, number], n: number): Bytes {
  if (n < 2 ** 8) return Uint8Array.of(one, n)
  if (n < 2 ** 16) return concat(Uint8Array.of(two), bigEndian(n, 2))
  return concat(Uint8Array.of(four), bigEndian(n, 4))
}

function bigEndian(n: number, width: number): Bytes {
  const bytes = new Uint8Array(width)
  for (let i = width - 1; i >= 0; i--, n = Math.floor(n / 256)) bytes[i] = n % 256
  return bytes
}

class Reader {
  readonly #bytes: Bytes
  at = 0

  constructor(bytes: Bytes) {
    this.#bytes = bytes
  }

  value(depth: number): Value {
    const tag = this.#number(1)
    if (tag < 0x80) return tag
    if (tag === 0xc2 || tag === 0xc3) return tag === 0xc3 // on the wire only; every other reader refuses the type
    if (tag === 0xcf) return this.#long()
    if (tag >= 0xcc && tag <= 0xce) return this.#number(2 ** (tag - 0xcc))
    if (tag >= 0xc4 && tag <= 0xc6) return this.#take(this.#number(2 ** (tag - 0xc4)))
    if (tag >= 0xa0 && tag <= 0xbf) return this.#text(tag & 31)
    if (tag >= 0xd9 && tag <= 0xdb) return this.#text(this.#number(2 ** (tag - 0xd9)))
    if (tag >= 0x90 && tag <= 0x9f) return this.#array(tag & 15, depth)
    if (tag === 0xdc || tag === 0xdd) return this.#array(this.#number(tag === 0xdc ? 2 : 4), depth)
    throw new Refused("canonical", `form ${tag.toString(16)}`)
  }

  #take(n: number): Bytes {
    if (n > this.#bytes.length - this.at) throw new Refused("canonical", "truncated")
    this.at += n
    return this.#bytes.slice(this.at - n, this.at)
  }

  #number(width: number): number {
    return this.#take(width).reduce((sum, b) => sum * 256 + b, 0)
  }

  #long(): number | bigint {
    const n = this.#take(8).reduce((sum, b) => (sum << 8n) | BigInt(b), 0n)
    return n <= Number.MAX_SAFE_INTEGER ? Number(n) : n
  }

  #text(n: number): string {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.#take(n))
    } catch (e) {
      throw e instanceof Refused ? e : new Refused("canonical", "not UTF-8")
    }
  }

  #array(n: number, depth: number): Value[] {
    if (depth === depthMax || n > this.#bytes.length - this.at)
      throw new Refused("canonical", "truncated or deep")
    const list: Value[] = []
    for (let i = 0; i < n; i++) list.push(this.value(depth + 1))
    return list
  }
}
