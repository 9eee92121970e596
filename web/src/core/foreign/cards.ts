/**
 * SMART Health Cards: a file, a JWS, or the digits of its QR codes. What the card holds is taken as its issuer wrote it.
 * Its signature is checked where the issuer's key is here; keys are never fetched, since nothing is asked of a foreign
 * host. Source: https://spec.smarthealth.cards, version 1.4.
 */
import { type JWK, calculateJwkThumbprint, compactVerify, errors, importJWK } from "jose"
import type { CardKey, Note } from "./found.ts"
import { inflated, whole } from "./inflate.ts"
import { listOf, objectOf, parsed, partsAt, stringOf, tried } from "./json.ts"
import { cardMax, cardsMax } from "./limits.ts"
import { Refused, textOf } from "./refused.ts"

const isCompact = (text: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)

/** Whether text is a card by itself: a JWS whose head says DEF or ES256, or digits. */
export function looksLikeCard(text: string): boolean {
  const trimmed = text.trim()
  return trimmed.startsWith("shc:/") || (trimmed.startsWith("eyJ") && trimmed.split(".").length === 3)
}

/** The JWSs that text holds, in its file, in several lines of digits, or alone. @throws Refused import/card-… */
export function cardsIn(text: string): string[] {
  const trimmed = text.trim()
  if (trimmed.startsWith("shc:/")) return [fromDigits(trimmed.split(/\s+/))]
  if (!trimmed.startsWith("{")) return [trimmed]
  const file = objectOf(parsed(trimmed))
  const list =
    file["verifiableCredential"] ??
    listOf(file["parameter"])
      .map(objectOf)
      .filter((each) => each["name"] === "verifiableCredential")
      .map((each) => each["valueString"])
  const cards = listOf(list).map(stringOf)
  if (cards.length === 0 || cards.includes(""))
    throw new Refused("import/card-format", "verifiableCredential")
  if (cards.length > cardsMax) throw new Refused("import/card-many", String(cardsMax))
  return cards
}

function chunkOf(code: string): { place: number; total: number; digits: string } {
  const found = /^shc:\/(?:(\d+)\/(\d+)\/)?(\d+)$/.exec(code)
  if (found === null) throw new Refused("import/card-digits", code.slice(0, 40))
  const [, place = "1", total = "1", digits = ""] = found
  return { place: Number(place), total: Number(total), digits }
}

function fromDigits(codes: readonly string[]): string {
  const chunks = codes.map(chunkOf)
  const total = chunks[0]?.total ?? 0
  const parts = new Map<number, string>()
  for (const chunk of chunks) {
    if (chunk.total !== total || chunk.place < 1 || chunk.place > total || total > 50)
      throw new Refused("import/card-digits", `${String(chunk.place)}/${String(chunk.total)}`)
    if ((parts.get(chunk.place) ?? chunk.digits) !== chunk.digits)
      throw new Refused("import/card-digits", `two codes ${String(chunk.place)}/${String(total)}`)
    parts.set(chunk.place, chunk.digits)
  }
  if (parts.size !== total) throw new Refused("import/card-missing", String(total - parts.size))
  const digits = Array.from({ length: total }, (_, i) => parts.get(i + 1) ?? "").join("")
  if (digits.length % 2 !== 0) throw new Refused("import/card-digits", "an odd number")
  let text = ""
  for (let i = 0; i < digits.length; i += 2) {
    const code = Number(digits.slice(i, i + 2))
    if (code > 77) throw new Refused("import/card-digits", String(i))
    text += String.fromCharCode(code + 45)
  }
  return text
}

export interface Card {
  readonly issuer: string
  /** The resources, each as its issuer wrote it. */
  readonly resources: readonly string[]
  readonly notes: readonly Note[]
}

/** Reads one card. @throws Refused import/card-… with the reason, import/card-signature where a key is here and does not fit */
export async function readCard(jws: string, keys: readonly CardKey[], nowMS: number): Promise<Card> {
  if (!isCompact(jws)) throw new Refused("import/card-format", "JWS")
  const [head = "", body = "", signature = ""] = jws.split(".")
  const header = objectOf(parsed(textOf(fromBase64(head))))
  if (header["alg"] !== "ES256") throw new Refused("import/card-algorithm", stringOf(header["alg"]))
  if (header["zip"] !== "DEF") throw new Refused("import/card-packing", stringOf(header["zip"]))
  const kid = stringOf(header["kid"])
  if (!/^[\w-]{43}$/.test(kid)) throw new Refused("import/card-key", kid)
  if (fromBase64(signature).length !== 64)
    throw new Refused("import/card-signature-form", String(fromBase64(signature).length))
  const signed = await signatureNote(jws, kid, keys)
  const text = textOf(await whole(inflated(new Blob([fromBase64(body)]), cardMax, "import/card-payload")))
  const read = contents(text, nowMS)
  return { ...read, notes: [signed, ...read.notes] }
}

function contents(text: string, nowMS: number): Card {
  if (tried(text) === undefined) throw new Refused("import/card-payload", "JSON")
  const claims = objectOf(parsed(text))
  const vc = objectOf(claims["vc"])
  if (!listOf(vc["type"]).includes("https://smarthealth.cards#health-card"))
    throw new Refused("import/card-type", listOf(vc["type"]).map(stringOf).join(" ").slice(0, 200))
  const issuer = stringOf(claims["iss"])
  if (issuer === "") throw new Refused("import/card-payload", "iss")
  const notes: Note[] = [{ code: "card-from", detail: issuer }]
  notes.push(...dates(claims["nbf"], claims["exp"], nowMS / 1000))
  const resources = partsAt(text, ["vc", "credentialSubject", "fhirBundle", "entry", "*", "resource"])
  if (resources.length === 0) throw new Refused("import/card-payload", "fhirBundle")
  return { issuer, resources, notes }
}

/** Seconds past which a date was surely written in milliseconds: the year 5138. */
const secondsMax = 1e11

function dates(from: unknown, until: unknown, now: number): Note[] {
  if (typeof from !== "number" || from > secondsMax) throw new Refused("import/card-dates", "nbf")
  if (until !== undefined && (typeof until !== "number" || until > secondsMax))
    throw new Refused("import/card-dates", "exp")
  if (typeof until === "number" && until < from) throw new Refused("import/card-dates", "exp before nbf")
  if (from > now) throw new Refused("import/card-early", new Date(from * 1000).toISOString().slice(0, 10))
  const day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10)
  const notes: Note[] = [{ code: "card-date", detail: day(from) }]
  if (typeof until === "number" && until < now) notes.push({ code: "card-expired", detail: day(until) })
  return notes
}

/** What can be said of a signature with the keys that are here. @throws Refused import/card-signature when it is false */
async function signatureNote(jws: string, kid: string, keys: readonly CardKey[]): Promise<Note> {
  const known = keys.find((each) => each.jwk["kid"] === kid)
  if (known === undefined) return { code: "card-unchecked", detail: kid }
  try {
    await compactVerify(jws, await importJWK(jwkOf(known), "ES256"), { algorithms: ["ES256"] })
  } catch (thrown) {
    if (thrown instanceof errors.JOSEError) throw new Refused("import/card-signature", known.from)
    throw thrown
  }
  return { code: "card-checked", detail: known.from }
}

const jwkOf = ({ jwk }: CardKey): JWK => ({
  kty: stringOf(jwk["kty"]),
  crv: stringOf(jwk["crv"]),
  x: stringOf(jwk["x"]),
  y: stringOf(jwk["y"]),
})

/** The keys for cards in a key file of an issuer. @throws Refused import/keys when there is none that a card may use */
export async function keysIn(text: string, from: string): Promise<CardKey[]> {
  const keys: CardKey[] = []
  for (const jwk of listOf(objectOf(parsed(text))["keys"]).map(objectOf)) {
    const fits =
      jwk["kty"] === "EC" && jwk["crv"] === "P-256" && jwk["use"] === "sig" && jwk["alg"] === "ES256"
    if (!fits || "d" in jwk) continue
    const key = { jwk, from }
    // A key's name is its hash, so that nobody can bring another key under the same name.
    if ((await calculateJwkThumbprint(jwkOf(key)).catch(() => "")) === jwk["kid"]) keys.push(key)
  }
  if (keys.length === 0) throw new Refused("import/keys")
  return keys
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"))
    return Uint8Array.from(plain, (one) => one.charCodeAt(0))
  } catch {
    throw new Refused("import/card-format", "base64")
  }
}
