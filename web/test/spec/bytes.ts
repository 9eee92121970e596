/** Bytes and hashes for an independent reader of the specification: WebCrypto and nothing of the core. */

export type Bytes = Uint8Array<ArrayBuffer>

/** A refusal, by the code that the specification names. */
export class Refused extends Error {
  readonly code: string

  constructor(code: string, why: string) {
    super(`${code}: ${why}`)
    this.code = code
  }
}

export function fromHex(text: string): Bytes {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new Error(`not hex: ${text.slice(0, 20)}`)
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16))
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("")
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text)
}

export function concat(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const p of parts) {
    whole.set(p, at)
    at += p.length
  }
  return whole
}

/** Byte order; negative when a comes first. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const d = (a[i] ?? 0) - (b[i] ?? 0)
    if (d !== 0) return d
  }
  return a.length - b.length
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return compare(a, b) === 0
}

/** 4 bytes, big-endian. */
export function u32(n: number): Bytes {
  return Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n)
}

export async function sha256(...parts: Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)))
}

/** P(label) of block.md §6. */
export function prefix(net: Uint8Array, label: string): Bytes {
  return concat(utf8(`anamnesis/v1/${label}\0`), net)
}

/** H(label, …) of block.md §8. */
export function sum(net: Uint8Array, label: string, ...data: Uint8Array[]): Promise<Bytes> {
  return sha256(prefix(net, label), ...data)
}

/** HMAC(k, label, …) of block.md §8. */
export async function mac(net: Uint8Array, key: Bytes, label: string, ...data: Uint8Array[]): Promise<Bytes> {
  const k = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"])
  return new Uint8Array(await crypto.subtle.sign("HMAC", k, concat(prefix(net, label), ...data)))
}

/** HKDF-SHA-256, 32 bytes, over info P(label) ‖ …; without salt it is HKDF(k, label, …) of block.md §8. */
export async function derive(
  net: Uint8Array,
  secret: Bytes,
  salt: Bytes,
  label: string,
  ...context: Uint8Array[]
): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"])
  const info = concat(prefix(net, label), ...context)
  return new Uint8Array(
    await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, 256),
  )
}

/** RFC 6962 leaf hash. */
export function leafHash(leaf: Uint8Array): Promise<Bytes> {
  return sha256(Uint8Array.of(0), leaf)
}

/** RFC 6962 root over leaf hashes. */
export async function root(leaves: Uint8Array[]): Promise<Bytes> {
  const [first] = leaves
  if (first === undefined) return sha256()
  if (leaves.length === 1) return new Uint8Array(first)
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return sha256(Uint8Array.of(1), await root(leaves.slice(0, k)), await root(leaves.slice(k)))
}

/** Whether `leaf` stands at `index` of `count` under `top`. Source: RFC 9162 §2.1.3.2. */
export async function included(
  top: Bytes,
  leaf: Bytes,
  index: number,
  count: number,
  path: Bytes[],
): Promise<boolean> {
  if (index < 0 || index >= count) return false
  let [fn, sn, r] = [index, count - 1, leaf]
  for (const p of path) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      r = await sha256(Uint8Array.of(1), p, r)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1]
    } else {
      r = await sha256(Uint8Array.of(1), r, p)
    }
    ;[fn, sn] = [fn >> 1, sn >> 1]
  }
  return sn === 0 && equal(r, top)
}
