import { shareTouches } from "#core/updates.ts"
import { prefs } from "#state/prefs.svelte.ts"
import { lock, session } from "#state/session.svelte.ts"

/** How often a touch is told to the other tabs, ms. */
const tellEveryMS = 2000

/** What counts as a touch. */
const kinds = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]

/**
 * Locks when nobody has touched page, nor another tab of the app, for as long as the person chose; returns what stops
 * watching. Time that the device slept counts: the first touch after it meets a locked folder.
 */
export function lockWhenIdle(page: EventTarget): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let last = Date.now()
  let told = 0
  const idleMS = () => prefs.idleMinutes * 60_000

  const lockNow = () => {
    // What fails is shown where the status is: it stays open, and the next touch tries again.
    if (session.status?.phase === "open") lock("idle").catch(() => undefined)
  }
  const look = () => {
    const leftMS = last + idleMS() - Date.now()
    if (leftMS <= 0) lockNow()
    timer = setTimeout(look, leftMS > 0 ? leftMS : idleMS())
  }
  const heard = () => {
    clearTimeout(timer)
    const now = Date.now()
    if (now - last >= idleMS()) lockNow()
    last = now
    look()
  }
  const tell = shareTouches(heard)
  const touched = () => {
    heard()
    if (last - told < tellEveryMS) return
    told = last
    tell()
  }
  for (const kind of kinds) page.addEventListener(kind, touched, { passive: true })
  look()
  return () => {
    clearTimeout(timer)
    for (const kind of kinds) page.removeEventListener(kind, touched)
  }
}
