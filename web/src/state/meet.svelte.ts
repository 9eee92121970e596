import type { GrantTerms, MeetCode } from "#core/api.gen.ts"
import { query } from "#state/query.svelte.ts"
import { call, refresh } from "#state/session.svelte.ts"

let held = $state("")
let under = $state(false)

export const meet = {
  /** The link this page was opened with: not joined until somebody clicks. */
  get held() {
    return held
  },
  /** A meeting was begun on this page and has not been left. */
  get underway() {
    return under
  },
}

/** The meeting on screen. It outlives a reload: the core keeps it sealed, with what will be given. */
export const meeting = () => query("meet.state", () => ({}))

export function hold(link: string): void {
  held = link
}

/** Opens a meeting with the person in front; terms are given when both sides say "They match". Gives what to show. */
export async function startMeeting(terms: GrantTerms): Promise<MeetCode> {
  const { result } = await call("meet.start", terms)
  under = true
  await refresh()
  return result.invite
}

export async function join(text: string): Promise<void> {
  held = ""
  await call("meet.join", { code: text })
  under = true
  await refresh()
}

/** "They match", on either side. */
export async function confirmMatched(): Promise<void> {
  await call("meet.confirm", {})
  await refresh()
}

/** "No match", on either side: nothing is granted, and the other side is told. */
export async function refuseMatch(): Promise<void> {
  await call("meet.nomatch", {})
  await refresh()
}

/** Leaves the meeting, or puts away what is over. A waiting link goes on waiting. */
export async function endMeeting(): Promise<void> {
  under = false
  await call("meet.refuse", {})
  await refresh()
}
