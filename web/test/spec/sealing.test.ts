import { describe, expect, test } from "vitest"
import { open } from "./aead.ts"
import { type Bytes, Refused, concat, equal, fromHex, leafHash, root, sha256, toHex, u32 } from "./bytes.ts"
import { padme, readBody, readHeader, sealBlob } from "./sealing.ts"
import { kdf } from "./shares.ts"
import { vectors } from "./vectors.ts"

interface Named {
  name: string
  file: string
}

interface Sealing {
  context: { net: string; session: string; record: string }
  keys: { s0: string; k: string; scope: string; r: string; file_key: string }
  record: (Named & { plaintext: string; owner_stanza: string; section_stanza: string })[]
  owner_only: (Named & { plaintext: string })[]
  owner_only_refused: Named[]
  header_refused: Named[]
  open_refused: Named[]
}

interface Blobs {
  record: string
  erase: string
  file_key: string
  stream_nonce: string
  blob: { size: number; padded: number; sha256: string; leaves: string[]; root: string; last_leaf: number }[]
}

const v = vectors("sealing") as Sealing
const where = {
  net: fromHex(v.context.net),
  session: fromHex(v.context.session),
  record: fromHex(v.context.record),
}
const s0 = fromHex(v.keys.s0)
const noNonce = new Uint8Array(12)

/** What a reader with K and R does. */
async function readerKey(section: Bytes): Promise<Bytes> {
  const key = await kdf(where, concat(fromHex(v.keys.k), fromHex(v.keys.r)), "section")
  const fileKey = open(key, noNonce, section)
  if (fileKey === undefined) throw new Refused("open", "section stanza")
  return fileKey
}

/** What the owner does with a record that only the owner may open. */
async function ownerOnlyKey(file: Bytes): Promise<Bytes> {
  const header = readHeader(file)
  if (header.session !== v.context.session || header.record !== v.context.record)
    throw new Refused("open", "ids")
  const text = open(await kdf(where, s0, "manifest"), noNonce, header.owner)
  if (text === undefined || !equal(text.slice(16), new Uint8Array(16)))
    throw new Refused("open", "owner stanza")
  return text.slice(0, 16)
}

describe("sealing", () => {
  test.each(v.record)("the reader opens $name", async ({ file, plaintext, owner_stanza, section_stanza }) => {
    const header = readHeader(fromHex(file))
    expect({ ...v.context, session: header.session, record: header.record }).toEqual(v.context)
    expect(toHex(header.owner)).toBe(owner_stanza)
    expect(toHex(header.section)).toBe(section_stanza)
    const fileKey = await readerKey(header.section)
    expect(toHex(fileKey)).toBe(v.keys.file_key)
    expect(toHex(await readBody(fromHex(file), header, fileKey))).toBe(plaintext)
  })

  test.each(v.record)("the owner opens $name without a release", async ({ owner_stanza }) => {
    const key = await kdf(where, s0, "owner", fromHex(v.keys.scope))
    const r = open(key, noNonce, fromHex(owner_stanza))
    expect(r && toHex(r)).toBe(v.keys.r)
  })

  test.each(v.owner_only)("the owner opens what is only the owner's: $name", async ({ file, plaintext }) => {
    const fileKey = await ownerOnlyKey(fromHex(file))
    expect(toHex(await readBody(fromHex(file), readHeader(fromHex(file)), fileKey))).toBe(plaintext)
  })

  test.each(v.owner_only_refused)("refused as only the owner's: $name", async ({ file }) => {
    await expect(ownerOnlyKey(fromHex(file))).rejects.toThrow(Refused)
  })

  test.each(v.header_refused)("header refused: $name", ({ file }) => {
    expect(() => readHeader(fromHex(file))).toThrow("header")
  })

  test.each(v.open_refused)("not opened: $name", async ({ file }) => {
    const opening = async (): Promise<Bytes> =>
      readBody(fromHex(file), readHeader(fromHex(file)), fromHex(v.keys.file_key))
    await expect(opening()).rejects.toThrow("open")
  })

  test("a section stanza does not open under K or R alone", async () => {
    const section = fromHex(v.record[0]?.section_stanza ?? "")
    for (const half of [v.keys.k, v.keys.r]) {
      expect(open(await kdf(where, fromHex(half), "section"), noNonce, section)).toBeUndefined()
    }
  })
})

const b = vectors("blob") as Blobs

describe("blobs", () => {
  test.each(b.blob)("of $size bytes", async (c) => {
    const plain = new Uint8Array(c.padded)
    for (let i = 0; i * 32 < c.size; i++) {
      plain.set((await sha256(u32(i))).subarray(0, Math.min(32, c.size - i * 32)), i * 32)
    }
    expect(toHex(await sha256(plain.subarray(0, c.size)))).toBe(c.sha256)
    const file = await sealBlob(fromHex(b.record), fromHex(b.file_key), fromHex(b.stream_nonce), plain)
    const leaves = [fromHex(b.erase)]
    for (let at = 0; at < file.length; at += 256 << 10) leaves.push(file.slice(at, at + (256 << 10)))
    const hashes = await Promise.all(leaves.map(leafHash))
    expect(hashes.map(toHex)).toEqual(c.leaves)
    expect(toHex(await root(hashes))).toBe(c.root)
    expect(leaves.at(-1)?.length).toBe(c.last_leaf)
  })
})

describe("PADMÉ", () => {
  // The right column is worked out by hand from sealing.md: keep the first log2(log2 L)+1 bits, round up.
  test.each([
    [0, 512],
    [1, 512],
    [512, 512],
    [513, 544],
    [1000, 1024],
    [1025, 1088],
    [65_536, 65_536],
    [65_537, 67_584],
    [600_000, 606_208],
  ])("%i bytes become %i", (length, padded) => {
    expect(padme(length)).toBe(padded)
  })
})
