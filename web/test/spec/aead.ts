/** ChaCha20-Poly1305, written from RFC 8439, for reading vectors: not constant in time, not for secrets. */
import { type Bytes, concat, equal } from "./bytes.ts"

const tagLength = 16

/** The text in `sealed`, or undefined when its tag is wrong. */
export function open(
  key: Bytes,
  nonce: Bytes,
  sealed: Bytes,
  data: Bytes = new Uint8Array(),
): Bytes | undefined {
  if (sealed.length < tagLength) return undefined
  const body = sealed.slice(0, -tagLength)
  if (!equal(tag(key, nonce, body, data), sealed.slice(-tagLength))) return undefined
  return crypt(key, nonce, body)
}

export function seal(key: Bytes, nonce: Bytes, text: Bytes, data: Bytes = new Uint8Array()): Bytes {
  const body = crypt(key, nonce, text)
  return concat(body, tag(key, nonce, body, data))
}

/** XChaCha20-Poly1305: a nonce of 24 bytes, by HChaCha20. Source: draft-irtf-cfrg-xchacha-03 §2. */
export function openX(key: Bytes, nonce: Bytes, sealed: Bytes, data: Bytes): Bytes | undefined {
  const s = rounds(state(key, nonce.slice(0, 16)))
  const subkey = littleEndian(Uint32Array.of(...s.subarray(0, 4), ...s.subarray(12)))
  return open(subkey, concat(new Uint8Array(4), nonce.slice(16)), sealed, data)
}

function crypt(key: Bytes, nonce: Bytes, text: Bytes): Bytes {
  const out = new Uint8Array(text.length)
  for (let at = 0, counter = 1; at < text.length; at += 64, counter++) {
    const stream = chacha(key, nonce, counter)
    for (let i = at; i < Math.min(at + 64, text.length); i++) out[i] = (text[i] ?? 0) ^ (stream[i - at] ?? 0)
  }
  return out
}

function chacha(key: Bytes, nonce: Bytes, counter: number): Bytes {
  const start = state(key, concat(new Uint8Array(4), nonce))
  start[12] = counter
  const s = rounds(start)
  return littleEndian(s.map((word, i) => word + (start[i] ?? 0)))
}

/** The first state: constants, key, and 16 bytes. */
function state(key: Bytes, rest: Bytes): Uint32Array {
  const words = new DataView(concat(key, rest).buffer)
  const start = new Uint32Array(16)
  start.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574])
  for (let i = 0; i < 12; i++) start[4 + i] = words.getUint32(i * 4, true)
  return start
}

function rounds(start: Uint32Array): Uint32Array {
  const s = start.slice()
  for (let i = 0; i < 10; i++) {
    for (let j = 0; j < 4; j++) quarter(s, j, j + 4, j + 8, j + 12)
    for (let j = 0; j < 4; j++) quarter(s, j, ((j + 1) % 4) + 4, ((j + 2) % 4) + 8, ((j + 3) % 4) + 12)
  }
  return s
}

function littleEndian(words: Uint32Array): Bytes {
  const out = new DataView(new ArrayBuffer(words.length * 4))
  words.forEach((word, i) => {
    out.setUint32(i * 4, word, true)
  })
  return new Uint8Array(out.buffer)
}

function quarter(s: Uint32Array, a: number, b: number, c: number, d: number): void {
  const mix = (x: number, y: number, z: number, turn: number): void => {
    s[x] = (s[x] ?? 0) + (s[y] ?? 0)
    const w = (s[z] ?? 0) ^ (s[x] ?? 0)
    s[z] = (w << turn) | (w >>> (32 - turn))
  }
  mix(a, b, d, 16)
  mix(c, d, b, 12)
  mix(a, b, d, 8)
  mix(c, d, b, 7)
}

const prime = (1n << 130n) - 5n

function tag(key: Bytes, nonce: Bytes, body: Bytes, data: Bytes): Bytes {
  const once = chacha(key, nonce, 0)
  const r = little(once.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn
  const lengths = new DataView(new ArrayBuffer(16))
  lengths.setBigUint64(0, BigInt(data.length), true)
  lengths.setBigUint64(8, BigInt(body.length), true)
  const text = concat(data, zeros(data.length), body, zeros(body.length), new Uint8Array(lengths.buffer))
  let sum = 0n
  for (let at = 0; at < text.length; at += 16) {
    sum = ((sum + little(text.subarray(at, at + 16)) + (1n << 128n)) * r) % prime
  }
  sum += little(once.subarray(16, 32))
  const out = new DataView(new ArrayBuffer(16))
  out.setBigUint64(0, sum & 0xffffffffffffffffn, true)
  out.setBigUint64(8, (sum >> 64n) & 0xffffffffffffffffn, true)
  return new Uint8Array(out.buffer)
}

function zeros(length: number): Bytes {
  return new Uint8Array((16 - (length % 16)) % 16)
}

function little(bytes: Bytes): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  return view.getBigUint64(0, true) | (view.getBigUint64(8, true) << 64n)
}
