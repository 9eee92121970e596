import { describe, expect, test } from "vitest"
import { type Expected, fromRuns, hexOf, readArchive } from "./archive.ts"
import { sha256, utf8 } from "./bytes.ts"
import { codeOf, vectors } from "./vectors.ts"

interface Case {
  name: string
  file: (string | number)[]
  blocks?: string[]
  leaves?: number
  error?: string
}

const cases = vectors("archive") as Case[]
const good = cases.filter((c) => c.error === undefined)
const refused = cases.filter((c) => c.error !== undefined)

/** The vectors' network file is these words, their net the one of all pages' vectors. */
const expected: Expected = { net: await sha256(utf8("net/0")), network: utf8("the network file") }

test("there are good and refused archives", () => {
  expect(good.length).toBeGreaterThan(1)
  expect(refused.length).toBeGreaterThan(50)
})

describe("archives", () => {
  test.each(good)("$name", async (c) => {
    const archive = await readArchive(fromRuns(c.file), expected)
    expect(hexOf(archive)).toEqual({ blocks: c.blocks, leaves: c.leaves })
  })

  test.each(refused)("refused: $name", async (c) => {
    expect(await codeOf(() => readArchive(fromRuns(c.file), expected))).toBe(c.error)
  })
})
