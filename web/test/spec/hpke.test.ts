import { describe, expect, test } from "vitest"
import { fromHex, toHex } from "./bytes.ts"
import { isRecipient, open, recipientOf } from "./hpke.ts"
import { type Session, openSeal } from "./session.ts"
import { vectors } from "./vectors.ts"

interface Sealed {
  name: string
  seed: string
  info: string
  sealed: string
}

interface Hpke {
  open: (Sealed & { recipient: string; text: string })[]
  open_refused: Sealed[]
  recipient: { seed: string; recipient: string }[]
  recipient_refused: { name: string; recipient: string }[]
}

interface Where {
  net: string
  chain: string
  epoch: number
  seals: string
}

interface Seat {
  seed: string
  secret: string
}

interface Sessions extends Where {
  owner: Seat
  seats: Seat[]
  archive: Seat
  refused: (Where & { name: string; seat: number; seed: string })[]
}

const v = vectors("hpke") as Hpke
const s = vectors("session") as Sessions

test("there are good and refused cases of each", () => {
  expect(v.open.length).toBeGreaterThan(3)
  expect(v.open_refused.length).toBeGreaterThan(10)
  expect(v.recipient.length).toBeGreaterThan(1)
  expect(v.recipient_refused.length).toBeGreaterThan(5)
  expect(s.seats.length).toBeGreaterThan(3)
  expect(s.refused.length).toBeGreaterThan(10)
})

describe("recipients", () => {
  test.each(v.recipient)("$seed", ({ seed, recipient }) => {
    expect(toHex(recipientOf(fromHex(seed)))).toBe(recipient)
    expect(isRecipient(fromHex(recipient))).toBe(true)
  })

  test.each(v.recipient_refused)("refused: $name", ({ recipient }) => {
    expect(isRecipient(fromHex(recipient))).toBe(false)
  })
})

describe("what is sealed to one", () => {
  test.each(v.open)("$name", async (c) => {
    expect(toHex(recipientOf(fromHex(c.seed)))).toBe(c.recipient)
    const text = await open(fromHex(c.seed), fromHex(c.info), fromHex(c.sealed))
    expect(text && toHex(text)).toBe(c.text)
  })

  test.each(v.open_refused)("refused: $name", async (c) => {
    expect(await open(fromHex(c.seed), fromHex(c.info), fromHex(c.sealed))).toBeUndefined()
  })
})

describe("seals of a session", () => {
  const of = (w: Where): Session => ({
    net: fromHex(w.net),
    chain: fromHex(w.chain),
    epoch: w.epoch,
    seals: fromHex(w.seals),
  })
  const all = [
    { seat: 0, ...s.owner },
    ...s.seats.map((seat, i) => ({ seat: i + 1, ...seat })),
    { seat: 255, ...s.archive },
  ]

  test.each(all)("seat $seat", async ({ seat, seed, secret }) => {
    const opened = await openSeal(of(s), seat, fromHex(seed))
    expect(opened && toHex(opened)).toBe(secret)
  })

  test.each(s.refused)("refused: $name", async (c) => {
    expect(await openSeal(of(c), c.seat, fromHex(c.seed))).toBeUndefined()
  })
})
