import { call, refresh } from "#state/session.svelte.ts"

/** The most that one call takes or gives of a document, bytes. Source: shared/folder/limits.go. */
const pieceBytes = 1 << 20

/** How far a document has come, bytes. */
export type Progress = (done: number, total: number) => void

export interface AddedDocument {
  /** The record that describes the file. */
  readonly record: string
  /** The record that holds its bytes. */
  readonly attachment: string
}

/**
 * Adds a file to the own folder, piece by piece, so that memory does not grow with it. about is the DocumentReference
 * that describes it, as JSON. Saved when it returns; ended by signal or by an error, nothing of it stays.
 * @throws CoreError, or the signal's reason
 */
export async function addDocument(
  file: Blob,
  spec: { readonly section: number; readonly mediaType: string; readonly about: string },
  progress: Progress = () => undefined,
  signal?: AbortSignal,
): Promise<AddedDocument> {
  const { name } = (await call("document.begin", { ...spec, size: file.size })).result
  try {
    for (let at = 0; at < file.size; at += pieceBytes) {
      signal?.throwIfAborted()
      const piece = new Uint8Array(await file.slice(at, at + pieceBytes).arrayBuffer())
      const { done } = (await call("document.write", { name }, piece)).result
      progress(done, file.size)
    }
    for (;;) {
      signal?.throwIfAborted()
      const { finished, record, attachment } = (await call("document.finish", { name })).result
      if (!finished) continue
      await refresh()
      return { record, attachment }
    }
  } catch (thrown) {
    await call("document.cancel", { name })
    throw thrown
  }
}

/** Between two questions whether more of a document has arrived, ms. */
const againMS = 250

/**
 * All bytes of a document, as a Blob, which the browser may keep on its disk. What is not on this device is fetched
 * first, and progress then counts sealed bytes. The whole is compared with what the record says.
 * @throws CoreError, or the signal's reason
 */
export async function readDocument(
  at: { readonly folder: string; readonly record: string },
  of: { readonly mediaType: string; readonly size: number },
  progress: Progress = () => undefined,
  signal?: AbortSignal,
): Promise<Blob> {
  for (;;) {
    signal?.throwIfAborted()
    const { here, of: total } = (await call("document.here", at)).result
    if (here >= total) break
    progress(here, total)
    await new Promise((done) => setTimeout(done, againMS))
  }
  const pieces: Blob[] = []
  for (let offset = 0; offset < of.size; offset += pieceBytes) {
    signal?.throwIfAborted()
    const { bytes } = await call("document.read", { ...at, offset, length: pieceBytes })
    pieces.push(new Blob([new Uint8Array(bytes ?? [])]))
    progress(Math.min(offset + pieceBytes, of.size), of.size)
  }
  return new Blob(pieces, { type: of.mediaType })
}
