import type { Record as Opened } from "#core/api.gen.ts"
import { query } from "#state/query.svelte.ts"
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

/** A record's content as text; what is no UTF-8 shows as replacement characters. */
export async function readText(folder: string, record: string): Promise<string> {
  return new TextDecoder().decode((await openRecord(folder, record)).bytes)
}

/** Adds a note; refs are what it answers or, with amends, whose newer version it is. */
export async function writeNote(
  folder: string,
  section: number,
  text: string,
  refs: readonly string[],
  amends = false,
): Promise<string> {
  const { result } = await call("note.write", { folder, section, text, refs: [...refs], amends })
  await refresh()
  return result.record
}

/** Adds one FHIR resource, byte for byte; amends are the older versions, which give the section. */
export async function writeResource(
  folder: string,
  section: number,
  text: string,
  amends: readonly string[] = [],
): Promise<string> {
  const bytes = new TextEncoder().encode(text)
  const { result } = await call("record.write", { folder, section, amends: [...amends] }, bytes)
  await refresh()
  return result.record
}

/** Takes a record out of the owner's own view, or shows it again. */
export async function hide(record: string, hidden: boolean): Promise<void> {
  await call("record.hide", { records: [record], hidden })
  await refresh()
}

/** What a record refers to and what refers to it. */
export const links = (folder: string, record: string) => query("record.links", () => ({ folder, record }))

export async function judge(
  record: string,
  verdict: "accept" | "dispute" | "withdraw",
  reason: string,
): Promise<void> {
  await call("verdict", { record, verdict, reason })
  await refresh()
}
