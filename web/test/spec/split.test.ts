import { describe, expect, test } from "vitest"
import { fromHex } from "./bytes.ts"
import { RefusedAt, split } from "./split.ts"
import { vectors } from "./vectors.ts"

interface Case {
  name: string
  file: string
  kind?: string
  records?: [number, number][]
  error?: string
  at?: number
}

const cases = vectors("split") as Case[]
const good = cases.filter((c) => c.error === undefined)
const refused = cases.filter((c) => c.error !== undefined)

test("there are good and refused files", () => {
  expect(good.length).toBeGreaterThan(5)
  expect(refused.length).toBeGreaterThan(5)
})

function refusalOf(file: string): unknown {
  try {
    return split(fromHex(file))
  } catch (e) {
    if (e instanceof RefusedAt) return { error: e.code, at: e.at }
    throw e
  }
}

describe("files of FHIR values", () => {
  test.each(good)("$name", (c) => {
    expect(split(fromHex(c.file))).toEqual({ kind: c.kind, records: c.records })
  })

  test.each(refused)("refused: $name", (c) => {
    expect(refusalOf(c.file)).toEqual({ error: c.error, at: c.at })
  })
})
