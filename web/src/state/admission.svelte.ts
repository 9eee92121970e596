import type { Admission } from "#core/api.gen.ts"
import { CoreError } from "#core/error.ts"
import { query } from "#state/query.svelte.ts"
import { call, refresh, session } from "#state/session.svelte.ts"

export const admission = () => query("admission", () => ({}))

/** Fills the stock with keys that a member can admit, and gives it. */
export async function askAdmission(): Promise<Admission> {
  return (await call("admission.ask", {})).result
}

/** Takes a member's answer, a line for each key. */
export async function takeAdmissions(text: string): Promise<Admission> {
  const { result } = await call("admission.take", { text })
  await refresh()
  return result
}

/** How long a relay may take to say whether it lets everybody in, ms: a slow phone connects in a few seconds. */
const patienceMS = 10_000
const againMS = 100

/**
 * Whether a member has to admit a new folder; waits for the relay's word.
 * @throws CoreError create/relay when there is none
 */
export async function needsAdmission(): Promise<boolean> {
  for (let waited = 0; waited < patienceMS; waited += againMS) {
    const said = session.status?.admission
    if (said === "open" || said === "closed") return said === "closed"
    await new Promise((done) => setTimeout(done, againMS))
  }
  throw new CoreError("create/relay", "")
}
