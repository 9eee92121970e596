import type { File as Saved, Proof, ProofVerdict } from "#core/api.gen.ts"
import { call } from "#state/session.svelte.ts"

/** A record checked anew by the core: from the bytes held here, or from another copy of its block. */
export async function showProof(folder: string, record: string, copy?: Uint8Array): Promise<Proof> {
  return (await call("proof.show", { folder, record }, copy)).result
}

export interface SavedFile {
  readonly file: Saved
  readonly bytes: Uint8Array
}

export async function saveProof(folder: string, record: string): Promise<SavedFile> {
  const { result, bytes } = await call("proof.save", { folder, record })
  return { file: result, bytes: bytes ?? new Uint8Array() }
}

/** The record's block as it is held and carried: sealed. */
export async function sealedBlock(folder: string, record: string): Promise<SavedFile> {
  const { result, bytes } = await call("proof.block", { folder, record })
  return { file: result, bytes: bytes ?? new Uint8Array() }
}

/** More than either file can have, bytes: what is longer is not read into memory. Source: spec/proof.md, spec/block.md. */
const most = 256 * 1024

/** A proof file checked by the core, with the record's block when there is one. */
export async function checkProof(proof: Blob, block: Blob | null): Promise<ProofVerdict> {
  const first = new Uint8Array(await proof.slice(0, most).arrayBuffer())
  const second = block === null ? new Uint8Array() : new Uint8Array(await block.slice(0, most).arrayBuffer())
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return (await call("proof.check", { proofSize: first.length }, both)).result
}
