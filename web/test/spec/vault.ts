/** A device's vault, opened as device.md §1 says. */
import { openX } from "./aead.ts"
import { type Bytes, Refused, derive, equal, utf8 } from "./bytes.ts"
import { type Value, decode } from "./msgpack.ts"
import { scrypt } from "./scrypt.ts"

const vaultMax = 4 << 20
const [byPassphrase, byPasskey] = [1, 2]
const wrapData = utf8("anamnesis/v1/vault wrap\0")

interface Wrap {
  kind: number
  logN: number
  salt: Bytes
  nonce: Bytes
  sealed: Bytes
  credential: Bytes
}

interface Vault {
  header: Bytes
  wraps: Wrap[]
  nonce: Bytes
  sealed: Bytes
}

/** @throws Refused vault/format. */
export function readVault(file: Bytes): Vault {
  if (file.length > vaultMax) throw refused("size")
  const [header, nonce, sealed] = arrayOf(file, 3)
  const [version, list] = arrayOf(bin(header), 2)
  if (version !== 1 || !Array.isArray(list) || list.length < 1 || list.length > 2)
    throw refused("version or wraps")
  const wraps = list.map(readWrap)
  if (new Set(wraps.map((w) => w.kind)).size !== wraps.length) throw refused("two of one kind")
  return { header: bin(header), wraps, nonce: bin(nonce, 24), sealed: bin(sealed) }
}

function readWrap(value: Value): Wrap {
  if (!Array.isArray(value)) throw refused("wrap")
  const [kind, logN, r, p, salt, nonce, sealed, credential] = value
  if (typeof kind !== "number" || typeof logN !== "number") throw refused("numbers")
  if (value.length !== (kind === byPasskey ? 8 : 7)) throw refused("fields of a wrap")
  if (kind === byPassphrase && (logN < 15 || logN > 18 || r !== 8 || p !== 1)) throw refused("scrypt")
  if (kind === byPasskey && (logN !== 0 || r !== 0 || p !== 0)) throw refused("numbers of a passkey")
  const id = kind === byPasskey ? bin(credential) : new Uint8Array()
  if (kind === byPasskey && (id.length < 1 || id.length > 1023)) throw refused("credential id")
  return { kind, logN, salt: bin(salt, 16), nonce: bin(nonce, 24), sealed: bin(sealed, 48), credential: id }
}

/** What the passkey's wrap says in the clear. */
export function passkeyOf(file: Bytes): { credential: Bytes; salt: Bytes } | undefined {
  return readVault(file).wraps.find((w) => w.kind === byPasskey)
}

/** The payload, by a passphrase in NFKC. @throws Refused vault/passphrase or vault/format. */
export async function openByPassphrase(file: Bytes, passphrase: Bytes): Promise<Bytes> {
  return openBy(readVault(file), byPassphrase, "vault/passphrase", (w) =>
    scrypt(passphrase, w.salt, 2 ** w.logN, 32),
  )
}

/** The payload, by the output of a credential's PRF. @throws Refused vault/passkey or vault/format. */
export async function openByPasskey(file: Bytes, net: Bytes, prf: Bytes): Promise<Bytes> {
  const vault = readVault(file)
  if (prf.length !== 32) throw new Refused("vault/passkey", "output")
  return openBy(vault, byPasskey, "vault/passkey", (w) =>
    derive(net, prf, new Uint8Array(), "vault passkey", w.salt),
  )
}

async function openBy(
  vault: Vault,
  kind: number,
  code: string,
  keyOf: (w: Wrap) => Promise<Bytes>,
): Promise<Bytes> {
  const wrap = vault.wraps.find((w) => w.kind === kind)
  if (wrap === undefined) throw new Refused(code, "no such wrap")
  const key = openX(await keyOf(wrap), wrap.nonce, wrap.sealed, wrapData)
  if (key === undefined) throw new Refused(code, "does not open")
  const payload = openX(key, vault.nonce, vault.sealed, vault.header)
  if (payload === undefined) throw refused("the payload does not open")
  return payload
}

function arrayOf(bytes: Bytes, length: number): Value[] {
  let value: Value
  try {
    value = decode(bytes)
  } catch (e) {
    throw e instanceof Refused ? refused(e.message) : e
  }
  if (!Array.isArray(value) || value.length !== length) throw refused("fields")
  return value
}

function bin(value: Value | undefined, length?: number): Bytes {
  if (!(value instanceof Uint8Array) || (length ?? value.length) !== value.length) throw refused("bytes")
  return value
}

function refused(why: string): Refused {
  return new Refused("vault/format", why)
}

/** Whether a typed passphrase is these bytes, once in NFKC. */
export function isTyped(text: string, passphrase: Bytes): boolean {
  return equal(utf8(text.normalize("NFKC")), passphrase)
}
