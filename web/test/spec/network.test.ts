import { describe, expect, test } from "vitest"
import { fromHex, sha256, toHex } from "./bytes.ts"
import { readNetwork } from "./network.ts"
import { codeOf, vectors } from "./vectors.ts"

interface Case {
  name: string
  file: string
  error?: string
  net: string
  n: number
  f: number
  q: number
  /** Hashes of the witnesses' recipients. */
  seats: string[]
  /** Members and then desk groups: chain and key. */
  members: [string, string][]
  lane: number
  relay: string
}

const cases = vectors("network") as Case[]
const good = cases.filter((c) => c.error === undefined)
const refused = cases.filter((c) => c.error !== undefined)

test("there are good and refused networks", () => {
  expect(good.length).toBeGreaterThan(1)
  expect(refused.length).toBeGreaterThan(50)
})

describe("network files", () => {
  test.each(good)("$name", async (c) => {
    const network = await readNetwork(fromHex(c.file))
    const recipients = await Promise.all(network.witnesses.map((w) => sha256(w.recipient)))
    expect({
      net: toHex(network.net),
      n: network.n,
      f: network.f,
      q: network.q,
      seats: recipients.map(toHex),
      members: [...network.members, ...network.desks].map((m) => [toHex(m.chain), toHex(m.key)]),
      lane: network.lanes[0]?.number,
      relay: toHex(network.lanes[0]?.relay ?? new Uint8Array()),
    }).toEqual({
      net: c.net,
      n: c.n,
      f: c.f,
      q: c.q,
      seats: c.seats,
      members: c.members,
      lane: c.lane,
      relay: c.relay,
    })
  })

  test.each(refused)("refused: $name", async (c) => {
    expect(await codeOf(() => readNetwork(fromHex(c.file)))).toBe(c.error)
  })
})
