/** The sample data with made-up answers, in the place of core/sample.ts: for looking at its screens. */
import type { Cheat, Sample, Trick } from "#core/sample.ts"
import { fakeCore, items, settingOf } from "./fake-core.ts"
import { fakeProof } from "./fake-proof.ts"

export type { Cheat, Sample, Trick }

const failed = { edit: "payload", swap: "signature", hide: "complete", false: "", undo: "" } as const

/** Query `pane` is the step at which the clinician's app stands. */
export function startSample(): Sample {
  const setting = settingOf(location.search)
  const step = new URLSearchParams(location.search).get("pane") ?? ""
  return {
    patient: fakeCore(setting),
    clinician: fakeCore({ phase: "open", role: "reader", step, empty: false }),
    cheat: (trick) => {
      const item = items[1]
      if (item === undefined) throw new Error("no record")
      const proof = fakeProof({ ...item, label: failed[trick] === "" ? item.label : "" }, failed[trick])
      return Promise.resolve({ record: item.record, before: "6.6 %", after: "5.1 %", proof })
    },
    end: () => undefined,
  }
}
