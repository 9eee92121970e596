import type { Record as Opened } from "#core/api.gen.ts"
import { call, refresh } from "#state/session.svelte.ts"

export interface OpenedRecord {
  readonly record: Opened
  /** Exactly as received. */
  readonly bytes: Uint8Array
}

export async function openRecord(folder: string, record: string): Promise<OpenedRecord> {
  const { result, bytes } = await call("record.open", { folder, record })
  return { record: result, bytes: bytes ?? new Uint8Array() }
}

export async function writeNote(
  folder: string,
  section: number,
  text: string,
  refs: readonly string[],
): Promise<string> {
  const { result } = await call("note.write", { folder, section, text, refs: [...refs], amends: false })
  await refresh()
  return result.record
}

export async function judge(
  record: string,
  verdict: "accept" | "dispute" | "withdraw",
  reason: string,
): Promise<void> {
  await call("verdict", { record, verdict, reason })
  await refresh()
}
