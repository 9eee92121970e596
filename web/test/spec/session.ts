/** Seals of a SESSION, as shares.md §7 has them. */
import { type Bytes, concat, prefix, sha256, u32 } from "./bytes.ts"
import { open, recipientOf } from "./hpke.ts"

const sealLength = 1168
const archive = 255

export interface Session {
  net: Bytes
  chain: Bytes
  epoch: number
  seals: Bytes
}

/** The secret sealed for a seat (0 the owner's, 255 the archive's), or undefined. */
export async function openSeal(s: Session, seat: number, seed: Bytes): Promise<Bytes | undefined> {
  const seats = s.seals.length / sealLength - 2
  if (!Number.isInteger(seats) || seats < 1 || seats > 16) return undefined
  const place = seat === archive ? seats + 1 : seat
  if (seat !== archive && seat > seats) return undefined
  const seal = s.seals.slice(place * sealLength, (place + 1) * sealLength)
  const to = await sha256(recipientOf(seed))
  return open(seed, concat(prefix(s.net, "session"), s.chain, u32(s.epoch), Uint8Array.of(seat), to), seal)
}
