import { describe, expect, test } from "vitest"
import { fromHex, toHex } from "./bytes.ts"
import { type Plain, read, write } from "./folder.ts"
import { codeOf, vectors } from "./vectors.ts"

interface Folder {
  arrays: { kind: string; name: string; value: Plain; bytes: string }[]
  refused: { kind: string; name: string; bytes: string }[]
}

const { arrays, refused } = vectors("folder") as Folder

test("there are arrays of every kind, and refused ones", () => {
  expect(arrays.length).toBeGreaterThan(20)
  expect(refused.length).toBeGreaterThan(100)
  const kinds = new Set(arrays.map((c) => c.kind))
  expect(new Set(refused.map((c) => c.kind))).toEqual(kinds)
})

describe("arrays of a folder", () => {
  test.each(arrays)("$kind: $name", ({ kind, value, bytes }) => {
    expect(read(kind, fromHex(bytes))).toEqual(value)
    expect(toHex(write(kind, value))).toBe(bytes)
  })

  test.each(refused)("refused: $kind: $name", async ({ kind, bytes }) => {
    expect(await codeOf(() => read(kind, fromHex(bytes)))).toBe("canonical")
  })
})
