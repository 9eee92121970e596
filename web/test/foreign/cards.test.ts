// SMART Health Cards and Links, good and bad, with keys made here.
import "../../src/core/foreign/alone.ts"
import { deflateRawSync } from "node:zlib"
import { CompactEncrypt, base64url } from "jose"
import { beforeAll, describe, expect, test, vi } from "vitest"
import { keysIn } from "../../src/core/foreign/cards.ts"
import type { Found, How } from "../../src/core/foreign/found.ts"
import { readLink } from "../../src/core/foreign/links.ts"
import { read } from "../../src/core/foreign/read.ts"
import { type Made, card, cardBundle, digits, how } from "./made.ts"

// The first resource that is checked waits for the rules of all.
vi.setConfig({ testTimeout: 30_000 })

const bring = (text: string, more: Partial<How> = {}) =>
  read(new Blob([text]), "file.txt", { ...how, ...more }, () => undefined)

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "accepted",
    (thrown: unknown) => (thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown)),
  )

function partOf(found: Found) {
  if (found.kind !== "part") throw new Error(`no part but ${found.kind}`)
  const { bytes, original } = found.part
  const text = new TextDecoder().decode(bytes)
  const all = new TextDecoder().decode(bytes.subarray(0, original))
  return { ...found.part, all, made: text.slice(all.length) }
}

let good: Made
beforeAll(async () => {
  good = await card()
})

describe("good cards", () => {
  test("as a JWS, a file, an answer of a server, and digits in one or more codes", async () => {
    const { jws, keys } = good
    const forms = [
      jws,
      `\n ${jws}\r\n`,
      JSON.stringify({ verifiableCredential: [jws] }),
      JSON.stringify({
        resourceType: "Parameters",
        parameter: [{ name: "verifiableCredential", valueString: jws }],
      }),
      digits(jws)[0] ?? "",
      digits(jws, 3).join("\n"),
      digits(jws, 3).toReversed().join("\n"),
    ]
    for (const form of forms) {
      const part = partOf(await bring(form, { keys }))
      expect(part.all).toBe(form) // kept as it came
      expect(part.format).toBe("smart-health-card")
      expect(part.notes.map((note) => note.code)).toEqual(["card-checked", "card-from", "card-date"])
    }
  })

  test("what it holds is as its issuer wrote it, 1.00 included", async () => {
    const { made } = partOf(await bring(good.jws))
    const lines = made.split("\n").filter((line) => line !== "")
    expect(lines).toHaveLength(2)
    for (const line of lines) expect(cardBundle).toContain(line)
    expect(made).toContain('"value":1.00')
  })

  test("without the issuer's keys the card says that nobody checked it", async () => {
    const other = await card()
    const { notes } = partOf(await bring(good.jws, { keys: other.keys }))
    expect(notes[0]?.code).toBe("card-unchecked")
  })

  test("an expired card comes in and says so", async () => {
    const { jws, keys } = await card({ claims: { exp: 1_700_000_500 } })
    expect(partOf(await bring(jws, { keys })).notes.map((note) => note.code)).toContain("card-expired")
  })

  test("two cards in one file", async () => {
    const file = JSON.stringify({ verifiableCredential: [good.jws, good.jws] })
    expect(partOf(await bring(file, { keys: good.keys })).made.split("\n")).toHaveLength(5)
  })
})

describe("cards that must not pass", () => {
  const changed = (at: number) => (jws: string) => {
    const parts = jws.split(".")
    const part = parts[at] ?? ""
    parts[at] = part.slice(0, 10) + (part[10] === "A" ? "B" : "A") + part.slice(11)
    return parts.join(".")
  }
  test("a changed signature, and another's signature", async () => {
    expect(await codeOf(bring(changed(2)(good.jws), { keys: good.keys }))).toBe("import/card-signature")
    const other = await card()
    const mixed = [...good.jws.split(".").slice(0, 2), other.jws.split(".")[2]].join(".")
    expect(await codeOf(bring(mixed, { keys: good.keys }))).toBe("import/card-signature")
  })

  test("changed content", async () => {
    expect(await codeOf(bring(changed(1)(good.jws), { keys: good.keys }))).toBe("import/card-signature")
    expect(await codeOf(bring(changed(1)(good.jws)))).not.toBe("accepted")
  })

  test("another key under the issuer's name", async () => {
    const other = await card()
    const forged = { keys: [{ ...other.keys[0]?.jwk, kid: good.keys[0]?.jwk["kid"] }] }
    expect(await codeOf(keysIn(JSON.stringify(forged), "x"))).toBe("import/keys")
  })

  const claims: Record<string, [string, Record<string, unknown>]> = {
    "no card type": ["import/card-type", { vc: { type: ["https://smarthealth.cards#immunization"] } }],
    "no content": ["import/card-payload", { vc: { type: ["https://smarthealth.cards#health-card"] } }],
    "no issuer": ["import/card-payload", { iss: 7 }],
    "a date in milliseconds": ["import/card-dates", { nbf: 1_700_000_000_000 }],
    "no date": ["import/card-dates", { nbf: undefined }],
    "an end in milliseconds": ["import/card-dates", { exp: 1_700_000_000_000 }],
    "an end before its beginning": ["import/card-dates", { exp: 1_600_000_000 }],
    "not valid yet": ["import/card-early", { nbf: 4_000_000_000 }],
  }
  test.each(Object.entries(claims))("%s", async (_, [code, more]) => {
    const { jws, keys } = await card({ claims: more })
    expect(await codeOf(bring(jws, { keys }))).toBe(code)
  })

  const forms: Record<string, [string, () => string | Promise<string>]> = {
    "not packed": ["import/card-packing", async () => (await card({ header: { zip: undefined } })).jws],
    "a key's name of another length": [
      "import/card-key",
      async () => (await card({ header: { kid: "short" } })).jws,
    ],
    "a signature of 65 bytes": ["import/card-signature-form", () => `${good.jws}AA`],
    "no signature": ["import/card-format", () => `${good.jws.split(".").slice(0, 2).join(".")}.=`],
    "content that is no JSON": ["import/card-payload", async () => (await card({ payload: "hello" })).jws],
    "content after a byte-order mark": [
      "import/card-payload",
      async () => (await card({ payload: "\ufeff{}" })).jws,
    ],
    "a name twice": [
      "import/duplicate-key",
      async () =>
        (
          await card({
            payload: `{"iss":"x","nbf":1,"vc":{"type":["https://smarthealth.cards#health-card"]},"vc":{"type":["https://smarthealth.cards#health-card"]}}`,
          })
        ).jws,
    ],
    "an odd number of digits": ["import/card-digits", () => `${digits(good.jws)[0] ?? ""}1`],
    "digits past the alphabet": ["import/card-digits", () => "shc:/9999"],
    "a code too few": ["import/card-missing", () => digits(good.jws, 3).slice(1).join("\n")],
    "codes of two cards": [
      "import/card-digits",
      () => `${digits(good.jws, 3)[0] ?? ""}\n${digits(good.jws, 4)[1] ?? ""}`,
    ],
    "one code twice, differently": [
      "import/card-digits",
      () => [...digits(good.jws, 3), "shc:/1/3/11"].join("\n"),
    ],
    "an empty list": ["import/card-format", () => '{"verifiableCredential":[]}'],
    "a list of numbers": ["import/card-format", () => '{"verifiableCredential":[1]}'],
    "21 cards": [
      "import/card-many",
      () => JSON.stringify({ verifiableCredential: Array<string>(21).fill(good.jws) }),
    ],
  }
  test.each(Object.entries(forms))("%s", async (_, [code, make]) => {
    expect(await codeOf(bring(await make(), { keys: good.keys }))).toBe(code)
  })

  test("signed by HMAC with the public key, or by nobody", async () => {
    const body = base64url.encode(deflateRawSync(Buffer.from("{}")))
    for (const alg of ["HS256", "none", "RS256"]) {
      const head = base64url.encode(JSON.stringify({ alg, zip: "DEF", kid: good.keys[0]?.jwk["kid"] }))
      expect(await codeOf(bring(`${head}.${body}.${base64url.encode(new Uint8Array(64))}`))).toBe(
        "import/card-algorithm",
      )
    }
  })

  test("A31: a card that unpacks to far too much is cut off", async () => {
    const { jws, keys } = await card({ payload: " ".repeat(40 << 20) })
    const began = performance.now()
    expect(await codeOf(bring(jws, { keys }))).toBe("import/card-payload")
    expect(performance.now() - began).toBeLessThan(2000)
  })

  test("no private or other key is taken for an issuer's", async () => {
    const jwk = good.keys[0]?.jwk ?? {}
    for (const more of [
      { d: "x" },
      { use: "enc" },
      { alg: "ES256K" },
      { crv: "P-384" },
      { kty: "RSA" },
      { kid: "x" },
      { x: "AAAA" },
    ])
      expect(await codeOf(bring(JSON.stringify({ keys: [{ ...jwk, ...more }] })))).toBe("import/keys")
    expect(await bring(good.jwks)).toMatchObject({ kind: "keys", keys: [{ from: "file.txt" }] })
  })
})

const key = base64url.encode(new Uint8Array(32).fill(7))
const linkTo = (more: Record<string, unknown> = {}) =>
  `shlink:/${base64url.encode(JSON.stringify({ url: "https://clinic.example/f", key, flag: "U", label: "Summary", v: 1, ...more }))}`
const seal = (text: string, cty: string, zip?: string) =>
  new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", cty, ...(zip === undefined ? {} : { zip }) })
    .encrypt(base64url.decode(key))

describe("links", () => {
  test("say where they point, with or without a viewer", async () => {
    for (const text of [linkTo(), `https://viewer.example/x#${linkTo()}`, ` ${linkTo()}\n`])
      expect(await bring(text)).toEqual({
        kind: "link",
        link: { url: "https://clinic.example/f", key, label: "Summary", expires: 0, flags: "U" },
      })
  })

  const wrong: Record<string, [string, string]> = {
    "no JSON": ["import/link-form", "shlink:/AAAA"],
    "no address": ["import/link-form", linkTo({ url: 7 })],
    "an address that is none": ["import/link-form", linkTo({ url: "clinic" })],
    "a short key": ["import/link-form", linkTo({ key: "AAAA" })],
    "a newer kind": ["import/link-version", linkTo({ v: 2 })],
    "5 KB": ["import/link-form", linkTo({ label: "x".repeat(5000) })],
  }
  test.each(Object.entries(wrong))("%s", async (_, [code, text]) => {
    expect(await codeOf(bring(text))).toBe(code)
  })

  test("the file that the person brings opens with the key, packed or not, byte for byte", async () => {
    const link = readLink(linkTo())
    const file =
      '{"resourceType":"Bundle","type":"collection",\r\n"entry":[{"resource":{"resourceType":"Basic","x":1.00}}]}'
    for (const zip of [undefined, "DEF"]) {
      const part = partOf(await bring(await seal(file, "application/fhir+json", zip), { link }))
      expect([part.original, part.made, part.name]).toEqual([0, file, "Summary"])
    }
    const sealed = partOf(
      await bring(
        await seal(JSON.stringify({ verifiableCredential: [good.jws] }), "application/smart-health-card"),
        { link, keys: good.keys },
      ),
    )
    expect(sealed.notes[0]?.code).toBe("card-checked")
  })

  test("a list's own files come in, those elsewhere are named and never asked for", async () => {
    const link = readLink(linkTo({ flag: "" }))
    const embedded = await seal('{"resourceType":"Basic"}', "application/fhir+json")
    const list = (files: unknown[]) => JSON.stringify({ files })
    const there = { contentType: "application/fhir+json", location: "https://clinic.example/2" }
    const found = await bring(list([{ contentType: "application/fhir+json", embedded }, there]), { link })
    expect(found).toMatchObject({
      kind: "parts",
      parts: [{ notes: [{ code: "link-elsewhere", detail: there.location }] }],
    })
    expect(await codeOf(bring(list([there]), { link }))).toBe("import/link-elsewhere")
    expect(await codeOf(bring(list([there])))).toBe("import/link-first")
  })

  test("a wrong key, a changed file, and a file without its link", async () => {
    const jwe = await seal('{"resourceType":"Basic"}', "application/fhir+json")
    expect(await codeOf(bring(jwe))).toBe("import/link-first")
    expect(
      await codeOf(
        bring(jwe, { link: { ...readLink(linkTo()), key: base64url.encode(new Uint8Array(32)) } }),
      ),
    ).toBe("import/link-key")
    expect(await codeOf(bring(jwe.slice(0, -4) + "AAAA", { link: readLink(linkTo()) }))).toBe(
      "import/link-key",
    )
  })

  test("access to a system is no file", async () => {
    const jwe = await seal('{"access_token":"x"}', "application/smart-api-access")
    expect(await codeOf(bring(jwe, { link: readLink(linkTo()) }))).toBe("import/link-access")
  })
})
