import type { Methods, Status } from "#core/api.gen.ts"
import type { BootState, Core } from "#core/core.ts"
import { forgetDrafts } from "#state/drafts.svelte.ts"
import { type Problem, problemOf } from "#state/problem.ts"

/** A change waits this many ms for others that come with it, and rounds of questions are this far apart, ms. */
const settleMS = 16
const apartMS = 200

let core: Core | null = null
let boot = $state.raw<BootState>({ kind: "loading", loaded: 0, total: 0 })
let status = $state.raw<Status | null>(null)
let trouble = $state.raw<Problem | null>(null)
let tick = $state(0)
let lockedBy = $state<LockedBy>("person")

/**
 * Who locked: somebody in this tab, nobody's touch for long, the tab that held the keys, by closing or locking, or
 * another device that removed this one.
 */
export type LockedBy = "person" | "idle" | "tab" | "removed"

/** What every screen knows: how the core started, its status, and a tick that rises when screens should ask again. */
export const session = {
  get boot() {
    return boot
  },
  get status() {
    return status
  },
  /** Set when even the status could not be read. */
  get trouble() {
    return trouble
  },
  get tick() {
    return tick
  },
  get lockedBy() {
    return lockedBy
  },
}

/**
 * Calls the core. Bytes are transferred, so the caller's copy is detached.
 * @throws CoreError with a code that i18n knows how to say
 */
export async function call<M extends keyof Methods>(
  method: M,
  args: Methods[M]["args"],
  bytes?: Uint8Array,
): Promise<{ result: Methods[M]["result"]; bytes?: Uint8Array }> {
  if (core === null) throw new Error("called before attach")
  return bytes === undefined ? core.call(method, args) : core.call(method, args, bytes)
}

/** Asks for the status now and lets every screen ask again. */
export async function refresh(): Promise<void> {
  try {
    const answer = await call("status", {})
    if (status?.phase === "open" && answer.result.phase === "locked") lockedBy = "tab"
    take(answer.result)
    trouble = null
    // The core has dropped its keys; locking also ends the Worker, whose memory Go cannot wipe.
    const removed = answer.result.notices.some(({ code }) => code === "device/removed")
    if (removed && lockedBy !== "removed") await lock("removed")
  } catch (thrown) {
    trouble = problemOf(thrown)
  }
  tick += 1
}

/** Takes a status that a call already returned, so that the screen changes without another question. */
export function adopt(next: Status): void {
  take(next)
  tick += 1
}

/** What was typed and not saved goes with the keys. */
function take(next: Status): void {
  status = next
  if (next.phase !== "open") forgetDrafts()
}

/** Binds the page to a core; returns what undoes it. */
export function attach(next: Core): () => void {
  core = next
  let pending: ReturnType<typeof setTimeout> | undefined
  let askedAt = -Infinity
  const soon = () => {
    const waitMS = Math.max(settleMS, askedAt + apartMS - performance.now())
    pending ??= setTimeout(() => {
      pending = undefined
      askedAt = performance.now()
      void refresh()
    }, waitMS)
  }
  const offBoot = next.onBoot((state) => {
    boot = state
    if (state.kind === "ready") void refresh()
  })
  const offChanged = next.onChanged(soon)
  return () => {
    clearTimeout(pending)
    offBoot()
    offChanged()
  }
}

export async function unlock(passphrase: string): Promise<void> {
  adopt((await call("unlock", { passphrase })).result)
}

export async function lock(by: Exclude<LockedBy, "tab"> = "person"): Promise<void> {
  lockedBy = by
  adopt((await call("lock", {})).result)
}

/** Runs fn once, when the core has started or cannot. */
export function whenStarted(fn: () => void): void {
  let done = false
  core?.onBoot((state) => {
    if (done || state.kind === "loading") return
    done = true
    fn()
  })
}

/** Deletes segments and vault from this device. */
export async function forget(): Promise<void> {
  adopt((await call("forget", {})).result)
}

export async function createReader(name: string, passphrase: string): Promise<void> {
  adopt((await call("reader.create", { name, passphrase })).result)
}

export async function dismiss(id: string): Promise<void> {
  await call("notice.dismiss", { id })
  await refresh()
}
