import { forgetOrigin } from "#core/forget.ts"
import { askPasskey, makePasskey, passkeysHere } from "#core/passkey.ts"
import { query } from "#state/query.svelte.ts"
import { adopt, call, forget, refresh } from "#state/session.svelte.ts"

/** A page of sample data. */
const looking = new URLSearchParams(location.search).has("sample")

/** Whether a passkey can be used here: sample data makes none that would outlive it. */
export const passkeysWork = () => !looking && passkeysHere()

export const passkey = () => query("passkey", () => ({}))
export const devices = () => query("devices", () => ({}))
export const recovery = () => query("recovery", () => ({}))

function unhex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length / 2)
  for (const i of bytes.keys()) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

/** Runs use with a passkey's output. It is transferred to the Worker; where that copies, as to another tab, it is wiped. */
async function withOutput<T>(
  output: Uint8Array<ArrayBuffer>,
  use: (output: Uint8Array<ArrayBuffer>) => Promise<T>,
): Promise<T> {
  try {
    return await use(output)
  } finally {
    if (output.byteLength > 0) output.fill(0)
  }
}

/** The output of this browser's passkey. */
async function output(): Promise<Uint8Array<ArrayBuffer>> {
  const { result } = await call("passkey", {})
  return askPasskey(unhex(result.credential), unhex(result.salt))
}

export async function unlockByPasskey(): Promise<void> {
  const answer = await withOutput(await output(), (prf) => call("passkey.unlock", {}, prf))
  adopt(answer.result)
}

/** name is what the browser's dialog shows; it goes to the passkey's keeper. */
export async function addPasskey(passphrase: string, name: string): Promise<void> {
  // Before anything is made: a passkey that opens nothing would stay with its keeper.
  await call("passphrase.prove", { passphrase })
  const { salt } = (await call("passkey", {})).result
  const made = await makePasskey(unhex(salt), name)
  await withOutput(made.prf, (prf) =>
    call("passkey.add", { passphrase, credential: hex(made.id), salt }, prf),
  )
  await refresh()
}

export async function removePasskey(): Promise<void> {
  await call("passkey.remove", {})
  await refresh()
}

export async function changePassphrase(old: string, next: string): Promise<void> {
  await call("passphrase.change", { old, next })
}

/** passphrase "" asks the passkey. */
export async function removeDevice(id: string, passphrase: string): Promise<void> {
  if (passphrase !== "") await call("device.remove", { id, passphrase })
  else await withOutput(await output(), (prf) => call("device.remove", { id, passphrase }, prf))
  await refresh()
}

/** Words or qr, the other "". */
export async function drillKit(words: string, qr: string): Promise<void> {
  await call("kit.drill", { words, qr })
  await refresh()
}

/** passphrase "" asks the passkey. */
export async function startLinkWith(passphrase: string) {
  const start = (prf?: Uint8Array<ArrayBuffer>) => call("link.start", { passphrase }, prf)
  return (passphrase === "" ? await withOutput(await output(), start) : await start()).result
}

/** Deletes everything of this origin: the folder's copy, keys, code, preferences. */
export async function forgetBrowser(): Promise<void> {
  await forget()
  if (!looking) await forgetOrigin()
}
