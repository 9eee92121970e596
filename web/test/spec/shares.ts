/** Shamir over GF(2⁸), written from shares.md: bytewise, AES's polynomial, x = seat. */
import { type Bytes, Refused, concat, derive, sum, u32 } from "./bytes.ts"

export function multiply(a: number, b: number): number {
  let product = 0
  for (; b > 0; b >>= 1) {
    if (b & 1) product ^= a
    a = (a << 1) ^ (a & 0x80 ? 0x11b : 0)
  }
  return product
}

function invert(a: number): number {
  let inverse = 1
  for (let i = 0; i < 254; i++) inverse = multiply(inverse, a) // a^254 = a^-1
  return inverse
}

export interface Where {
  net: Bytes
  session: Bytes
  record: Bytes
}

/** KDF(k, label, …) of a record. */
export function kdf(
  { net, session, record }: Where,
  key: Bytes,
  label: string,
  ...data: Uint8Array[]
): Promise<Bytes> {
  return derive(net, key, record, label, session, ...data)
}

/** The n shares of R, of which t give it back. */
export async function deal(where: Where, secret: Bytes, t: number, n: number): Promise<Bytes[]> {
  if (t < 1 || t > n || n > 16) throw new Refused("deal", `t ${String(t)} of n ${String(n)}`)
  const coefficients = [secret]
  for (let j = 1; j < t; j++) coefficients.push(await kdf(where, secret, "poly", u32(j)))
  return Array.from({ length: n }, (_, i) => evaluate(coefficients, i + 1))
}

function evaluate(coefficients: Bytes[], x: number): Bytes {
  const value = new Uint8Array(32)
  for (const c of coefficients.toReversed()) {
    for (let i = 0; i < 32; i++) value[i] = multiply(value[i] ?? 0, x) ^ (c[i] ?? 0)
  }
  return value
}

/** The secret that exactly t shares of different seats give. */
export function combine(shares: { index: number; value: Bytes }[], t: number): Bytes {
  const seats = shares.map((s) => s.index)
  if (t < 1 || shares.length !== t || new Set(seats).size !== t || seats.some((i) => i < 1 || i > 16)) {
    throw new Refused("combine", "t shares of different seats")
  }
  const secret = new Uint8Array(32)
  for (const { index, value } of shares) {
    if (value.length !== 32) throw new Refused("combine", "a share of another length")
    let weight = 1
    for (const other of seats)
      if (other !== index) weight = multiply(weight, multiply(other, invert(other ^ index)))
    for (let i = 0; i < 32; i++) secret[i] = (secret[i] ?? 0) ^ multiply(weight, value[i] ?? 0)
  }
  return secret
}

/** scope = the first 16 bytes of H(scope, A, HKDF(K, scope)). */
export async function scopeOf(net: Bytes, authority: Bytes, key: Bytes): Promise<Bytes> {
  const scopeKey = await derive(net, key, new Uint8Array(), "scope")
  return (await sum(net, "scope", authority, scopeKey)).slice(0, 16)
}

/** commitment i = H(commit, record id, i, share i). */
export function commitment(net: Bytes, record: Bytes, seat: number, share: Bytes): Promise<Bytes> {
  return sum(net, "commit", record, u32(seat), share)
}

/** The i-th 80 bytes of a key part's seats: wrapped share, then commitment. */
export function seatCommitment(seats: Bytes, seat: number): Bytes {
  return concat(seats.subarray((seat - 1) * 80 + 48, seat * 80))
}
