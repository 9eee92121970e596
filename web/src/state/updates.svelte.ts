import {
  askToPersist,
  checkFiles,
  type Readiness,
  setBusy,
  startUpdates,
  tabs,
  takeOver,
} from "#core/updates.ts"
import { everything } from "#state/folders.svelte.ts"
import { importing } from "#state/imports.svelte.ts"
import { meet } from "#state/meet.svelte.ts"
import { call, refresh } from "#state/session.svelte.ts"

/** Why the newer build does not take over yet: something is unfinished, or other tabs would start anew too. */
export type Hindrance =
  { readonly kind: "none" } | { readonly kind: "busy" } | { readonly kind: "tabs"; readonly open: number }

/** What "Get ready for offline" found. */
export interface Ready {
  /** Undefined where this browser keeps no files for the app. */
  readonly files: Readiness | undefined
  readonly records: number
  readonly recordsMissing: number
  readonly durable: boolean
}

/** Places where somebody is in the middle of something, whether a field holds text or not. */
const inTheMiddle = new Set(["create", "reader", "restore", "join", "link", "share"])
/** Records asked for at a time when all are counted. */
const pageSize = 500

let waiting = $state(false)
let hindrance = $state.raw<Hindrance>({ kind: "none" })
let dirty = $state(false)
let place = $state("")

export const updates = {
  /** A newer build is complete and waits. */
  get waiting() {
    return waiting
  },
  get hindrance() {
    return hindrance
  },
  /** Something is unfinished in this tab: a form, a meeting, an import. */
  get busy() {
    return dirty || inTheMiddle.has(place) || meet.underway || importing.state.kind === "running"
  },
}

export async function followUpdates(): Promise<void> {
  await startUpdates(() => {
    waiting = true
  })
}

/** Tells what this tab is in the middle of: the first part of the address, and whether a field holds text. */
export function tellUnfinished(at: string, typed: boolean): void {
  place = at
  dirty = typed
  setBusy(updates.busy)
}

/** Lets the newer build take over, unless something is unfinished anywhere; other tabs are asked about once. */
export async function update(): Promise<void> {
  const { open, busy } = await tabs()
  if (updates.busy || busy > 0) hindrance = { kind: "busy" }
  else if (open > 1 && hindrance.kind !== "tabs") hindrance = { kind: "tabs", open }
  else takeOver()
}

/** Looks whether every file of the app and every record of the own folder is on this device. */
export async function getReady(owner: boolean): Promise<Ready> {
  const durable = await askToPersist()
  const files = await checkFiles()
  let records = 0
  let recordsMissing = 0
  for (let more = owner; more;) {
    const { result } = await call("timeline", {
      ...everything,
      offset: records,
      limit: pageSize,
    })
    records += result.items.length
    recordsMissing += result.items.filter((item) => !item.opened && item.failed === "").length
    more = result.items.length > 0 && records < result.total
  }
  await refresh()
  return { files, records, recordsMissing, durable }
}
