/**
 * What travels between page and Worker, and between tabs; both realms import it.
 * Bytes are transferred between page and Worker, and cloned between tabs.
 */
import type { Methods } from "./api.gen.ts"

/** How far the core has come. `why` is a code that i18n turns into words; see {@link Why}. */
export type BootState =
  | { kind: "loading"; loaded: number; total: number }
  | { kind: "ready" }
  | { kind: "unsupported"; why: string }
  | { kind: "failed"; why: string }

/** The codes that `why` can be; the core adds its own, such as `net/…`, when it refuses to start. */
export type Why =
  /** the page is not served over HTTPS or from localhost */
  | "boot/insecure"
  /** no WebAssembly, or it is switched off */
  | "boot/wasm"
  /** no Web Locks or no BroadcastChannel: two tabs could write at once */
  | "boot/locks"
  /** no private file system with synchronous access: an old browser, or some private windows */
  | "boot/storage"
  /** core.wasm did not arrive */
  | "boot/fetch"
  /** the relay did not tell which network this is, and this device has not met it before */
  | "boot/network"
  /** the core ended by itself while it started */
  | "boot/ended"
  /** another tab runs another version of this app: close or reload it */
  | "boot/other-version"
  /** the tab that holds the core does not answer */
  | "boot/silent"
  /** the files are held by another tab or program */
  | "storage/busy"
  /** the disk is full */
  | "storage/quota"

export type Method = keyof Methods

/** A call on its way; `args` fit the method, which the types of `Core.call` ensure. */
export interface Call {
  id: number
  method: Method
  args: unknown
  bytes: Uint8Array<ArrayBuffer> | undefined
}

/** A call to the program of the sample data: whose core it is for, or the program itself. */
export interface SampleCall {
  id: number
  method: `${"patient" | "clinician"}:${Method}` | "sample:cheat"
  args: unknown
  bytes: Uint8Array<ArrayBuffer> | undefined
}

export interface Result {
  id: number
  result: unknown
  bytes: Uint8Array<ArrayBuffer> | undefined
}

export type Answer = Result | { id: number; error: { code: string; detail: string } }

/** From the page to its Worker. */
export type ToWorker =
  | { kind: "boot"; module: WebAssembly.Module | undefined; durable: boolean }
  | { kind: "call"; call: Call }
  | { kind: "durable"; durable: boolean }
  | { kind: "close" }

/** From the Worker to its page. */
export type FromWorker =
  | { kind: "module"; module: WebAssembly.Module }
  | { kind: "boot"; state: BootState }
  | { kind: "answer"; answer: Answer }
  | { kind: "changed" }
  /** the core is not to be used any more: it panicked or ended */
  | { kind: "broken" }
  | { kind: "closed" }

/** Between tabs. `leader`, `from` and `to` are random ids of tabs; `contract` must be equal on both sides. */
export type Between =
  | { kind: "hello" }
  | { kind: "lead"; leader: string; contract: string; boot: BootState }
  | { kind: "call"; leader: string; from: string; call: Call }
  | { kind: "answer"; to: string; answer: Answer }
  | { kind: "changed"; leader: string }

/**
 * What a Worker or tab of this origin posted, which the contract vouches for: cast it to the kinds expected.
 * @throws TypeError for anything but an object with a `kind`.
 */
export function checked(data: unknown): { kind: unknown } {
  if (typeof data !== "object" || data === null || !("kind" in data)) throw new TypeError("not a message")
  return data
}
