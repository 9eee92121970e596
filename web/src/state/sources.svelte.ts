import type { File as Named } from "#core/api.gen.ts"
import { query } from "#state/query.svelte.ts"
import { call } from "#state/session.svelte.ts"

export interface Exported {
  readonly file: Named
  readonly bytes: Uint8Array
}

/** The imported files; asked while wanted says so. */
export const sources = (wanted: () => boolean = () => true) => query("sources", () => (wanted() ? {} : null))

/** The original file, byte for byte, checked by the core against what was imported. */
export async function exportSource(source: string): Promise<Exported> {
  const { result, bytes } = await call("export.source", { source })
  return { file: result, bytes: bytes ?? new Uint8Array() }
}

export async function exportRecord(folder: string, record: string): Promise<Exported> {
  const { result, bytes } = await call("export.record", { folder, record })
  return { file: result, bytes: bytes ?? new Uint8Array() }
}

/** A tar of age files and the one key that opens them; the key is shown once and kept nowhere. */
export async function exportSealed(): Promise<Exported & { readonly key: string }> {
  const { result, bytes } = await call("export.sealed", {})
  return { file: result.file, key: result.key, bytes: bytes ?? new Uint8Array() }
}
