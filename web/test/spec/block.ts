/** Blocks, read as block.md says: header, payload parts, clear part, signature. */
import { type Bytes, Refused, concat, equal, leafHash, prefix, root, sha256 } from "./bytes.ts"
import { verify } from "./ed25519.ts"
import { array, ascending, bin, emptyOr, key, list, uint } from "./fields.ts"
import { type Value, decode } from "./msgpack.ts"

const [record, session, grant, revoke, access, handover, rotate, resume, device, gov, epoch] = [
  2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
]
const genesis = 1
const headerMax = 1024
const wireMax = 48 << 10
const signatureMax = 4096

export interface Header {
  version: number
  kind: number
  chain: Bytes
  seq: number
  prev: Bytes
  links: Bytes[]
  epoch: number
  time: number
  tag: Bytes
  payloadHash: Bytes
  payloadLength: number
}

/** The header in `bytes`. @throws Refused canonical, version or limit. */
export function readHeader(bytes: Bytes): Header {
  if (bytes.length > headerMax) throw new Refused("limit", "header")
  const f = array(decode(bytes), 11)
  const version = uint(f[0], 2 ** 32)
  if (version !== 1) throw new Refused("version", String(version))
  const h: Header = {
    version,
    kind: uint(f[1], 2 ** 32),
    chain: bin(f[2], 32),
    seq: uint(f[3], 2 ** 32),
    prev: bin(f[4], 32),
    links: list(f[5], 8).map((link) => bin(link, 32)),
    epoch: uint(f[6], 2 ** 16),
    time: uint(f[7], 2 ** 32),
    tag: bin(f[8], 16),
    payloadHash: bin(f[9], 32),
    payloadLength: payloadLength(f[10]),
  }
  if (h.kind < 1 || h.kind > 16) throw new Refused("limit", `kind ${String(h.kind)}`)
  if (h.payloadLength > payloadMax(h.kind)) throw new Refused("limit", "payload length")
  placed(h)
  ascending(h.links)
  if (h.time % 3600 !== 0) throw new Refused("canonical", "time")
  return h
}

/** id = SHA-256(0x00 ‖ header). */
export function id(header: Bytes): Promise<Bytes> {
  return leafHash(header)
}

export interface Block {
  header: Header
  headerBytes: Bytes
  signature: Bytes
  parts: Bytes[]
  leaves: Bytes
}

/** The block in `wire`, checked but for its signature. @throws Refused canonical, version, limit, payload or key. */
export async function readBlock(wire: Bytes): Promise<Block> {
  const block = await readWire(wire)
  checkClear(block.header, block.parts, block.leaves.length > 0)
  return block
}

/** The block in `wire`, its clear part unread. @throws Refused canonical, version, limit or payload. */
export async function readWire(wire: Bytes): Promise<Block> {
  if (wire.length > wireMax) throw new Refused("limit", "wire block")
  const f = array(decode(wire), 4)
  const headerBytes = bin(f[0])
  const signature = bin(f[1])
  if (signature.length < 1 || signature.length > signatureMax) throw new Refused("limit", "signature")
  const parts = list(f[2], 2).map((part) => bin(part))
  const leaves = bin(f[3])
  const header = readHeader(headerBytes)
  await checkPayload(header, parts, leaves)
  return { header, headerBytes, signature, parts, leaves }
}

/** Checks the signature by the key that may write here. @throws Refused key or signature. */
export async function checkSignature(
  { headerBytes, signature }: Block,
  net: Bytes,
  key: Bytes,
): Promise<void> {
  if (key[0] !== 1) throw new Refused("key", "algorithm")
  const signed = concat(prefix(net, "block"), await sha256(headerBytes))
  if (!(await verify(key.slice(1), signed, signature))) throw new Refused("signature", "does not verify")
}

function payloadMax(kind: number): number {
  return [session, grant, resume, gov, epoch].includes(kind) ? 32 << 10 : 16 << 10
}

function payloadLength(value: Value | undefined): number {
  if (typeof value === "bigint") throw new Refused("limit", "payload length")
  return uint(value, Infinity)
}

function placed({ kind, seq, chain, prev }: Header): void {
  const begins = kind === genesis || kind === resume
  const zero = (b: Bytes): boolean => b.every((x) => x === 0)
  if (seq === 0 ? !(begins || kind === gov) : begins) throw new Refused("canonical", "kind at this seq")
  if (zero(prev) !== (seq === 0)) throw new Refused("canonical", "prev")
  if (seq > 0 && zero(chain)) throw new Refused("canonical", "chain")
}

async function checkPayload(h: Header, parts: Bytes[], leaves: Bytes): Promise<void> {
  if (leaves.length !== 0 && leaves.length !== 32) throw new Refused("limit", "leaves")
  if (parts.length === 0) {
    if (leaves.length > 0) throw new Refused("payload", "leaves of nothing")
    const none = equal(h.payloadHash, await sha256())
    if (h.payloadLength === 0 && !none) throw new Refused("payload", "length 0")
    return
  }
  const present = parts.reduce((n, part) => n + part.length, 0)
  const empty = await leafHash(new Uint8Array())
  const hashes: Bytes[] = []
  let at = 0
  for (const part of parts) {
    const withheld = part.length === 0 && at < leaves.length
    const leaf = withheld ? leaves.slice(at, (at += 32)) : await leafHash(part)
    if (withheld && equal(leaf, empty)) throw new Refused("payload", "an empty part needs no leaf")
    hashes.push(leaf)
  }
  if (h.payloadLength === 0 || at !== leaves.length) throw new Refused("payload", "leaves")
  if (!equal(await root(hashes), h.payloadHash)) throw new Refused("payload", "root")
  if (leaves.length === 0 ? present !== h.payloadLength : present >= h.payloadLength) {
    throw new Refused("payload", "length")
  }
}

/** How many parts a kind has, which of them is clear, and what that holds. Unknown kinds are kept unread. */
function checkClear(h: Header, parts: Bytes[], oneWithheld: boolean): void {
  if (parts.length === 0) {
    const mayBeNone = h.kind === record || h.kind === revoke || h.kind > epoch || h.kind === resume
    if (h.payloadLength === 0 && !mayBeNone) throw new Refused("canonical", "no parts")
    if (h.payloadLength > 0 && h.kind === revoke) throw new Refused("canonical", "a payload")
    return
  }
  const rule = clearParts[h.kind]
  if (rule === undefined) {
    if (h.kind === revoke) throw new Refused("canonical", "a part")
    return
  }
  if (parts.length !== rule.parts) throw new Refused("canonical", "number of parts")
  const clear = parts[h.kind === record ? 1 : 0] ?? new Uint8Array()
  const mayBeEmpty = oneWithheld || h.kind === record // an object's record has no key part
  if (clear.length > 0 || !mayBeEmpty) rule.read(clear)
}

const clearParts: Record<number, { parts: number; read(clear: Bytes): void } | undefined> = {
  [genesis]: { parts: 1, read: readGenesis },
  [record]: { parts: 2, read: readKeyPart },
  [session]: { parts: 1, read: readSession },
  [grant]: { parts: 2, read: readGrant },
  [access]: { parts: 2, read: readAccess },
  [handover]: { parts: 1, read: readHandover },
  [rotate]: { parts: 1, read: readRotate },
  [device]: { parts: 2, read: readDevice },
  [gov]: { parts: 1, read: readGov },
}

function readGenesis(clear: Bytes): void {
  const f = array(decode(clear), 7)
  const type = uint(f[0], 256)
  if (type < 1 || type > 6 || type === 5) throw new Refused("canonical", "chain type")
  bin(f[1], 16)
  key(f[2])
  const commitment = bin(f[3], 32)
  const recipient = bin(f[4])
  const admission = list(f[5], 1)
  const revokeKey = bin(f[6])
  for (const entry of admission) {
    const a = array(entry, 3)
    bin(a[0], 32)
    uint(a[1], 2 ** 32)
    if (bin(a[2]).length === 0) throw new Refused("canonical", "admission")
  }
  if (recipient.length !== (type <= 2 ? 32 : 0)) throw new Refused("canonical", "recipient hash")
  if (type === 3 || type === 6) key(revokeKey)
  else if (revokeKey.length > 0) throw new Refused("canonical", "revoke key")
  if (type === 3 && commitment.some((b) => b !== 0)) throw new Refused("canonical", "a grant that commits")
}

function readKeyPart(clear: Bytes): void {
  const f = array(decode(clear), 7)
  bin(f[0], 32)
  bin(f[1], 16)
  bin(f[2], 32)
  bin(f[3], 32)
  const [t, n] = [uint(f[4], 256), uint(f[5], 256)]
  if (t < 1 || t > n || n > 16) throw new Refused("canonical", "t of n")
  bin(f[6], 80 * n)
}

function readSession(clear: Bytes): void {
  const f = array(decode(clear), 2)
  uint(f[0], 2 ** 16)
  const n = bin(f[1]).length / 1168 - 2
  if (!Number.isInteger(n) || n < 1 || n > 16) throw new Refused("canonical", "seals")
}

function readGrant(clear: Bytes): void {
  const f = array(decode(clear), 5)
  bin(f[0], 32)
  const rights = uint(f[1], 256)
  if (rights < 1 || rights > 3) throw new Refused("canonical", "rights")
  uint(f[2], 2 ** 32)
  bin(f[3], 32)
  emptyOr(f[4], 32)
}

function readAccess(clear: Bytes): void {
  const f = array(decode(clear), 3)
  bin(f[0], 32)
  bin(f[1], 16)
  const entries = bin(f[2])
  const n = entries.length / 16
  if (!Number.isInteger(n) || n < 8 || n > 512 || n % 8 !== 0) throw new Refused("canonical", "entries")
  ascending(Array.from({ length: n }, (_, i) => entries.slice(i * 16, i * 16 + 16)))
}

function readHandover(clear: Bytes): void {
  const f = array(decode(clear), 3)
  key(f[0])
  bin(f[1], 32)
  bin(f[2], 0)
}

function readRotate(clear: Bytes): void {
  const f = array(decode(clear), 8)
  key(f[0])
  const [index, count] = [uint(f[1], 256), uint(f[2], 256)]
  if (count < 1 || count > 8 || index >= count) throw new Refused("canonical", "leaf")
  const path = bin(f[3])
  if (path.length % 32 !== 0 || path.length > 96) throw new Refused("canonical", "path")
  bin(f[4], 32)
  emptyOr(f[5], 32)
  uint(f[6], 2 ** 32)
  emptyOr(f[7], 32)
}

function readDevice(clear: Bytes): void {
  emptyOr(array(decode(clear), 1)[0], 32)
}

function readGov(clear: Bytes): void {
  const f = array(decode(clear), 2)
  uint(f[0], 256)
  bin(f[1])
}
