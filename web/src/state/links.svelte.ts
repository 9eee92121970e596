import type { GrantTerms, MeetCode } from "#core/api.gen.ts"
import { query } from "#state/query.svelte.ts"
import { call, refresh } from "#state/session.svelte.ts"

/** The waiting links of this profile, on either side, newest first. Source: spec/meeting.md §6. */
export const links = () => query("waiting", () => ({}))

/** Makes a link to send; terms are given when both sides have compared by phone. */
export async function createLink(terms: GrantTerms): Promise<MeetCode> {
  const { result } = await call("waiting.create", terms)
  await refresh()
  return result
}

export async function confirmLink(room: string): Promise<void> {
  await call("waiting.match", { room })
  await refresh()
}

/** "No match": nothing is given, and the other side is told. */
export async function refuseLink(room: string): Promise<void> {
  await call("waiting.differ", { room })
  await refresh()
}

/** Takes a link back, or puts away one that is over. */
export async function endLink(room: string): Promise<void> {
  await call("waiting.end", { room })
  await refresh()
}
