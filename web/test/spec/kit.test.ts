import { describe, expect, test } from "vitest"
import { seal } from "./aead.ts"
import { type Bytes, Refused, concat, derive, fromHex, prefix, sha256, toHex, u32, utf8 } from "./bytes.ts"
import { type Purpose, codeForms, kitQR, kitWords, readCode, readKitQR, readKitWords } from "./kit.ts"
import { scrypt } from "./scrypt.ts"
import { lines, page, vectors } from "./vectors.ts"

interface Kits {
  words: { name: string; root: string; words: string }[]
  typed: { name: string; in: string; root: string }[]
  typedRefused: { name: string; in: string; error: string; detail?: string }[]
  qr: { name: string; root: string; net: string; identity: string; relays: string[]; qr: string }[]
  qrRefused: { name: string; in: string; error: string }[]
}

interface ShortString {
  name: string
  net: string
  room: string
  host: string
  joiner: string
  digits: string
  emoji: string[]
}

interface Meetings {
  codes: {
    name: string
    code: string
    words: string
    digits: string
    letters: string
    share: string
    device: string
  }[]
  parse: { name: string; in: string; purpose: Purpose; net: string; code?: string; error?: string }[]
  rendezvous: { name: string; purpose: Purpose; net: string; code: string; room: string; secret: string }[]
  shortStrings: ShortString[]
  meeting: {
    purpose: Purpose
    net: string
    code: string
    hostHello: string
    joinerHello: string
    digits: string
    emoji: string[]
    info: string
    posts: { slot: number; text: string; bodySHA256: string }[]
    ends: { slot: number; text: string; bodySHA256: string }[]
    waiting: { slot: number; text: string; bodySHA256: string }[]
  }
}

const kits = vectors("kit") as Kits
const meetings = vectors("meeting") as Meetings
const list = lines("../../../shared/folder/english.go").flatMap(
  (line) => /^\t"([a-z ]+)"/u.exec(line)?.[1]?.trim().split(" ") ?? [],
)

async function refusal(reading: () => unknown): Promise<{ code: string; why: string }> {
  try {
    await reading()
    return { code: "", why: "" }
  } catch (e) {
    if (e instanceof Refused) return { code: e.code, why: e.message }
    throw e
  }
}

test("the list of words is the one that kit.md names", async () => {
  expect(list).toHaveLength(2048)
  const named = /`([0-9a-f]{12})…([0-9a-f]{8})`/u.exec(page("kit"))
  const hash = toHex(await sha256(utf8(list.map((word) => `${word}\n`).join(""))))
  expect([hash.slice(0, 12), hash.slice(-8)]).toEqual([named?.[1], named?.[2]])
})

describe("kit", () => {
  test.each(kits.words)("words of $name", async ({ root, words }) => {
    expect(await kitWords(fromHex(root), list)).toBe(words)
    expect(toHex(await readKitWords(words, list))).toBe(root)
  })

  test.each(kits.typed)("typed: $name", async (c) => {
    expect(toHex(await readKitWords(c.in, list))).toBe(c.root)
  })

  test.each(kits.typedRefused)("refused: $name", async (c) => {
    const { code, why } = await refusal(() => readKitWords(c.in, list))
    expect(code).toBe(c.error)
    if (code === "kit/word") expect(why).toBe(`kit/word: ${c.detail ?? ""}`)
  })

  test.each(kits.qr)("QR of $name", async (c) => {
    const kit = {
      root: fromHex(c.root),
      net: fromHex(c.net),
      identity: fromHex(c.identity),
      relays: c.relays,
    }
    expect(await kitQR(kit)).toBe(c.qr)
    expect(await readKitQR(` ${c.qr}\n`)).toEqual(kit)
  })

  test.each(kits.qrRefused)("QR refused: $name", async (c) => {
    expect((await refusal(() => readKitQR(c.in))).code).toBe(c.error)
  })
})

const purposes = { share: 1, device: 2 }

async function rendezvous(
  net: Bytes,
  purpose: Purpose,
  code: Bytes,
): Promise<{ room: Bytes; secret: Bytes }> {
  const secret = concat(utf8("anamnesis/v1/meet\0"), Uint8Array.of(purposes[purpose]), code)
  const out = await scrypt(secret, net, 2 ** 15, 48)
  return { room: out.slice(0, 16), secret: out.slice(16) }
}

/** The names in the page's list of emoji, read from its words. */
function emojiNames(): string[] {
  const text = /each a name of: ([a-z\s]+)\./u.exec(page("meeting"))?.[1] ?? ""
  return text.split(/\s+/u)
}

async function shortString(c: Omit<ShortString, "name" | "digits" | "emoji">): Promise<[string, string[]]> {
  const both = concat(fromHex(c.host), fromHex(c.joiner))
  const d = await derive(fromHex(c.net), both, new Uint8Array(), "sas", fromHex(c.room))
  const view = new DataView(d.buffer)
  const digits = (view.getBigUint64(0) % 10n ** 12n).toString().padStart(12, "0")
  const bits = view.getUint32(8) >>> 8
  return [digits, [18, 12, 6, 0].map((shift) => emojiNames()[(bits >>> shift) & 63] ?? "")]
}

describe("meeting", () => {
  test.each(meetings.codes)("forms of $name", (c) => {
    const net = fromHex(meetings.meeting.net)
    const { words, digits, letters, share, device } = c
    const want = { words, digits, letters, share, device }
    expect(codeForms(fromHex(c.code), net, list)).toEqual(want)
  })

  test.each(meetings.parse)("reading $name", async (c) => {
    const read = (): string => toHex(readCode(c.in, c.purpose, fromHex(c.net), list))
    if (c.code !== undefined) expect(read()).toBe(c.code)
    else expect((await refusal(read)).code).toBe(c.error)
  })

  test.each(meetings.rendezvous)("room and secret: $name", { timeout: 30_000 }, async (c) => {
    const { room, secret } = await rendezvous(fromHex(c.net), c.purpose, fromHex(c.code))
    expect([toHex(room), toHex(secret)]).toEqual([c.room, c.secret])
  })

  test("there are 64 names of emoji", () => {
    expect(new Set(emojiNames()).size).toBe(64)
  })

  test.each(meetings.shortStrings)("short string: $name", async (c) => {
    expect(await shortString(c)).toEqual([c.digits, c.emoji])
  })

  test("a whole meeting, post by post", { timeout: 30_000 }, async () => {
    const m = meetings.meeting
    const net = fromHex(m.net)
    const { room, secret } = await rendezvous(net, m.purpose, fromHex(m.code))
    const host = await sha256(fromHex(m.hostHello))
    const joiner = await sha256(fromHex(m.joinerHello))
    const texts = m.posts.map((post) => post.text)
    expect(texts.slice(0, 4)).toEqual([toHex(host), toHex(joiner), m.hostHello, m.joinerHello])
    expect(texts[4]).toBe(toHex(await derive(net, concat(host, joiner), new Uint8Array(), "match", room)))
    expect(toHex(concat(prefix(net, "meet"), room, host, joiner))).toBe(m.info)
    expect(
      await shortString({ net: m.net, room: toHex(room), host: toHex(host), joiner: toHex(joiner) }),
    ).toEqual([m.digits, m.emoji])
    expect(m.waiting.map(({ text }) => text)).toEqual([...texts, ...m.ends.map(({ text }) => text)])
    for (const { slot, text, bodySHA256 } of [...m.posts, ...m.ends, ...m.waiting]) {
      const key = await derive(net, secret, new Uint8Array(), "slot", u32(slot))
      const plain = new Uint8Array(4080)
      plain.set(concat(u32(text.length / 2), fromHex(text)))
      const body = seal(key, new Uint8Array(12), plain, concat(room, u32(slot)))
      expect(body).toHaveLength(4096)
      expect(toHex(await sha256(body))).toBe(bodySHA256)
    }
  })
})
