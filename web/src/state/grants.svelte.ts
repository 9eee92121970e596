import { query } from "#state/query.svelte.ts"
import { call, refresh } from "#state/session.svelte.ts"

export const grants = () => query("grants", () => ({}))

export async function stopSharing(grant: string): Promise<void> {
  await call("grant.stop", { grant })
  await refresh()
}
