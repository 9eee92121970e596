import { describe, expect, test } from "vitest"
import { derive, fromHex, sum, toHex, u32 } from "./bytes.ts"
import { combine, commitment, deal, kdf, multiply, scopeOf, seatCommitment } from "./shares.ts"
import { vectors } from "./vectors.ts"

interface Shares {
  context: { net: string; session: string; record: string }
  field: { a: string; b: string; product: string }[]
  kdf: { key: string; label: string; data: string; out: string }[]
  scope: { authority: string; key: string; scope_key: string; scope: string; commitment: string }[]
  erase: { erase_key: string; s0: string; c: number; opening: string; commitment: string }[]
  deal: { name: string; secret: string; t: number; n: number; shares: string[] }[]
  deal_refused: { name: string; t: number; n: number }[]
  combine: { name: string; t: number; shares: { index: number; value: string }[]; secret: string }[]
  combine_refused: { name: string; t: number; shares: { index: number; value: string }[] | null }[]
  seats: { name: string; secret: string; t: number; scope: string; seats: string; shares: string[] }[]
}

const v = vectors("shares") as Shares
const where = {
  net: fromHex(v.context.net),
  session: fromHex(v.context.session),
  record: fromHex(v.context.record),
}
const { net, record } = where
const opened = (
  shares: { index: number; value: string }[] | null,
): { index: number; value: Uint8Array<ArrayBuffer> }[] =>
  (shares ?? []).map(({ index, value }) => ({ index, value: fromHex(value) }))

describe("shares", () => {
  test.each(v.field)("$a × $b = $product", ({ a, b, product }) => {
    expect(multiply(parseInt(a, 16), parseInt(b, 16))).toBe(parseInt(product, 16))
  })

  test.each(v.kdf)("KDF $label", async ({ key, label, data, out }) => {
    expect(toHex(await kdf(where, fromHex(key), label, fromHex(data)))).toBe(out)
  })

  test.each(v.scope)("scope $scope", async (c) => {
    const scope = await scopeOf(net, fromHex(c.authority), fromHex(c.key))
    expect(toHex(await derive(net, fromHex(c.key), new Uint8Array(), "scope"))).toBe(c.scope_key)
    expect(toHex(scope)).toBe(c.scope)
    expect(toHex(await sum(net, "scope-of", record, scope))).toBe(c.commitment)
  })

  test.each(v.erase)("erase $c", async (c) => {
    const opening = await kdf(where, fromHex(c.s0), "erase", u32(c.c))
    expect(toHex(opening)).toBe(c.opening)
    expect(toHex(await sum(net, "erase", fromHex(c.erase_key), opening))).toBe(c.commitment)
  })

  test.each(v.deal)("deal $name", async ({ secret, t, n, shares }) => {
    expect((await deal(where, fromHex(secret), t, n)).map(toHex)).toEqual(shares)
  })

  test.each(v.deal_refused)("deal refused: $name", async ({ t, n }) => {
    await expect(deal(where, new Uint8Array(32), t, n)).rejects.toThrow("deal")
  })

  test.each(v.combine)("combine $name", ({ t, shares, secret }) => {
    expect(toHex(combine(opened(shares), t))).toBe(secret)
  })

  test.each(v.combine_refused)("combine refused: $name", ({ t, shares }) => {
    expect(() => combine(opened(shares), t)).toThrow("combine")
  })

  test.each(v.seats)("seats $name", async ({ secret, t, seats, shares }) => {
    const dealt = await deal(where, fromHex(secret), t, shares.length)
    expect(dealt.map(toHex)).toEqual(shares)
    for (const [i, share] of dealt.entries()) {
      expect(toHex(await commitment(net, record, i + 1, share))).toBe(
        toHex(seatCommitment(fromHex(seats), i + 1)),
      )
    }
  })
})
