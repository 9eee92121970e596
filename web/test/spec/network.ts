/** A network's file, read as network.md §2 says. */
import { type Block, checkSignature, id, readWire } from "./block.ts"
import { type Bytes, Refused, compare, concat, equal, prefix, sha256, toHex } from "./bytes.ts"
import { verify } from "./ed25519.ts"
import { array, bin, key, list, uint } from "./fields.ts"
import { isRecipient } from "./hpke.ts"
import { type Value, decode } from "./msgpack.ts"

const gov = 11
const fileMax = 96 << 10
/** For what is signed before the network has an id. */
const noNet = new Uint8Array(32)

interface Party {
  chain: Bytes
  key: Bytes
  recipient: Bytes
}

interface Genesis {
  members: Party[]
  desks: Party[]
  witnesses: { seat: number; chain: Bytes; ack: Bytes; release: Bytes; recipient: Bytes }[]
  f: number
  lanes: { number: number; relay: Bytes }[]
}

export interface Network extends Genesis {
  net: Bytes
  n: number
  q: number
}

/** @throws Refused genesis, founders, policy, version, key, or of block.md. */
export async function readNetwork(file: Bytes): Promise<Network> {
  if (file.length > fileMax) throw new Refused("limit", "network file")
  const [wire, found] = array(decode(file), 2)
  const founders = list(found, 64).map((signature) => bin(signature))
  const block = await readWire(bin(wire)) // what a part may hold is said by this page alone
  const genesis = readGenesis(bodyOf(block))
  check(genesis)
  await checkFounders(block, genesis.members, founders)
  const n = genesis.witnesses.length
  return { ...genesis, net: await id(block.headerBytes), n, q: Math.floor((n + genesis.f) / 2) + 1 }
}

function bodyOf({ header: h, parts }: Block): Bytes {
  const plain = h.kind === gov && h.seq === 0 && h.epoch === 0 && h.links.length === 0
  const unmarked = [...h.chain, ...h.prev, ...h.tag].every((b) => b === 0)
  const [part] = parts
  if (!plain || !unmarked || part === undefined || parts.length !== 1)
    throw new Refused("genesis", "no genesis block")
  const [action, body] = array(decode(part), 2)
  if (action !== 1) throw new Refused("genesis", "action")
  return bin(body)
}

function readGenesis(bytes: Bytes): Genesis {
  const f = array(decode(bytes), 11)
  if (f[0] !== 1 || f[3] !== 1 || f[7] !== 1 || f[8] !== 1 || f[9] !== 1 || bin(f[10]).length > 0)
    throw new Refused("version", "one that is not known")
  return {
    members: list(f[1], 64).map(party),
    desks: list(f[2], 64).map(party),
    witnesses: list(f[4], 16).map((entry) => {
      const w = array(entry, 5)
      return {
        seat: uint(w[0], 256),
        chain: bin(w[1], 32),
        ack: key(w[2]),
        release: key(w[3]),
        recipient: bin(w[4]),
      }
    }),
    f: uint(f[5], 256),
    lanes: list(f[6], 64).map((entry) => {
      const l = array(entry, 3)
      const addresses = list(l[2], 4)
      if (addresses.length === 0 || !addresses.every(isOrigin)) throw new Refused("genesis", "address")
      return { number: uint(l[0], 2 ** 32), relay: key(l[1]) }
    }),
  }
}

function party(entry: Value): Party {
  const p = array(entry, 3)
  return { chain: bin(p[0], 32), key: key(p[1]), recipient: bin(p[2]) }
}

function isOrigin(value: Value): boolean {
  return typeof value === "string" && value.length <= 64 && /^https?:\/\/[a-z0-9.\-:[\]]+$/u.test(value)
}

function check({ members, desks, witnesses, f, lanes }: Genesis): void {
  const need = (holds: boolean, why: string): void => {
    if (!holds) throw new Refused("genesis", why)
  }
  if (witnesses.length !== 3 * f + 1) throw new Refused("policy", "n is not 3f+1")
  need(members.length > 0 && lanes.length > 0, "a list without entries")
  for (const parties of [members, desks]) {
    const ascend = parties.every((p, i) => i === 0 || compare(parties[i - 1]?.chain ?? p.chain, p.chain) < 0)
    need(ascend, "order of chains")
  }
  need(!desks.some((d) => members.some((m) => equal(m.chain, d.chain))), "a desk group that is a member")
  witnesses.forEach((w, i) => {
    need(w.seat === i + 1, "seats")
    need(
      members.some((m) => equal(m.chain, w.chain)),
      "a seat of no member",
    )
  })
  need(
    lanes.every((l, i) => l.number > (lanes[i - 1]?.number ?? 0)),
    "lanes",
  )
  const parties = [...members, ...desks]
  const keys = [
    ...parties.map((p) => p.key),
    ...witnesses.flatMap((w) => [w.ack, w.release]),
    ...lanes.map((l) => l.relay),
  ]
  need(distinct(keys), "a key in two roles")
  const recipients = [...parties, ...witnesses].map((p) => p.recipient)
  need(recipients.every(isRecipient), "recipient")
  need(distinct(recipients), "a recipient twice")
}

function distinct(items: Bytes[]): boolean {
  return new Set(items.map(toHex)).size === items.length
}

async function checkFounders(block: Block, members: Party[], founders: Bytes[]): Promise<void> {
  if (founders.length !== members.length) throw new Refused("founders", "one for each member")
  const signed = concat(prefix(noNet, "found"), await sha256(block.headerBytes))
  for (const [i, member] of members.entries()) {
    if (!(await verify(member.key.slice(1), signed, founders[i] ?? noNet)))
      throw new Refused("founders", `signature ${String(i)}`)
  }
  const [first] = members
  try {
    await checkSignature(block, noNet, first?.key ?? noNet)
  } catch (e) {
    throw e instanceof Refused ? new Refused("founders", e.message) : e
  }
}
