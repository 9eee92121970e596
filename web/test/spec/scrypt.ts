/** scrypt, written from RFC 7914, for reading vectors. */
import type { Bytes } from "./bytes.ts"

/** scrypt with r = 8 and p = 1, as every page here has it. */
export async function scrypt(secret: Bytes, salt: Bytes, n: number, length: number): Promise<Bytes> {
  const block = new Uint32Array((await pbkdf2(secret, salt, 1024)).buffer)
  mix(block, n)
  return pbkdf2(secret, new Uint8Array(block.buffer), length)
}

async function pbkdf2(secret: Bytes, salt: Bytes, length: number): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", secret, "PBKDF2", false, ["deriveBits"])
  const params = { name: "PBKDF2", hash: "SHA-256", salt, iterations: 1 }
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, length * 8))
}

/** ROMix over 1,024 bytes, in little-endian words. */
function mix(x: Uint32Array, n: number): void {
  const words = x.length
  const table = new Uint32Array(n * words)
  const y = new Uint32Array(words)
  for (let i = 0; i < n; i++) {
    table.set(x, i * words)
    blockMix(x, y)
  }
  for (let i = 0; i < n; i++) {
    const j = ((x[words - 16] ?? 0) & (n - 1)) * words
    for (let k = 0; k < words; k++) x[k] = (x[k] ?? 0) ^ (table[j + k] ?? 0)
    blockMix(x, y)
  }
}

function blockMix(x: Uint32Array, y: Uint32Array): void {
  const blocks = x.length / 16
  const t = x.slice(-16)
  for (let i = 0; i < blocks; i++) {
    for (let k = 0; k < 16; k++) t[k] = (t[k] ?? 0) ^ (x[i * 16 + k] ?? 0)
    salsa8(t)
    y.set(t, (i % 2 === 0 ? i / 2 : (blocks + i - 1) / 2) * 16)
  }
  x.set(y)
}

const quarters = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
] as const

function salsa8(block: Uint32Array): void {
  const s = block.slice()
  for (let i = 0; i < 4; i++) {
    for (const [a, b, c, d] of quarters) {
      turn(s, b, a, d, 7)
      turn(s, c, b, a, 9)
      turn(s, d, c, b, 13)
      turn(s, a, d, c, 18)
    }
  }
  for (let k = 0; k < 16; k++) block[k] = (block[k] ?? 0) + (s[k] ?? 0)
}

function turn(s: Uint32Array, into: number, a: number, b: number, bits: number): void {
  const sum = ((s[a] ?? 0) + (s[b] ?? 0)) >>> 0
  s[into] = (s[into] ?? 0) ^ ((sum << bits) | (sum >>> (32 - bits)))
}
