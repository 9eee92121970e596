import type { GrantTerms, MeetCode } from "#core/api.gen.ts"
import { query } from "#state/query.svelte.ts"
import { call, refresh } from "#state/session.svelte.ts"

let held = $state("")
let code = $state.raw<MeetCode | null>(null)
let terms = $state.raw<GrantTerms | null>(null)

export const meet = {
  /** The link this page was opened with: not joined until somebody clicks. */
  get held() {
    return held
  },
  /** What the owner shows, from start until the meeting ends. */
  get code() {
    return code
  },
  /** What the owner will give once both sides match. */
  get terms() {
    return terms
  },
}

export const meeting = () => query("meet.state", () => ({}))

export function hold(link: string): void {
  held = link
}

/** Opens a meeting and shows its code; next is granted when both sides match. */
export async function startMeeting(next: GrantTerms): Promise<void> {
  code = (await call("meet.start", {})).result
  terms = next
  await refresh()
}

export async function join(text: string): Promise<void> {
  held = ""
  await call("meet.join", { code: text })
  await refresh()
}

/** The owner's "They match". */
export async function grantMatched(given: GrantTerms): Promise<void> {
  await call("meet.grant", given)
  await refresh()
}

/** The reader's "They match". */
export async function confirmMatched(): Promise<void> {
  await call("meet.confirm", {})
  await refresh()
}

/** "No match" and cancel, on either side: nothing is granted. */
export async function endMeeting(): Promise<void> {
  code = null
  terms = null
  await call("meet.refuse", {})
  await refresh()
}
