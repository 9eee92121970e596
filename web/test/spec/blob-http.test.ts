import { describe, expect, test } from "vitest"
import { announce, isReceipt, readAnnouncement } from "./blob-http.ts"
import { fromHex, root, toHex } from "./bytes.ts"
import { encode } from "./msgpack.ts"
import { codeOf, vectors } from "./vectors.ts"

interface Case {
  name: string
  net: string
  size: number
  erase: string
  root: string
  announce: string
  relay: string
  receipt: string
  error?: string
}

const cases = vectors("blob-http") as Case[]
const good = cases.filter((c) => c.error === undefined)
const refused = cases.filter((c) => c.error !== undefined)

test("there are good and refused announcements", () => {
  expect(good.length).toBeGreaterThan(3)
  expect(refused.length).toBeGreaterThan(5)
})

describe("announcements and receipts", () => {
  test.each(good)("$name", async (c) => {
    const { size, hashes } = readAnnouncement(fromHex(c.announce))
    expect(size).toBe(c.size)
    expect(toHex(await root(hashes))).toBe(c.root)
    // behind leaf 0 the vectors' blobs are zeros
    const made = await announce(fromHex(c.erase), new Uint8Array(c.size - 32))
    expect({ root: toHex(made.root), announce: toHex(made.announcement) }).toEqual({
      root: c.root,
      announce: c.announce,
    })
  })

  test.each(good)("receipt: $name", async (c) => {
    const [net, relay, blob, receipt] = [c.net, c.relay, c.root, c.receipt].map(fromHex)
    if (!net || !relay || !blob || !receipt) throw new Error("a field is missing")
    expect(await isReceipt(net, relay, blob, c.size, receipt)).toBe(true)
    expect(await isReceipt(net, relay, blob, c.size + 1, receipt)).toBe(false)
    expect(await isReceipt(blob, relay, blob, c.size, receipt)).toBe(false)
    expect(await isReceipt(net, relay, net, c.size, receipt)).toBe(false)
  })

  test.each(refused)("refused: $name", async (c) => {
    expect(await codeOf(() => readAnnouncement(fromHex(c.announce)))).toBe(c.error)
  })

  test("a leaf more or less than the size asks for", async () => {
    for (const [size, leaves] of [
      [31, 1],
      [32, 2],
      [33, 1],
      [32 + 262_144, 3],
      [32 + 262_145, 2],
    ] as const) {
      const bytes = encode([size, new Uint8Array(leaves * 32)])
      expect(await codeOf(() => readAnnouncement(bytes))).toBe("form")
    }
  })
})
