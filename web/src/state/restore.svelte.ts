import { query } from "#state/query.svelte.ts"
import { adopt, call, refresh } from "#state/session.svelte.ts"

export const restoring = () => query("restore.state", () => ({}))

/** Words or qr, the other "". */
export async function startRestore(words: string, qr: string): Promise<void> {
  await call("restore.start", { words, qr })
  await refresh()
}

/** lost: the old device is gone for good and is cut off. */
export async function finishRestore(passphrase: string, lost: boolean): Promise<void> {
  adopt((await call("restore.finish", { passphrase, lost })).result)
}

export async function cancelRestore(): Promise<void> {
  await call("restore.cancel", {})
  await refresh()
}
