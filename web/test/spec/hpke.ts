/**
 * HPKE as shares.md §6 has it: X-Wing's KEM, HKDF-SHA-256, ChaCha20-Poly1305, one message, no additional data.
 * Sources: RFC 9180 §5.1, draft-connolly-cfrg-xwing-kem §5. Only opening: sealing draws randomness.
 */
import { createHash, createPrivateKey, createPublicKey, diffieHellman } from "node:crypto"
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js"
import { open as openAead } from "./aead.ts"
import { type Bytes, concat, fromHex, utf8 } from "./bytes.ts"

const [mlkemKey, mlkemCipher, mlkemSeed, x25519Key] = [1184, 1088, 64, 32]
const encapsulated = mlkemCipher + x25519Key
/** KEM 0x647a, KDF 0x0001, AEAD 0x0003. */
const suite = concat(utf8("HPKE"), fromHex("647a00010003"))
const xwingLabel = fromHex("5c2e2f2f5e5c")

/** A private X25519 key as PKCS #8, a public one as SPKI: what stands before its 32 bytes. */
const [pkcs8, spki] = [fromHex("302e020100300506032b656e04220420"), fromHex("302a300506032b656e032100")]

interface Keys {
  mlkem: { publicKey: Uint8Array; secretKey: Uint8Array }
  x25519: Bytes
  recipient: Bytes
}

function keysOf(seed: Bytes): Keys {
  const expanded = new Uint8Array(createHash("shake256", { outputLength: 96 }).update(seed).digest())
  const mlkem = ml_kem768.keygen(expanded.slice(0, mlkemSeed))
  const x25519 = expanded.slice(mlkemSeed)
  const der = createPublicKey(privateKey(x25519)).export({ format: "der", type: "spki" })
  return { mlkem, x25519, recipient: concat(mlkem.publicKey, der.subarray(spki.length)) }
}

/** The public key of a seed, 1,216 bytes. */
export function recipientOf(seed: Bytes): Bytes {
  return keysOf(seed).recipient
}

/** Whether anything may be sealed to these bytes. */
export function isRecipient(bytes: Bytes): boolean {
  return (
    bytes.length === mlkemKey + x25519Key &&
    isReduced(bytes) &&
    agree(new Uint8Array(32).fill(1), bytes.slice(mlkemKey)) !== undefined
  )
}

/** Whether the 768 coefficients, two in three bytes, are below ML-KEM's q. */
function isReduced(key: Bytes): boolean {
  for (let at = 0; at < mlkemKey - 32; at += 3) {
    const [a, b, c] = [key[at] ?? 0, key[at + 1] ?? 0, key[at + 2] ?? 0]
    if ((a | ((b & 15) << 8)) >= 3329 || ((b >> 4) | (c << 4)) >= 3329) return false
  }
  return true
}

/** The text sealed to the seed's recipient, or undefined. */
export async function open(seed: Bytes, info: Bytes, sealed: Bytes): Promise<Bytes | undefined> {
  if (sealed.length < encapsulated) return undefined
  const { mlkem, x25519, recipient } = keysOf(seed)
  const theirs = sealed.slice(mlkemCipher, encapsulated)
  const shared = agree(x25519, theirs)
  if (shared === undefined) return undefined
  const secret = createHash("sha3-256")
    .update(ml_kem768.decapsulate(sealed.slice(0, mlkemCipher), mlkem.secretKey))
    .update(concat(shared, theirs, recipient.slice(mlkemKey), xwingLabel))
    .digest()
  const { key, nonce } = await schedule(new Uint8Array(secret), info)
  return openAead(key, nonce, sealed.slice(encapsulated))
}

/** X25519, or undefined when the other key is of small order. */
function agree(own: Bytes, theirs: Bytes): Bytes | undefined {
  const publicKey = createPublicKey({
    key: Buffer.from(concat(spki, theirs)),
    format: "der",
    type: "spki",
  })
  try {
    return new Uint8Array(diffieHellman({ privateKey: privateKey(own), publicKey }))
  } catch {
    return undefined // OpenSSL refuses an agreement of zeros
  }
}

function privateKey(bytes: Bytes): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({ key: Buffer.from(concat(pkcs8, bytes)), format: "der", type: "pkcs8" })
}

/** RFC 9180 §5.1, base mode. */
async function schedule(shared: Bytes, info: Bytes): Promise<{ key: Bytes; nonce: Bytes }> {
  const none = new Uint8Array()
  const context = concat(
    Uint8Array.of(0),
    await extract(none, "psk_id_hash", none),
    await extract(none, "info_hash", info),
  )
  const secret = await extract(shared, "secret", none)
  return {
    key: await expand(secret, "key", context, 32),
    nonce: await expand(secret, "base_nonce", context, 12),
  }
}

function extract(salt: Bytes, label: string, input: Bytes): Promise<Bytes> {
  return hmac(salt, concat(utf8("HPKE-v1"), suite, utf8(label), input))
}

/** At most one block of HKDF. */
async function expand(secret: Bytes, label: string, info: Bytes, length: number): Promise<Bytes> {
  const labeled = concat(Uint8Array.of(0, length), utf8("HPKE-v1"), suite, utf8(label), info)
  return (await hmac(secret, concat(labeled, Uint8Array.of(1)))).slice(0, length)
}

async function hmac(key: Bytes, data: Bytes): Promise<Bytes> {
  const padded = key.length === 0 ? new Uint8Array(32) : key // the same HMAC; WebCrypto takes no empty key
  const k = await crypto.subtle.importKey("raw", padded, { name: "HMAC", hash: "SHA-256" }, false, ["sign"])
  return new Uint8Array(await crypto.subtle.sign("HMAC", k, data))
}
