import type { File, Proof, ProofStep, TimelineItem } from "#core/api.gen.ts"

const hex = (n: number) => n.toString(16).padStart(64, "0")
const names = [
  "header",
  "signature",
  "chain",
  "payload",
  "named",
  "complete",
  "shares",
  "author",
  "content",
  "final",
]

/** A made-up check of a record: whole, failed at a step, or not opened. */
export function fakeProof(item: TimelineItem, failed: string): Proof {
  const from = failed === "" ? names.length : names.indexOf(failed)
  const steps: ProofStep[] = names.map((name, place) => {
    const unopened = !item.opened && place >= 6
    if (place === from) return { name, state: "failed", code: "open/2", detail: "block: invalid signature" }
    if (place > from || unopened)
      return { name, state: "unknown", code: unopened ? "record/unopened" : "proof/not-reached", detail: "" }
    return name === "final"
      ? { name, state: "unknown", code: "proof/no-witnesses", detail: "" }
      : { name, state: "ok", code: "", detail: "" }
  })
  const known = failed === "" && item.opened
  return {
    item,
    failed,
    steps,
    header: {
      id: item.record,
      version: 1,
      kind: 2,
      chain: hex(30),
      seq: 12,
      prev: hex(29),
      epoch: 1,
      time: item.saved - (item.saved % 3_600_000),
      tag: "5f1e0d0c0b0a09080706050403020100",
      payloadHash: hex(41),
      payloadLength: 1_208,
      signature: "ab".repeat(64),
      writer: `key_01${hex(51)}`,
      net: hex(42),
    },
    name: known ? item.author : "",
    guest: item.guest,
    device: known ? `key_01${hex(31)}` : "",
    identity: known && !item.guest ? hex(33) : "",
    walked: 13,
    blocks: 13,
  }
}

export const fakeFile = (fileName: string): File => ({
  fileName,
  mediaType: "application/octet-stream",
  size: 2,
  sha256: hex(5),
})
