import { query } from "#state/query.svelte.ts"
import { call, refresh } from "#state/session.svelte.ts"

export const outbox = () => query("outbox", () => ({}))

/** Only the last block, never yet attempted, can be taken back. */
export async function discard(block: string): Promise<void> {
  await call("outbox.discard", { record: block })
  await refresh()
}
