import type { Methods, Status } from "#core/api.gen.ts"
import type { BootState, Core } from "#core/core.ts"
import { type Problem, problemOf } from "#state/problem.ts"

/** How long nobody touches the page before it locks, ms. Source: folder.md §11. */
export const idleMS = 5 * 60 * 1000

/** A change waits this many ms for others that come with it, and rounds of questions are this far apart, ms. */
const settleMS = 16
const apartMS = 200

let core: Core | null = null
let boot = $state.raw<BootState>({ kind: "loading", loaded: 0, total: 0 })
let status = $state.raw<Status | null>(null)
let trouble = $state.raw<Problem | null>(null)
let tick = $state(0)

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
    status = answer.result
    trouble = null
  } catch (thrown) {
    trouble = problemOf(thrown)
  }
  tick += 1
}

/** Takes a status that a call already returned, so that the screen changes without another question. */
export function adopt(next: Status): void {
  status = next
  tick += 1
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

export async function lock(): Promise<void> {
  adopt((await call("lock", {})).result)
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

/** Locks when nobody has touched page for idleMS; returns what stops watching. */
export function lockWhenIdle(page: EventTarget): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const touched = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (status?.phase === "open") lock().catch((thrown: unknown) => (trouble = problemOf(thrown)))
    }, idleMS)
  }
  const kinds = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]
  for (const kind of kinds) page.addEventListener(kind, touched, { passive: true })
  touched()
  return () => {
    clearTimeout(timer)
    for (const kind of kinds) page.removeEventListener(kind, touched)
  }
}
