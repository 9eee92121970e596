/** Chains, judged block by block as chain.md says. */
import { type Block, checkSignature, id, readBlock, readHeader } from "./block.ts"
import { type Bytes, Refused, compare, concat, equal, included, leafHash, prefix, sha256 } from "./bytes.ts"
import { verify } from "./ed25519.ts"
import { array, bin } from "./fields.ts"
import { type Value, decode } from "./msgpack.ts"

const [genesis, record, session, grant, revoke, access, handover, rotate, device] = [
  1, 2, 3, 4, 5, 6, 7, 8, 10,
]
const [identity, writing, grants, object, claim] = [1, 2, 3, 4, 6]
const sessionsMax = 512
const writersMax = 256

/** The kinds that may follow a GENESIS of each type. */
const kinds: Record<number, number[] | undefined> = {
  [identity]: [record, session, rotate, device],
  [writing]: [record, session, access, rotate],
  [grants]: [grant, revoke],
  [object]: [record, session, handover, rotate],
  [claim]: [revoke, record],
}

/** The kinds whose payload may come later. */
const mayBeWithheld = [record, access, device]

export interface Chain {
  id: Bytes
  type: number
  seq: number
  head: Bytes
  /** Each with the first seq that it writes. */
  writers: { key: Bytes; from: number }[]
  revokeKey: Bytes
  commitment: Bytes
  hasRecipient: boolean
  /** Seats of each session, by its id. */
  sessions: { id: Bytes; seats: number }[]
  ended: boolean
}

/** The chain that the blocks make. @throws Refused with the code of the first that does not follow. */
export async function follow(net: Bytes, blocks: Bytes[]): Promise<Chain> {
  const [first, ...more] = blocks
  const chain = await begin(net, await readBlock(first ?? new Uint8Array()))
  for (const wire of more) await next(net, chain, await readBlock(wire))
  return chain
}

/** §2 */
export async function begin(net: Bytes, block: Block): Promise<Chain> {
  const { kind, links } = block.header
  if (kind !== genesis || links.length > 0) throw new Refused("kind", "no beginning")
  const f = clearPart(block)
  const writer = f[2] as Bytes
  await checkSignature(block, net, writer)
  const own = await id(block.headerBytes)
  return {
    id: own,
    type: f[0] as number,
    seq: 0,
    head: own,
    writers: [{ key: writer, from: 0 }],
    revokeKey: f[6] as Bytes,
    commitment: f[3] as Bytes,
    hasRecipient: (f[4] as Bytes).length > 0,
    sessions: [],
    ended: false,
  }
}

/** §3, in its order. */
export async function next(net: Bytes, chain: Chain, block: Block): Promise<void> {
  const h = block.header
  const own = await id(block.headerBytes)
  if (equal(own, chain.head)) throw new Refused("known", "the head")
  if (!equal(h.chain, chain.id)) throw new Refused("prev", "another chain")
  if (h.seq <= chain.seq) throw new Refused("stale", "the slot is taken")
  if (chain.ended) throw new Refused("ended", "after its end")
  if (h.seq !== chain.seq + 1) throw new Refused("seq", "a gap")
  if (!equal(h.prev, chain.head)) throw new Refused("prev", "another head")
  checkKind(chain, block)
  const signers = await change(chain, block, own)
  if (!(await signedByOne(net, block, signers))) throw new Refused("writer", "none that may write here")
  chain.seq = h.seq
  chain.head = own
}

function checkKind(chain: Chain, { header: { kind, links, payloadLength } }: Block): void {
  if (!kinds[chain.type]?.includes(kind)) throw new Refused("kind", "not on this type of chain")
  if (links.length !== (kind === access ? 1 : 0)) throw new Refused("kind", "links")
  if (kind === record && (payloadLength === 0) !== (chain.type === claim))
    throw new Refused("kind", "a record")
}

/** §4: takes over what the block changes, and says who may have signed it. A refusal ends the judging. */
async function change(chain: Chain, block: Block, own: Bytes): Promise<Bytes[]> {
  const { kind, seq } = block.header
  const writer = writerAt(chain, seq)
  if (kind === revoke || chain.type === claim) {
    chain.ended = true
    return kind === revoke ? [writer, chain.revokeKey] : [writer]
  }
  if (mayBeWithheld.includes(kind) && isWithheld(block)) return [writer]
  if (kind === device) return [writer]
  if (kind === record || kind === access) {
    checkSession(chain, block)
    return [writer]
  }
  const f = clearPart(block)
  if (kind === session) {
    chain.sessions.push({ id: own, seats: (f[1] as Bytes).length / 1168 - 2 })
    if (chain.sessions.length > sessionsMax) throw new Refused("limit", "sessions")
  }
  if (kind === handover) {
    addWriter(chain, f[0] as Bytes, seq + 1)
    chain.commitment = f[1] as Bytes
    chain.hasRecipient = (f[2] as Bytes).length > 0
  }
  return kind === rotate ? [await takeRotate(chain, f, seq)] : [writer]
}

function checkSession(chain: Chain, block: Block): void {
  const isRecord = block.header.kind === record
  if (isRecord && chain.type === object && block.parts[1]?.length === 0) return // an object's has no key part
  const f = clearPart(block)
  const named = chain.sessions.find((s) => equal(s.id, f[0] as Bytes))
  if (named === undefined) throw new Refused("session", "none before it")
  if (!isRecord) return
  const n = named.seats
  const t = Math.floor((n + Math.floor((n - 1) / 3)) / 2) + 1
  if (f[4] !== t || f[5] !== n) throw new Refused("session", "t of n")
}

async function takeRotate(chain: Chain, f: Value[], seq: number): Promise<Bytes> {
  const [key, index, count, path, commitment, recipient, accepted, completion] = f as [
    Bytes,
    number,
    number,
    Bytes,
    Bytes,
    Bytes,
    number,
    Bytes,
  ]
  if (accepted >= seq) throw new Refused("canonical", "accepts itself")
  if (recipient.length > 0 !== chain.hasRecipient) throw new Refused("canonical", "recipient hash")
  if (completion.length > 0 && chain.type !== identity) throw new Refused("canonical", "completion")
  const hashes = Array.from({ length: path.length / 32 }, (_, i) => path.slice(i * 32, i * 32 + 32))
  const committed =
    chain.commitment.some((b) => b !== 0) &&
    (await included(chain.commitment, await leafHash(key), index, count, hashes))
  if (!committed) throw new Refused("commit", "not under the commitment")
  addWriter(chain, key, seq)
  chain.commitment = commitment
  return key
}

function addWriter(chain: Chain, key: Bytes, from: number): void {
  chain.writers.push({ key, from })
  if (chain.writers.length > writersMax) throw new Refused("limit", "writers")
}

/** The key that writes the block at `seq`. */
export function writerAt(chain: Chain, seq: number): Bytes {
  return chain.writers.findLast((w) => w.from <= seq)?.key ?? new Uint8Array()
}

function isWithheld({ header, parts, leaves }: Block): boolean {
  if (header.payloadLength > 0 && parts.length === 0) return true
  const clear = parts[header.kind === record ? 1 : 0]
  return leaves.length > 0 && clear?.length === 0
}

/** The fields of the clear part. @throws Refused partial when it is not here. */
function clearPart({ header, parts }: Block): Value[] {
  const clear = parts[header.kind === record ? 1 : 0]
  if (clear === undefined || clear.length === 0) throw new Refused("partial", "the clear part is not here")
  return decode(clear) as Value[]
}

async function signedByOne(net: Bytes, block: Block, keys: Bytes[]): Promise<boolean> {
  for (const key of keys) if (await isSigned(net, key, block.headerBytes, block.signature)) return true
  return false
}

async function isSigned(net: Bytes, key: Bytes, header: Bytes, signature: Bytes): Promise<boolean> {
  return key[0] === 1 && verify(key.slice(1), concat(prefix(net, "block"), await sha256(header)), signature)
}

/** The slot that a fork proof freezes, under the keys that were writers there. @throws Refused proof, or of block.md. */
export async function readForkProof(
  net: Bytes,
  keys: Bytes[],
  proof: Bytes,
): Promise<{ chain: Bytes; seq: number }> {
  const [one, oneSigned, two, twoSigned] = array(decode(proof), 4).map((value) => bin(value)) as [
    Bytes,
    Bytes,
    Bytes,
    Bytes,
  ]
  const [a, b] = [readHeader(one), readHeader(two)]
  if (compare(await id(one), await id(two)) >= 0) throw new Refused("proof", "order")
  if (!equal(a.chain, b.chain) || a.seq !== b.seq) throw new Refused("proof", "two slots")
  if (a.chain.every((x) => x === 0)) throw new Refused("proof", "geneses without a slot id")
  for (const [header, signature] of [
    [one, oneSigned],
    [two, twoSigned],
  ] as const) {
    const held = await Promise.all(keys.map((key) => isSigned(net, key, header, signature)))
    if (!held.includes(true)) throw new Refused("proof", "signature")
  }
  return { chain: a.chain, seq: a.seq }
}
