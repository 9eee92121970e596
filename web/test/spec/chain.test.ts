import { describe, expect, test } from "vitest"
import { fromHex, toHex } from "./bytes.ts"
import { follow, readForkProof, writerAt } from "./chain.ts"
import { codeOf, vectors } from "./vectors.ts"

interface Case {
  name: string
  net: string
  blocks?: string[]
  keys?: string[]
  proof?: string
  error?: string
  chain?: string
  seq?: number
  head?: string
  writer?: string
}

const cases = vectors("chain") as Case[]
const chains = cases.filter((c) => c.blocks !== undefined)
const proofs = cases.filter((c) => c.proof !== undefined)

test("every case is a chain or a fork proof, good and refused ones", () => {
  expect(chains.length + proofs.length).toBe(cases.length)
  for (const some of [chains, proofs]) {
    expect(some.filter((c) => c.error === undefined).length).toBeGreaterThan(2)
    expect(some.filter((c) => c.error !== undefined).length).toBeGreaterThan(2)
  }
})

describe("chains", () => {
  test.each(chains)("$name", async (c) => {
    const [net, blocks] = [fromHex(c.net), (c.blocks ?? []).map(fromHex)]
    if (c.error !== undefined) {
      expect(await codeOf(() => follow(net, blocks))).toBe(c.error)
      // what stands before the refused block is a chain of its own
      if (blocks.length > 1) await follow(net, blocks.slice(0, -1))
      return
    }
    const chain = await follow(net, blocks)
    expect({
      chain: toHex(chain.id),
      seq: chain.seq,
      head: toHex(chain.head),
      writer: toHex(writerAt(chain, chain.seq + 1)),
    }).toEqual({ chain: c.chain, seq: c.seq, head: c.head, writer: c.writer })
  })
})

describe("fork proofs", () => {
  test.each(proofs)("$name", async (c) => {
    const reading = () => readForkProof(fromHex(c.net), (c.keys ?? []).map(fromHex), fromHex(c.proof ?? ""))
    if (c.error !== undefined) {
      expect(await codeOf(reading)).toBe(c.error)
      return
    }
    const { chain, seq } = await reading()
    expect({ chain: toHex(chain), seq }).toEqual({ chain: c.chain, seq: c.seq })
  })
})
