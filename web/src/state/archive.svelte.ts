import type { ArchiveReading } from "#core/api.gen.ts"
import { query } from "#state/query.svelte.ts"
import { call, refresh } from "#state/session.svelte.ts"

export type Progress = (done: number, total: number) => void

/** The newest backup that was read back here. */
export const backup = () => query("backup", () => ({}))

/** Read at a time, bytes: small enough that the Worker answers others in between. */
const pieceBytes = 256 * 1024

/**
 * The whole folder as one sealed file. Its pieces go into Blobs, which the browser may keep on its disk.
 * @throws CoreError, or the signal's reason
 */
export async function makeArchive(progress: Progress, signal: AbortSignal): Promise<Blob> {
  const pieces: Blob[] = []
  await call("archive.make", {})
  try {
    for (;;) {
      signal.throwIfAborted()
      const { result, bytes } = await call("archive.next", {})
      pieces.push(new Blob([new Uint8Array(bytes ?? [])]))
      progress(result.done, result.total)
      if (result.finished) return new Blob(pieces, { type: "application/x-tar" })
    }
  } catch (thrown) {
    await call("archive.cancel", {})
    throw thrown
  }
}

/**
 * Reads an archive back: to check it, or, after a kit was given to {@link startFromArchive}, to bring the folder back.
 * Of a file that is refused nothing is kept.
 * @throws CoreError, or the signal's reason
 */
export async function readArchive(
  file: Blob,
  progress: Progress,
  signal: AbortSignal,
): Promise<ArchiveReading> {
  await call("archive.read", {})
  try {
    for (let at = 0; at < file.size; at += pieceBytes) {
      signal.throwIfAborted()
      await call("archive.feed", {}, new Uint8Array(await file.slice(at, at + pieceBytes).arrayBuffer()))
      progress(Math.min(at + pieceBytes, file.size), file.size)
    }
    const { result } = await call("archive.end", {})
    await refresh()
    return result
  } catch (thrown) {
    await call("archive.cancel", {})
    throw thrown
  }
}

/** Words or qr, the other "": the kit for the archive that is read next. */
export async function startFromArchive(words: string, qr: string): Promise<void> {
  await call("archive.kit", { words, qr })
  await refresh()
}
