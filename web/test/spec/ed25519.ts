/** Ed25519 by the ZIP-215 rule, written from block.md §7 with big integers: for vectors, never for secrets. */
import { type Bytes, concat } from "./bytes.ts"

const p = 2n ** 255n - 19n
const order = 2n ** 252n + 27742317777372353535851937790883648493n
const d = mod(-121665n * inverse(121666n))
const rootOfMinusOne = power(2n, (p - 1n) / 4n)

/** Extended coordinates. */
interface Point {
  x: bigint
  y: bigint
  z: bigint
  t: bigint
}

const identity: Point = { x: 0n, y: 1n, z: 1n, t: 0n }
const base = decode(number(Uint8Array.of(0x58, ...new Array<number>(31).fill(0x66)))) ?? identity

/** Whether `sig` (R ‖ S) is valid for `message` under a 32-byte key, cofactored, any encoding of A and R. */
export async function verify(key: Bytes, message: Uint8Array, sig: Bytes): Promise<boolean> {
  if (sig.length !== 64 || key.length !== 32) return false
  const s = number(sig.slice(32))
  const a = decode(number(key))
  const r = decode(number(sig.slice(0, 32)))
  if (s >= order || a === undefined || r === undefined) return false
  const hash = await crypto.subtle.digest("SHA-512", concat(sig.slice(0, 32), key, message))
  const k = number(new Uint8Array(hash)) % order
  const difference = add(multiply(base, s), negate(add(r, multiply(a, k))))
  return isIdentity(eightTimes(difference))
}

/** Whether a key (algorithm byte and 32 bytes) may be enrolled. */
export function mayEnroll(key: Bytes): boolean {
  if (key.length !== 33 || key[0] !== 1) return false
  const encoded = number(key.slice(1))
  const point = decode(encoded)
  return point !== undefined && encode(point) === encoded && !isIdentity(eightTimes(point))
}

/** The point of an encoding as a number, canonical or not. */
function decode(encoded: bigint): Point | undefined {
  const sign = encoded >> 255n
  const y = mod(encoded & (2n ** 255n - 1n))
  const u = mod(y * y - 1n)
  const v = mod(d * y * y + 1n)
  const square = mod(u * inverse(v))
  let x = power(square, (p + 3n) / 8n)
  if (mod(x * x) !== square) x = mod(x * rootOfMinusOne)
  if (mod(x * x) !== square) return undefined
  if ((x & 1n) !== sign) x = mod(-x) // of zero too: ZIP-215 takes the sign bit there
  return { x, y, z: 1n, t: mod(x * y) }
}

function encode({ x, y, z }: Point): bigint {
  const i = inverse(z)
  return mod(y * i) | ((mod(x * i) & 1n) << 255n)
}

function add(a: Point, b: Point): Point {
  const m = mod((a.y - a.x) * (b.y - b.x))
  const n = mod((a.y + a.x) * (b.y + b.x))
  const c = mod(2n * a.t * b.t * d)
  const q = mod(2n * a.z * b.z)
  const [e, f, g, h] = [n - m, q - c, q + c, n + m]
  return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) }
}

function negate({ x, y, z, t }: Point): Point {
  return { x: mod(-x), y, z, t: mod(-t) }
}

function multiply(point: Point, n: bigint): Point {
  let sum = identity
  for (let doubled = point; n > 0n; n >>= 1n, doubled = add(doubled, doubled)) {
    if (n & 1n) sum = add(sum, doubled)
  }
  return sum
}

function eightTimes(point: Point): Point {
  return multiply(point, 8n)
}

function isIdentity({ x, y, z }: Point): boolean {
  return mod(x) === 0n && mod(y - z) === 0n
}

/** Little-endian. */
function number(bytes: Uint8Array): bigint {
  return bytes.reduceRight((n, b) => (n << 8n) | BigInt(b), 0n)
}

function mod(n: bigint): bigint {
  const r = n % p
  return r < 0n ? r + p : r
}

function power(b: bigint, e: bigint): bigint {
  let result = 1n
  for (b = mod(b); e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) result = mod(result * b)
  return result
}

function inverse(n: bigint): bigint {
  return power(n, p - 2n)
}
