/** The recovery kit's words and QR, and meeting codes, as kit.md and meeting.md have them. */
import { type Bytes, Refused, concat, equal, fromHex, sha256, utf8 } from "./bytes.ts"
import { type Value, decode, encode } from "./msgpack.ts"

/** 24 or 6 numbers of 11 bits, highest first, as words. */
export function toWords(bits: Bytes, n: number, list: string[]): string {
  let number = bits.reduce((sum, b) => (sum << 8n) | BigInt(b), 0n) >> BigInt(bits.length * 8 - n * 11)
  const words: string[] = []
  for (let i = 0; i < n; i++, number >>= 11n) words.unshift(list[Number(number & 2047n)] ?? "")
  return words.join(" ")
}

/** The number that n words stand for. @throws Refused kit/word, with the place as its message. */
export function fromWords(text: string, n: number, list: string[]): bigint {
  const typed = text.toLowerCase().split(/\s+/u).filter(Boolean)
  let number = 0n
  for (const [i, word] of typed.entries()) {
    const at = list.findIndex((w) => w === word || (word.length >= 4 && w.startsWith(word)))
    if (i === n || at < 0) throw new Refused("kit/word", String(i + 1))
    number = (number << 11n) | BigInt(at)
  }
  if (typed.length < n) throw new Refused("kit/word", String(typed.length + 1))
  return number
}

export function bigEndian(number: bigint, length: number): Bytes {
  return fromHex(number.toString(16).padStart(length * 2, "0"))
}

export async function kitWords(root: Bytes, list: string[]): Promise<string> {
  return toWords(concat(root, (await sha256(root)).subarray(0, 1)), 24, list)
}

/** @throws Refused kit/word or kit/checksum. */
export async function readKitWords(text: string, list: string[]): Promise<Bytes> {
  const bytes = bigEndian(fromWords(text, 24, list), 33)
  const root = bytes.slice(0, 32)
  if ((await sha256(root))[0] !== bytes[32]) throw new Refused("kit/checksum", "")
  return root
}

export interface Kit {
  root: Bytes
  net: Bytes
  identity: Bytes
  relays: string[]
}

const kitPrefix = "ANAMNESIS-KIT:"

export async function kitQR({ root, net, identity, relays }: Kit): Promise<string> {
  const body = encode([1, root, net, identity, relays])
  return `${kitPrefix}1:${base32(concat(body, await kitSum(body)))}`
}

/** @throws Refused kit/format, kit/version or kit/checksum. */
export async function readKitQR(text: string): Promise<Kit> {
  const parts = /^ANAMNESIS-KIT:([^:]*):([^]*)$/u.exec(text.trim())
  if (parts === null) throw new Refused("kit/format", "prefix")
  if (parts[1] !== "1") throw new Refused("kit/version", "outside")
  const bytes = fromBase32(parts[2] ?? "")
  if (bytes.length < 4) throw new Refused("kit/format", "short")
  const body = bytes.slice(0, -4)
  if (!equal(await kitSum(body), bytes.slice(-4))) throw new Refused("kit/checksum", "")
  return readKit(body)
}

function readKit(body: Bytes): Kit {
  // The version decides before anything else of the array.
  if (body.length > 1 && (body[0] ?? 0) >> 4 === 9 && (body[1] ?? 0) < 128 && body[1] !== 1) {
    throw new Refused("kit/version", "inside")
  }
  const fields = readArray(body)
  const [version, root, net, identity, relays] = fields
  if (fields.length !== 5 || version !== 1) throw new Refused("kit/format", "fields")
  for (const id of [root, net, identity]) {
    if (!(id instanceof Uint8Array) || id.length !== 32) throw new Refused("kit/format", "an id")
  }
  if (!Array.isArray(relays) || relays.length < 1 || relays.length > 3)
    throw new Refused("kit/format", "relays")
  if (!relays.every(isRelay)) throw new Refused("kit/format", "a relay")
  return { root: root as Bytes, net: net as Bytes, identity: identity as Bytes, relays: relays as string[] }
}

function readArray(body: Bytes): Value[] {
  try {
    const value = decode(body)
    if (Array.isArray(value)) return value
  } catch (e) {
    if (!(e instanceof Refused)) throw e
  }
  throw new Refused("kit/format", "no canonical array")
}

function isRelay(value: Value): boolean {
  if (typeof value !== "string" || value.length > 64 || !/^[!-~]+$/u.test(value) || /[@\\]/u.test(value))
    return false
  if (/^(?:https|wss):\/\/[^/]+/u.test(value)) return true
  return /^(?:http|ws):\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:\/|$)/u.test(value)
}

async function kitSum(body: Bytes): Promise<Bytes> {
  return (await sha256(utf8("anamnesis/v1/kit\0"), body)).slice(0, 4)
}

const alphabet32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

function base32(bytes: Bytes): string {
  let text = ""
  const bits = Array.from(bytes, (b) => b.toString(2).padStart(8, "0")).join("")
  for (let at = 0; at < bits.length; at += 5)
    text += alphabet32[parseInt(bits.slice(at, at + 5).padEnd(5, "0"), 2)] ?? ""
  return text
}

function fromBase32(text: string): Bytes {
  const bits = Array.from(text, (c) => {
    const value = alphabet32.indexOf(c)
    if (value < 0) throw new Refused("kit/format", "not base32")
    return value.toString(2).padStart(5, "0")
  }).join("")
  const bytes = Uint8Array.from(bits.match(/.{8}/gu) ?? [], (octet) => parseInt(octet, 2))
  if (base32(bytes) !== text) throw new Refused("kit/format", "spare bits")
  return bytes
}

export type Purpose = "share" | "device"

const routes: Record<Purpose, string> = { share: "join", device: "link" }
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
const codeMax = 1n << 66n

/** The forms of a code. */
export function codeForms(code: Bytes, net: Bytes, list: string[]): Record<string, string> {
  const number = code.reduce((sum, b) => (sum << 8n) | BigInt(b), 0n)
  let text = ""
  for (let i = 10n; i >= 0n; i--) text += letters[Number((number >> (6n * i)) & 63n)] ?? ""
  const rest = `/${base64url(net.slice(0, 8))}/${text}`
  return {
    words: toWords(bigEndian(number << 6n, 9), 6, list),
    digits: number.toString().padStart(20, "0"),
    letters: text,
    share: `#/join${rest}`,
    device: `#/link${rest}`,
  }
}

/** The code in what somebody typed, pasted or scanned. @throws Refused meet/format, meet/wrong-kind, meet/network. */
export function readCode(text: string, purpose: Purpose, net: Bytes, list: string[]): Bytes {
  const trimmed = text.trim()
  if (trimmed.startsWith(kitPrefix) || trimmed.startsWith("ANAMNESIS-CARD:")) {
    throw new Refused("meet/wrong-kind", "another code")
  }
  const at = trimmed.indexOf("#/")
  if (at > 0 && trimmed[at - 1] !== "/") throw new Refused("meet/format", "origin")
  if (at >= 0) return readPath(trimmed.slice(at + 2), purpose, net)
  const digits = trimmed.replaceAll(/[ -]/gu, "")
  if (/^[0-9]+$/u.test(digits)) {
    if (digits.length !== 20) throw new Refused("meet/format", "digits")
    return codeOf(BigInt(digits))
  }
  try {
    return codeOf(fromWords(trimmed, 6, list))
  } catch (e) {
    throw e instanceof Refused ? new Refused("meet/format", e.message) : e
  }
}

function readPath(path: string, purpose: Purpose, net: Bytes): Bytes {
  const [route, n, code, ...more] = path.split("/")
  if (n === undefined || code === undefined || more.length > 0) throw new Refused("meet/format", "parts")
  if (route !== routes[purpose]) {
    throw new Refused(
      Object.values(routes).includes(route ?? "") ? "meet/wrong-kind" : "meet/format",
      "route",
    )
  }
  // 11 characters with spare bits zero: the last is one of sixteen
  if (!/^[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]$/u.test(n)) throw new Refused("meet/format", "network")
  if (n !== base64url(net.slice(0, 8))) throw new Refused("meet/network", n)
  if (!/^[A-Za-z0-9_-]{11}$/u.test(code)) throw new Refused("meet/format", "code")
  return codeOf(Array.from(code).reduce((sum, c) => (sum << 6n) | BigInt(letters.indexOf(c)), 0n))
}

function codeOf(number: bigint): Bytes {
  if (number >= codeMax) throw new Refused("meet/format", "no code is so high")
  return bigEndian(number, 9)
}

function base64url(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")
}
