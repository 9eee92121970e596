import { describe, expect, test } from "vitest"
import { id } from "./block.ts"
import { fromHex, toHex } from "./bytes.ts"
import { checkProof, readProof } from "./proof.ts"
import { codeOf, vectors } from "./vectors.ts"

interface Case {
  name: string
  file: string
  /** The network that is expected. */
  net?: string
  /** The block brought. */
  block?: string
  states: string
  chain?: string
  id?: string
  writer?: string
  error?: string
}

const cases = vectors("proof") as Case[]
const read = cases.filter((c) => c.error === undefined)
const refused = cases.filter((c) => c.error !== undefined)

test("there are proofs that hold, proofs that fail, and refused files", () => {
  expect(read.filter((c) => !c.states.includes("f")).length).toBeGreaterThan(5)
  expect(read.filter((c) => c.states.includes("f")).length).toBeGreaterThan(10)
  expect(refused.length).toBeGreaterThan(20)
})

describe("proofs", () => {
  test.each(read)("$name", async (c) => {
    const proof = readProof(fromHex(c.file))
    const brought = c.block === undefined ? undefined : fromHex(c.block)
    const { states, writer } = await checkProof(
      proof,
      c.net === undefined ? undefined : fromHex(c.net),
      brought,
    )
    expect({
      states: states.join(""),
      chain: toHex(await id(proof.blocks[0]?.headerBytes ?? new Uint8Array())),
      id: toHex(await id(proof.last.headerBytes)),
      writer: writer === undefined ? "" : toHex(writer),
    }).toEqual({ states: c.states, chain: c.chain, id: c.id, writer: c.writer })
  })

  test.each(refused)("refused: $name", async (c) => {
    expect(await codeOf(() => readProof(fromHex(c.file)))).toBe(c.error)
  })
})
