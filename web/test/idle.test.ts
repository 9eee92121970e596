import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { attach, refresh, session, unlock } from "#state/session.svelte.ts"
import { lockWhenIdle } from "#state/idle.ts"
import { chooseIdle, prefs } from "#state/prefs.svelte.ts"
import { fakeCore } from "./fake-core.ts"

const minute = 60_000
let page: EventTarget
let stop: () => void
let detach: () => void

beforeEach(async () => {
  vi.useFakeTimers()
  detach = attach(fakeCore({ phase: "open", role: "owner", step: "", empty: false }))
  await refresh()
  page = new EventTarget()
  stop = lockWhenIdle(page)
})
afterEach(() => {
  stop()
  detach()
  chooseIdle("5")
  vi.useRealTimers()
})

test("nobody's touch for five minutes locks, and says that it was that", async () => {
  await vi.advanceTimersByTimeAsync(5 * minute - 1000)
  expect(session.status?.phase).toBe("open")
  await vi.advanceTimersByTimeAsync(2000)
  expect(session.status?.phase).toBe("locked")
  expect(session.lockedBy).toBe("idle")
})

test("a touch begins the time anew, and the time is the one that was chosen", async () => {
  await unlock("a phrase")
  chooseIdle("15")
  page.dispatchEvent(new Event("keydown"))
  await vi.advanceTimersByTimeAsync(14 * minute)
  page.dispatchEvent(new Event("pointermove"))
  await vi.advanceTimersByTimeAsync(14 * minute)
  expect(session.status?.phase).toBe("open")
  await vi.advanceTimersByTimeAsync(2 * minute)
  expect(session.status?.phase).toBe("locked")
})

test("time that the device slept counts: the first touch after it meets a locked folder", async () => {
  await unlock("a phrase")
  vi.setSystemTime(Date.now() + 60 * minute) // no timer ran meanwhile
  page.dispatchEvent(new Event("pointerdown"))
  await vi.advanceTimersByTimeAsync(1)
  expect(session.status?.phase).toBe("locked")
})

test.each(["0", "", "7", "forever", "-5"])("a kept time of %j minutes means the default", (kept) => {
  chooseIdle(kept)
  expect(prefs.idleMinutes).toBe(5)
})
