import type { ImportPreview, ImportProgress, ImportSection } from "#core/api.gen.ts"
import { type Problem, problemOf } from "#state/problem.ts"
import { call, refresh } from "#state/session.svelte.ts"

export type Importing =
  | { readonly kind: "choose" }
  | { readonly kind: "reading" }
  | { readonly kind: "preview"; readonly preview: ImportPreview }
  | { readonly kind: "running"; readonly preview: ImportPreview; readonly progress: ImportProgress }
  | { readonly kind: "saved"; readonly preview: ImportPreview; readonly progress: ImportProgress }
  | { readonly kind: "failed"; readonly problem: Problem }

let state = $state.raw<Importing>({ kind: "choose" })

/** The one import under way. It lives here, so that browsing goes on while it runs. */
export const importing = {
  get state() {
    return state
  },
}

export function chooseAnother(): void {
  if (state.kind !== "running") state = { kind: "choose" }
}

export async function preview(fileName: string, mediaType: string, bytes: Uint8Array): Promise<void> {
  state = { kind: "reading" }
  try {
    const { result } = await call("import.preview", { fileName, mediaType, original: 0, format: "" }, bytes)
    state = { kind: "preview", preview: result }
  } catch (thrown) {
    state = { kind: "failed", problem: problemOf(thrown) }
  }
}

/** Steps until every byte is flushed, unless cancelled meanwhile. */
export async function startImport(sections: readonly ImportSection[]): Promise<void> {
  if (state.kind !== "preview") return
  const shown = state.preview
  const { importID } = shown
  try {
    let progress = (await call("import.start", { importID, sections: [...sections] })).result
    state = { kind: "running", preview: shown, progress }
    while (!progress.finished) {
      progress = (await call("import.step", { importID })).result
      if (!isRunning(importID)) return
      state = { kind: "running", preview: shown, progress }
    }
    state = { kind: "saved", preview: shown, progress }
  } catch (thrown) {
    if (isRunning(importID) || isShown(importID)) state = { kind: "failed", problem: problemOf(thrown) }
  }
  await refresh()
}

/** Whether this import is still the one running: cancel may have come between two steps. */
function isRunning(importID: string): boolean {
  return state.kind === "running" && state.preview.importID === importID
}

const isShown = (importID: string): boolean => state.kind === "preview" && state.preview.importID === importID

/** Stops a preview or a running import. What was already saved stays, and importing the file again continues. */
export async function cancelImport(): Promise<void> {
  if (state.kind !== "preview" && state.kind !== "running") return
  const { importID } = state.preview
  state = { kind: "choose" }
  await call("import.cancel", { importID })
  await refresh()
}
