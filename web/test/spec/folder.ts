/**
 * The arrays of folder.md §1–3, meeting.md §4–6 and device.md §3–4, read and written by their tables. They have two forms
 * that blocks have not, booleans and signed times, so they have a reader of their own.
 */
import { type Bytes, Refused, concat, equal, fromHex, toHex } from "./bytes.ts"
import { type Value, encode as encodePlain } from "./msgpack.ts"

/** Bytes are hex here, as in the vectors. */
export type Plain = number | boolean | string | Plain[] | { [name: string]: Plain }

interface Form {
  read(from: Cursor): Plain
  write(value: Plain): Bytes
}

class Cursor {
  readonly #bytes: Bytes
  at = 0

  constructor(bytes: Bytes) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.at
  }

  take(n: number): Bytes {
    if (n > this.left) throw new Refused("canonical", "truncated")
    this.at += n
    return this.#bytes.slice(this.at - n, this.at)
  }

  number(width: number): number {
    return this.take(width).reduce((sum, b) => sum * 256 + b, 0)
  }

  /** The number that one of three tags announces in 1, 2 or 4 bytes. */
  sized(tag: number, first: number): number {
    if (tag < first || tag > first + 2) throw new Refused("canonical", "another form")
    return this.number(2 ** (tag - first))
  }
}

function uint(below: number): Form {
  return {
    read: (from) => {
      const tag = from.number(1)
      const n = tag < 128 ? tag : from.sized(tag, 0xcc)
      if (n >= below) throw new Refused("canonical", "too large")
      return n
    },
    write: (value) => encodePlain(value as number),
  }
}

/** Of a fixed length, or of any. */
function bin(length?: number): Form {
  return {
    read: (from) => {
      const bytes = from.take(from.sized(from.number(1), 0xc4))
      if (length !== undefined && bytes.length !== length) throw new Refused("canonical", "length")
      return toHex(bytes)
    },
    write: (value) => encodePlain(fromHex(value as string)),
  }
}

const text: Form = {
  read: (from) => {
    const tag = from.number(1)
    const bytes = from.take(tag >= 0xa0 && tag < 0xc0 ? tag & 31 : from.sized(tag, 0xd9))
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) // what is not UTF-8 writes back as other bytes
  },
  write: (value) => encodePlain(value as string),
}

const bool: Form = {
  read: (from) => {
    const tag = from.number(1)
    if (tag !== 0xc2 && tag !== 0xc3) throw new Refused("canonical", "no boolean")
    return tag === 0xc3
  },
  write: (value) => encodePlain(value as boolean),
}

/** Milliseconds, signed. */
const time: Form = {
  read: (from) => {
    const tag = from.number(1)
    if (tag < 128) return tag
    if (tag >= 0xe0) return tag - 256
    const width = 2 ** (tag - 0xd0)
    if (![1, 2, 4, 8].includes(width)) throw new Refused("canonical", "no time")
    const n = from.take(width).reduce((sum, b) => (sum << 8n) | BigInt(b), 0n)
    return Number(BigInt.asIntN(width * 8, n))
  },
  write: (value) => {
    const n = BigInt(value as number)
    if (n >= -32n && n < 128n) return Uint8Array.of(Number(BigInt.asUintN(8, n)))
    const power = [0, 1, 2, 3].find((p) => BigInt.asIntN(8 * 2 ** p, n) === n) ?? 3
    const width = 2 ** power
    const digits = BigInt.asUintN(width * 8, n).toString(16)
    return concat(Uint8Array.of(0xd0 + power), fromHex(digits.padStart(width * 2, "0")))
  },
}

function readLength(from: Cursor): number {
  const tag = from.number(1)
  const n = tag >= 0x90 && tag < 0xa0 ? tag & 15 : from.sized(tag, 0xdb) // dc in 2 bytes, dd in 4
  if (n > from.left) throw new Refused("canonical", "longer than what is there")
  return n
}

function writeLength(n: number): Bytes {
  const whole = encodePlain(new Array<Value>(n).fill(0))
  return whole.slice(0, whole.length - n)
}

function list(of: Form): Form {
  return {
    read: (from) => Array.from({ length: readLength(from) }, () => of.read(from)),
    write: (value) => {
      const items = value as Plain[]
      return concat(writeLength(items.length), ...items.map((item) => of.write(item)))
    },
  }
}

/** An array whose fields the vectors name. */
function fields(named: Record<string, Form>): Form {
  const each = Object.entries(named)
  return {
    read: (from) => {
      if (readLength(from) !== each.length) throw new Refused("canonical", "number of fields")
      return Object.fromEntries(each.map(([name, form]) => [name, form.read(from)]))
    },
    write: (value) => {
      const object = new Map(Object.entries(value))
      return concat(
        writeLength(each.length),
        ...each.map(([name, form]) => {
          const field = object.get(name) as Plain | undefined
          if (field === undefined) throw new Error(`no ${name}`)
          return form.write(field)
        }),
      )
    },
  }
}

const [u8, u32] = [uint(2 ** 8), uint(2 ** 32)]
const hash = bin(32)
const key = bin(33)
const recipient = bin(1216)

const forms: Record<string, Form | undefined> = {
  credential: fields({
    version: u8,
    identity: bin(),
    device: key,
    name: text,
    signature: bin(),
    member: bin(),
  }),
  manifest: fields({
    version: u8,
    folder: hash,
    number: u32,
    person: fields({ name: text, born: text }),
    keys: list(fields({ section: u8, k: hash, a: hash, scope: bin(16), replaces: list(bin(16)) })),
    grants: list(
      fields({
        chain: hash,
        nonce: bin(16),
        generation: u8,
        g: hash,
        reader: hash,
        recipient,
        name: text,
        device: key,
        guest: bool,
        sections: bin(),
        records: list(hash),
        rights: u8,
        expiry: u32,
        state: u8,
        sinceMS: time,
        stoppedMS: time,
        purpose: text,
      }),
    ),
    writers: list(
      fields({
        chain: hash,
        credential: bin(),
        own: bool,
        session: hash,
        head: hash,
        cut: list(u32),
        erase: hash,
      }),
    ),
  }),
  deviceSealed: fields({ seals: bin(), box: bin() }),
  deviceBody: fields({
    version: u8,
    name: text,
    devices: list(fields({ name: text, key, recipient })),
    folders: list(fields({ id: hash, writers: list(hash) })),
    owners: list(hash),
    secrets: list(hash),
    nextKit: u32,
  }),
  hello: fields({
    version: u8,
    role: u8,
    genesis: bin(),
    recipient,
    name: text,
    nonce: hash,
    credential: bin(),
  }),
  result: fields({ grant: hash, block: hash }),
  deviceHello: fields({ version: u8, role: u8, device: key, recipient, name: text, nonce: hash }),
  linkResult: fields({ identity: hash, device: hash, nextKit: u32, leaves: list(hash), claim: bin(64) }),
  share: fields({ pairs: list(fields({ record: hash, r: hash })), refused: text }),
  reason: fields({ mode: u8, preset: text, text }),
  outboxMark: fields({ state: u8, atMS: time, ids: list(hash) }),
}

function formOf(kind: string): Form {
  const form = forms[kind]
  if (form === undefined) throw new Error(`no table for ${kind}`)
  return form
}

/** The fields of an array. @throws Refused canonical. */
export function read(kind: string, bytes: Bytes): Plain {
  const from = new Cursor(bytes)
  const value = formOf(kind).read(from)
  if (from.left > 0) throw new Refused("canonical", "trailing bytes")
  if (!equal(write(kind, value), bytes)) throw new Refused("canonical", "another form")
  return value
}

/** The one encoding of an array. */
export function write(kind: string, value: Plain): Bytes {
  return formOf(kind).write(value)
}
