import { describe, expect, test } from "vitest"
import {
  type Bytes,
  Refused,
  compare,
  concat,
  derive,
  equal,
  fromHex,
  included,
  leafHash,
  mac,
  prefix,
  root,
  sha256,
  sum,
  toHex,
  u32,
} from "./bytes.ts"
import { mayEnroll, verify } from "./ed25519.ts"
import { type Value, decode } from "./msgpack.ts"
import { codeOf, vectors } from "./vectors.ts"

/** One case; which fields it has depends on its op. */
interface Case {
  name: string
  op: string
  net: string
  g: string
  scopes?: string[]
  records?: string[]
  root: string
  leaf: string
  index: number
  path: string[]
  key: string
  chain: string
  signature: string
  nonce: string
  record: string
  entry: string
  secret: string
  time: number
  k: number
  tag: string
  recipientHash: string
  info: string
  bytes: string
  sections: number[]
  owner: string
  reader: string
  purpose: string
  error?: string
}

const cases = vectors("grant") as Case[]
const of = (...ops: string[]): Case[] => cases.filter((c) => ops.includes(c.op))

/** The sorted leaf values of a tree, padded to a power of two of at least 8. */
async function leafValues(
  net: Bytes,
  g: Bytes,
  label: string,
  items: Bytes[],
  max: number,
): Promise<Bytes[]> {
  if (items.length < 1 || items.length > max) throw new Refused("limit", `${String(items.length)} leaves`)
  const values = await Promise.all(items.map((item) => sum(net, label, g, item)))
  const size = Math.max(8, 2 ** Math.ceil(Math.log2(values.length)))
  for (let i = 0; values.length < size; i++) values.push(await sum(net, "grant-pad", g, u32(i)))
  values.sort(compare)
  if (values.some((value, i) => i > 0 && equal(value, values[i - 1] ?? value)))
    throw new Refused("canonical", "twice")
  return values
}

function treeOf(c: Case): Promise<Bytes[]> {
  const [net, g] = [fromHex(c.net), fromHex(c.g)]
  if (c.op === "scopes") return leafValues(net, g, "grant", (c.scopes ?? []).map(fromHex), 64)
  return leafValues(net, g, "grant-record", (c.records ?? []).map(fromHex), 256)
}

describe("grant trees", () => {
  test.each(of("scopes", "records"))("$name", async (c) => {
    if (c.error !== undefined) {
      expect(await codeOf(() => treeOf(c))).toBe(c.error)
      return
    }
    const values = await treeOf(c)
    const hashes = await Promise.all(values.map(leafHash))
    expect(toHex(await root(hashes))).toBe(c.root)
    const [first] = c.scopes ?? c.records ?? []
    const label = c.op === "scopes" ? "grant" : "grant-record"
    const value = await sum(fromHex(c.net), label, fromHex(c.g), fromHex(first ?? ""))
    expect(values.findIndex((v) => equal(v, value))).toBe(c.index)
    const leaf = await leafHash(value)
    expect(await included(fromHex(c.root), leaf, c.index, values.length, c.path.map(fromHex))).toBe(true)
  })

  test.each(of("holds"))("$name", async (c) => {
    const k = c.path.length
    const leaf = await leafHash(fromHex(c.leaf))
    const inside = await included(fromHex(c.root), leaf, c.index, 2 ** k, c.path.map(fromHex))
    expect(inside && k >= 3 && k <= 8).toBe(c.error === undefined)
  })
})

test.each(of("authorize"))("$name", async (c) => {
  const signed = concat(prefix(fromHex(c.net), "authorize"), await sha256(fromHex(c.chain)))
  expect(await verify(fromHex(c.key).slice(1), signed, fromHex(c.signature))).toBe(c.error === undefined)
})

/** What each op with one result works out to, and the field that says so. */
const derived: Record<string, (c: Case, net: Bytes) => Promise<[Bytes, string]>> = {
  entry: async (c, net) => [
    (await mac(net, fromHex(c.g), "access", fromHex(c.nonce), fromHex(c.record))).slice(0, 16),
    c.entry,
  ],
  tagKey: async (c, net) => [await derive(net, fromHex(c.secret), new Uint8Array(), "tag"), c.key],
  dayTag: async (c, net) => [
    (await mac(net, fromHex(c.key), "day", fromHex(c.chain), u32(Math.floor(c.time / 86_400)))).slice(0, 16),
    c.tag,
  ],
  newTag: async (c, net) => [
    (await mac(net, fromHex(c.key), "new", u32(Math.floor(c.time / 2_592_000)), u32(c.k))).slice(0, 16),
    c.tag,
  ],
  grantTag: async (c, net) => [(await sum(net, "grant-to", fromHex(c.chain))).slice(0, 16), c.tag],
  sealInfo: (c, net) =>
    Promise.resolve([concat(prefix(net, "grant"), fromHex(c.chain), fromHex(c.recipientHash)), c.info]),
}

test.each(of(...Object.keys(derived)))("$name", async (c) => {
  const [value, want] = (await derived[c.op]?.(c, fromHex(c.net))) ?? []
  expect(value && toHex(value)).toBe(want)
})

interface Sealed {
  sections: number[]
  records: string[]
  names: [string, string]
  purpose: string
}

/** The sealed part of a GRANT. @throws Refused canonical, limit or key. */
function readSealed(bytes: Bytes): Sealed {
  const f = array(decode(bytes), 9, 9)
  bin(f[0], 32)
  bin(f[1], 32)
  bin(f[2], 1216)
  key(f[3])
  const sections = array(f[4], 0, 64).map((entry) => section(array(entry, 4, 4)))
  if (sections.length === 0) throw new Refused("limit", "no section")
  if (sections.some((s, i) => i > 0 && s < (sections[i - 1] ?? 0))) throw new Refused("canonical", "sections")
  const records = ascending(array(f[5], 0, 256).map((id) => bin(id, 32)))
  const writers = array(f[6], 0, 64).map((entry) => {
    const [chain, sessions] = array(entry, 2, 2)
    for (const id of array(sessions, 0, 64)) bin(id, 32)
    return bin(chain, 32)
  })
  ascending(writers)
  const [owner, reader] = array(f[7], 2, 2).map((name) => text(name, 128))
  return {
    sections,
    records: records.map(toHex),
    names: [owner ?? "", reader ?? ""],
    purpose: text(f[8], 280),
  }
}

function section([number, k, a, signature]: Value[]): number {
  if (typeof number !== "number" || number < 1 || number > 6) throw new Refused("canonical", "section")
  bin(k, 32)
  key(a)
  bin(signature, 64)
  return number
}

function array(value: Value | undefined, min: number, max: number): Value[] {
  if (Array.isArray(value) && value.length >= min && value.length <= max) return value
  throw new Refused("canonical", "array")
}

function bin(value: Value | undefined, length: number): Bytes {
  if (value instanceof Uint8Array && value.length === length) return value
  throw new Refused("canonical", `not ${String(length)} bytes`)
}

function key(value: Value | undefined): void {
  if (!mayEnroll(bin(value, 33))) throw new Refused("key", "may not be enrolled")
}

function text(value: Value | undefined, max: number): string {
  if (typeof value !== "string") throw new Refused("canonical", "text")
  if (new TextEncoder().encode(value).length > max) throw new Refused("limit", "text")
  return value
}

function ascending(ids: Bytes[]): Bytes[] {
  if (ids.some((id, i) => i > 0 && compare(id, ids[i - 1] ?? id) <= 0))
    throw new Refused("canonical", "order")
  return ids
}

describe("what a grant seals", () => {
  test.each(of("sealed"))("$name", async (c) => {
    if (c.error !== undefined) {
      expect(await codeOf(() => readSealed(fromHex(c.bytes)))).toBe(c.error)
      return
    }
    const { sections, records, names, purpose } = readSealed(fromHex(c.bytes))
    expect({ sections, records, names, purpose }).toEqual({
      sections: c.sections,
      records: c.records,
      names: [c.owner, c.reader],
      purpose: c.purpose,
    })
  })
})
