import type { File, Proof, ProofHeader, ProofStep, ProofVerdict, TimelineItem } from "#core/api.gen.ts"

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

const fakeHeader = (record: string, time: number): ProofHeader => ({
  id: record,
  version: 1,
  kind: 2,
  chain: hex(30),
  seq: 12,
  prev: hex(29),
  epoch: 1,
  time,
  tag: "5f1e0d0c0b0a09080706050403020100",
  payloadHash: hex(41),
  payloadLength: 1_208,
  signature: "ab".repeat(64),
  writer: `key_01${hex(51)}`,
  net: hex(42),
})

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
    header: fakeHeader(item.record, item.saved - (item.saved % 3_600_000)),
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

/** A made-up check of a proof file. */
export function fakeVerdict(failed: string, brought: boolean): ProofVerdict {
  const order = ["network", "chain", "signature", "payload", "final"]
  const from = failed === "" ? order.length : order.indexOf(failed)
  const steps = order.map((name, place): ProofStep => {
    if (place === from) return { name, state: "failed", code: `proof/${name}`, detail: "" }
    if (place > from) return { name, state: "unknown", code: "proof/not-reached", detail: "" }
    if (name === "final") return { name, state: "unknown", code: "proof/no-witnesses", detail: "" }
    if (name === "payload" && !brought) return { name, state: "unknown", code: "proof/no-block", detail: "" }
    return { name, state: "ok", code: "", detail: "" }
  })
  return { failed, steps, header: fakeHeader(hex(2), Date.UTC(2026, 10, 20, 9)), blocks: 13, folder: "" }
}
