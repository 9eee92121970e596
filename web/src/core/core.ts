/** The page's side of the core: one leader tab runs it in a Worker, the others ask the leader. */
import type { Methods } from "./api.gen.ts"
import type { BootState } from "./protocol.ts"

export { CoreError } from "./error.ts"
export type { BootState, Why } from "./protocol.ts"

/** What the rest of the page may ask of the core. */
export interface Core {
  /**
   * Asks the core for one thing. `bytes` are transferred, so the caller's buffer is empty afterwards.
   * @throws CoreError with the code of the core, or `core/interrupted` when the tab that ran the core closed
   * while a call that changes something was under way: ask what is there before trying again.
   */
  call<M extends keyof Methods>(
    method: M,
    args: Methods[M]["args"],
    bytes?: Uint8Array,
  ): Promise<{ result: Methods[M]["result"]; bytes?: Uint8Array }>
  /** Runs `fn` whenever a screen may show something stale. Returns what ends it. */
  onChanged(fn: () => void): () => void
  /** Runs `fn` with the present state at once, and with each later one. Returns what ends it. */
  onBoot(fn: (state: BootState) => void): () => void
}

/** Starts the core for this page. Call it once. */
export function startCore(): Core {
  throw new Error("not yet")
}
