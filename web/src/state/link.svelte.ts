import type { MeetCode } from "#core/api.gen.ts"
import { startLinkWith } from "#state/keys.svelte.ts"
import { adopt, call, refresh } from "#state/session.svelte.ts"

let code = $state.raw<MeetCode | null>(null)

export const link = {
  /** What the owner's device shows, from start until the meeting ends. */
  get code() {
    return code
  },
}

/** Asks for the passphrase, or with "" for the passkey, and opens a meeting for a device. */
export async function startLink(passphrase: string): Promise<void> {
  code = await startLinkWith(passphrase)
  await refresh()
}

export async function joinLink(text: string): Promise<void> {
  await call("link.join", { code: text })
  await refresh()
}

/** "They match"; name is what the owner calls the new device, "" on the new device. */
export async function confirmLink(name: string): Promise<void> {
  await call("link.confirm", { name })
  await refresh()
}

/** The new device's passphrase. */
export async function finishLink(passphrase: string): Promise<void> {
  adopt((await call("link.finish", { passphrase })).result)
}

/** "No match", cancel and done, on either side. */
export async function endLink(): Promise<void> {
  code = null
  await call("meet.refuse", {})
  await refresh()
}
