/** Proof files, checked as proof.md §2 and §3 say, with nothing but the file. */
import { type Header, checkSignature, id, readBlock, readHeader, readWire } from "./block.ts"
import { type Bytes, Refused, equal } from "./bytes.ts"
import { type Chain, begin, next, writerAt } from "./chain.ts"
import { array, bin, list } from "./fields.ts"
import { type Value, decode, encode } from "./msgpack.ts"

const [genesis, record, access, handover, rotate] = [1, 2, 6, 7, 8]
const changesKey = [genesis, handover, rotate]
const fileMax = 192 << 10
const blocksMax = 513
const signatureMax = 4096
const none = new Uint8Array()

interface Listed {
  header: Header
  headerBytes: Bytes
  signature: Bytes
  clear: Bytes
}

export interface Proof {
  net: Bytes
  blocks: Listed[]
  last: Listed
}

/** Held, failed or unknown. */
export type State = "o" | "f" | "u"

/** @throws Refused proof/format or proof/version. */
export function readProof(file: Bytes): Proof {
  try {
    if (file.length > fileMax) throw new Refused("limit", "file")
    const f = array(decode(file), 3)
    if (typeof f[0] === "number" && f[0] !== 1) throw new Refused("proof/version", String(f[0]))
    if (f[0] !== 1) throw new Refused("canonical", "version")
    const blocks = list(f[2], blocksMax).map(readListed)
    const last = blocks.at(-1)
    if (last === undefined || blocks.length < 2) throw new Refused("canonical", "too few blocks")
    checkForm(blocks, last)
    return { net: bin(f[1], 32), blocks, last }
  } catch (e) {
    if (!(e instanceof Refused) || e.code === "proof/version") throw e
    throw new Refused("proof/format", e.message)
  }
}

function readListed(entry: Value): Listed {
  const [headerBytes, signature, clear] = array(entry, 3).map((value) => bin(value)) as [Bytes, Bytes, Bytes]
  if (signature.length > signatureMax) throw new Refused("limit", "signature")
  return { header: readHeader(headerBytes), headerBytes, signature, clear }
}

function checkForm(blocks: Listed[], last: Listed): void {
  for (const [i, block] of blocks.entries()) {
    const { kind, seq } = block.header
    if (i > 0 && seq <= (blocks[i - 1]?.header.seq ?? 0)) throw new Refused("canonical", "order")
    if ((i === 0) !== (kind === genesis)) throw new Refused("canonical", "a GENESIS begins")
    const whole = changesKey.includes(kind)
    if (block.clear.length > 0 !== whole) throw new Refused("canonical", "clear part")
    if (block.signature.length > 0 !== (whole || block === last)) throw new Refused("canonical", "signature")
  }
  if (last.header.kind !== record && last.header.kind !== access)
    throw new Refused("canonical", "not a block to prove")
}

/** The steps network, chain, signature, payload, final; and the key that writes there, once the chain did not fail. */
export async function checkProof(
  proof: Proof,
  expectedNet?: Bytes,
  brought?: Bytes,
): Promise<{ states: State[]; writer?: Bytes }> {
  if (expectedNet !== undefined && !equal(expectedNet, proof.net)) return { states: failedAfter() }
  let path: { chain: Chain; gap: boolean }
  try {
    path = await followPath(proof)
  } catch (e) {
    if (!(e instanceof Refused)) throw e
    return { states: failedAfter("o") }
  }
  const linked: State = path.gap ? "u" : "o"
  const writer = writerAt(path.chain, proof.last.header.seq)
  try {
    const { headerBytes, header, signature } = proof.last
    await checkSignature({ headerBytes, header, signature, parts: [], leaves: none }, proof.net, writer)
  } catch (e) {
    if (!(e instanceof Refused)) throw e
    return { states: failedAfter("o", linked), writer }
  }
  return { states: ["o", linked, "o", await payloadState(proof.last, brought), "u"], writer }
}

function failedAfter(...held: State[]): State[] {
  const states: State[] = [...held, "f"]
  return [...states, ...new Array<State>(5 - states.length).fill("u")]
}

/** @throws Refused by the first block that does not follow. */
async function followPath({ net, blocks }: Proof): Promise<{ chain: Chain; gap: boolean }> {
  const [first, ...more] = blocks
  if (first === undefined) throw new Refused("canonical", "no blocks")
  const chain = await begin(net, await readBlock(wireOf(first)))
  let gap = false
  for (const block of more) {
    const { kind, seq, prev, chain: named } = block.header
    if (!equal(named, chain.id)) throw new Refused("prev", "another chain")
    if (seq > chain.seq + 1) {
      // what is left out is taken at its word, and said to be unknown
      gap = true
      chain.seq = seq - 1
      chain.head = prev
    }
    if (changesKey.includes(kind)) await next(net, chain, await readBlock(wireOf(block)))
    else if (!equal(prev, chain.head)) throw new Refused("prev", "another head")
    chain.seq = seq
    chain.head = await id(block.headerBytes)
  }
  return { chain, gap }
}

function wireOf({ headerBytes, signature, clear }: Listed): Bytes {
  return encode([headerBytes, signature, [clear], none])
}

async function payloadState(proven: Listed, brought?: Bytes): Promise<State> {
  if (brought === undefined) return "u"
  try {
    const { headerBytes, header, parts, leaves } = await readWire(brought)
    if (!equal(headerBytes, proven.headerBytes)) return "f"
    const whole = leaves.length === 0 && (parts.length > 0 || header.payloadLength === 0)
    return whole ? "o" : "u"
  } catch (e) {
    if (e instanceof Refused) return "f"
    throw e
  }
}
