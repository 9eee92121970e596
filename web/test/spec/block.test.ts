import { describe, expect, test } from "vitest"
import { checkSignature, id, readBlock, readHeader } from "./block.ts"
import { type Bytes, fromHex, included, leafHash, root, toHex } from "./bytes.ts"
import { mayEnroll, verify } from "./ed25519.ts"
import { codeOf, vectors } from "./vectors.ts"

interface HeaderCase {
  name: string
  header: string
  error?: string
  id: string
  version: number
  kind: number
  chain: string
  seq: number
  prev: string
  links: string[]
  epoch: number
  time: number
  tag: string
  payloadHash: string
  payloadLength: number
}

interface BlockCase {
  name: string
  net: string
  key: string
  wire: string
  error?: string
  id: string
  header: string
  parts: string[]
  leaves: string
}

interface TreeCase {
  name: string
  leaves?: string[]
  leaf: string
  index: number
  count: number
  path: string[]
  root: string
  error?: string
}

interface SignatureCase {
  name: string
  key: string
  message: string
  signature: string
  valid: boolean
  enroll: boolean
}

const headers = vectors("header") as HeaderCase[]
const blocks = vectors("block") as BlockCase[]
const trees = vectors("merkle") as TreeCase[]
const signatures = vectors("ed25519") as SignatureCase[]

describe("headers", () => {
  test.each(headers.filter((c) => c.error === undefined))("$name", async (c) => {
    const bytes = fromHex(c.header)
    const h = readHeader(bytes)
    expect(toHex(await id(bytes))).toBe(c.id)
    for (const [field, value] of Object.entries(h))
      expect([field, hexed(value)]).toEqual([field, fieldOf(c, field)])
  })

  test.each(headers.filter((c) => c.error !== undefined))("refused: $name", async (c) => {
    expect(await codeOf(() => readHeader(fromHex(c.header)))).toBe(c.error)
  })
})

describe("blocks", () => {
  test.each(blocks.filter((c) => c.error === undefined))("$name", async (c) => {
    const block = await readBlock(fromHex(c.wire))
    await checkSignature(block, fromHex(c.net), fromHex(c.key))
    expect(toHex(await id(block.headerBytes))).toBe(c.id)
    expect(toHex(block.headerBytes)).toBe(c.header)
    expect(block.parts.map(toHex)).toEqual(c.parts)
    expect(toHex(block.leaves)).toBe(c.leaves)
  })

  test.each(blocks.filter((c) => c.error !== undefined))("refused: $name", async (c) => {
    const reading = async (): Promise<void> => {
      await checkSignature(await readBlock(fromHex(c.wire)), fromHex(c.net), fromHex(c.key))
    }
    expect(await codeOf(reading)).toBe(c.error)
  })
})

describe("trees", () => {
  test.each(trees)("$name", async (c) => {
    if (c.leaves !== undefined)
      expect(toHex(await root(await Promise.all(c.leaves.map((l) => leafHash(fromHex(l))))))).toBe(c.root)
    else {
      const found = await included(fromHex(c.root), fromHex(c.leaf), c.index, c.count, c.path.map(fromHex))
      expect(found).toBe(c.error === undefined)
    }
  })

  test("a leaf and an inner node of the same bytes differ", async () => {
    const [a, b] = [await leafHash(Uint8Array.of(1)), await leafHash(Uint8Array.of(2))]
    expect(toHex(await root([a, b]))).not.toBe(toHex(await leafHash(fromHex(toHex(a) + toHex(b)))))
  })
})

describe("signatures by the ZIP-215 rule", () => {
  test.each(signatures)("$name", async (c) => {
    const key = fromHex(c.key)
    const raw: Bytes = key.length === 33 ? key.slice(1) : key
    expect(await verify(raw, fromHex(c.message), fromHex(c.signature))).toBe(c.valid)
    expect(mayEnroll(key.length === 33 ? key : Uint8Array.of(1, ...key))).toBe(c.enroll)
  })
})

function fieldOf(c: HeaderCase, field: string): unknown {
  return new Map<string, unknown>(Object.entries(c)).get(field)
}

function hexed(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value)
  return Array.isArray(value) ? value.map(hexed) : value
}
