/**
 * Updates, tabs and kept files as the address says ("?update=ready", "busy", "tabs"; "?files=missing", "none"), for
 * looking at screens. Only test/look.config.ts puts it in the place of core/updates.ts.
 */
import type { Readiness } from "../src/core/updates.ts"

export type { Readiness }

const asked = new URLSearchParams(location.search)
const update = asked.get("update")
const files = asked.get("files")

export function startUpdates(onReady: () => void): Promise<void> {
  if (update !== null) onReady()
  return Promise.resolve()
}

export function setBusy(busy: boolean): void {
  document.documentElement.dataset["busy"] = String(busy)
}

export const tabs = () =>
  Promise.resolve({ open: update === "tabs" ? 3 : 1, busy: update === "busy" ? 1 : 0 })

export function takeOver(): void {
  document.documentElement.dataset["tookOver"] = "yes"
}

export const checkFiles = (): Promise<Readiness | undefined> =>
  Promise.resolve(
    files === "none"
      ? undefined
      : { files: 48, bytes: 3_912_000, missing: files === "missing" ? ["/core.wasm", "/assets/ar.js"] : [] },
  )

export const askToPersist = () => Promise.resolve(files === null)

export const shareTouches = () => () => undefined
