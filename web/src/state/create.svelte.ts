import type { KitSheet } from "#core/api.gen.ts"
import { askAdmission, needsAdmission } from "#state/admission.svelte.ts"
import { adopt, call } from "#state/session.svelte.ts"

/** Making a folder. Nothing is stored before the last step, so leaving at any point loses nothing. */
export type Create =
  | { readonly kind: "details" }
  | {
      readonly kind: "admission"
      readonly keys: readonly string[]
      readonly name: string
      readonly birthDate: string
    }
  | { readonly kind: "sheet"; readonly sheet: KitSheet }
  | { readonly kind: "prove"; readonly sheet: KitSheet }
  | { readonly kind: "passphrase" }

let step = $state.raw<Create>({ kind: "details" })

export const create = {
  get step() {
    return step
  },
}

export function restartCreate(): void {
  step = { kind: "details" }
}

/** Goes on from the details; birthDate is YYYY-MM-DD or "". Where the relay is closed, a member admits the folder first. */
export async function begin(name: string, birthDate: string): Promise<void> {
  if (await needsAdmission())
    step = { kind: "admission", keys: (await askAdmission()).asked, name, birthDate }
  else await makeKit(name, birthDate)
}

export async function afterAdmission(): Promise<void> {
  if (step.kind === "admission") await makeKit(step.name, step.birthDate)
}

async function makeKit(name: string, birthDate: string): Promise<void> {
  step = { kind: "sheet", sheet: (await call("kit.make", { name, birthDate })).result }
}

export function toProof(): void {
  if (step.kind === "sheet") step = { kind: "prove", sheet: step.sheet }
}

export function backToSheet(): void {
  if (step.kind === "prove") step = { kind: "sheet", sheet: step.sheet }
}

/** Reads the kit back; words or qr, the other "". The sheet leaves the page's memory here. */
export async function proveKit(words: string, qr: string): Promise<void> {
  await call("kit.prove", { words, qr })
  step = { kind: "passphrase" }
}

export async function finishCreate(passphrase: string): Promise<void> {
  const { result } = await call("folder.create", { passphrase })
  step = { kind: "details" }
  adopt(result)
}
