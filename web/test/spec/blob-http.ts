/** Announcements and receipts of blobs, as blob-http.md has them. */
import { type Bytes, Refused, concat, leafHash, prefix, root, sha256 } from "./bytes.ts"
import { verify } from "./ed25519.ts"
import { array, bin, uint } from "./fields.ts"
import { decode, encode } from "./msgpack.ts"

const firstLeaf = 32
const leafSize = 262_144
const sizeMax = 2 ** 32 + firstLeaf

export interface Announcement {
  size: number
  hashes: Bytes[]
}

/** @throws Refused canonical, or form where size and number of leaves differ. */
export function readAnnouncement(bytes: Bytes): Announcement {
  const f = array(decode(bytes), 2)
  const size = uint(f[0], sizeMax + 1)
  const hashes = bin(f[1])
  if (hashes.length % 32 !== 0) throw new Refused("canonical", "half a hash")
  const count = hashes.length / 32
  if (size < firstLeaf || count !== 1 + Math.ceil((size - firstLeaf) / leafSize))
    throw new Refused("form", "leaves and size")
  return { size, hashes: Array.from({ length: count }, (_, i) => hashes.slice(i * 32, i * 32 + 32)) }
}

/** What a writer announces: leaf 0 is the erase commitment. */
export async function announce(erase: Bytes, sealed: Bytes): Promise<{ root: Bytes; announcement: Bytes }> {
  const hashes = [await leafHash(erase)]
  for (let at = 0; at < sealed.length; at += leafSize)
    hashes.push(await leafHash(sealed.slice(at, at + leafSize)))
  const announcement = encode([erase.length + sealed.length, concat(...hashes)])
  return { root: await root(hashes), announcement }
}

/** Whether `receipt` is the relay's `stored` signature for this blob. */
export async function isReceipt(
  net: Bytes,
  relay: Bytes,
  blob: Bytes,
  size: number,
  receipt: Bytes,
): Promise<boolean> {
  const signed = concat(prefix(net, "stored"), await sha256(encode([blob, size])))
  return relay[0] === 1 && verify(relay.slice(1), signed, receipt)
}
