/** The page's side of the core: one leader tab runs it in a Worker, the others ask the leader. */
import { type Methods, contract } from "./api.gen.ts"
import { Engine } from "./engine.ts"
import { CoreError } from "./error.ts"
import type { BootState, Method, Why } from "./protocol.ts"
import { type Neighborhood, Tabs } from "./tabs.ts"

export { CoreError } from "./error.ts"
export type { BootState, Why } from "./protocol.ts"

/** What the rest of the page may ask of the core. */
export interface Core {
  /**
   * Asks the core for one thing. `bytes` are transferred, so the caller's buffer is empty afterwards.
   * @throws CoreError with the code of the core, or `core/interrupted` when the tab that ran the core closed
   * while a call that changes something was under way: ask what is there before trying again.
   */
  call<M extends Method>(
    method: M,
    args: Methods[M]["args"],
    bytes?: Uint8Array,
  ): Promise<{ result: Methods[M]["result"]; bytes?: Uint8Array<ArrayBuffer> }>
  /** Runs `fn` whenever a screen may show something stale. Returns what ends it. */
  onChanged(fn: () => void): () => void
  /** Runs `fn` with the present state at once, and with each later one. Returns what ends it. */
  onBoot(fn: (state: BootState) => void): () => void
}

/** After these there is something to keep, so the browser is asked to keep it. */
const somethingToKeep = new Set<Method>(["folder.create", "reader.create", "restore.finish"])

/** Starts the core for this page. Call it once, after the Trusted Types policy exists. */
export function startCore(): Core {
  const why = missing()
  if (why !== undefined) return refusing(why)
  let engine: Engine | undefined
  const tabs = new Tabs(neighborhood(), (audience) => {
    engine = new Engine(makeWorker, false, audience)
    void navigator.storage.persisted().then((durable) => engine?.setDurable(durable))
    return engine
  })
  return {
    async call(method, args, bytes) {
      const answer = await tabs.call(method, args, bytes && ownBuffer(bytes))
      if (somethingToKeep.has(method)) {
        void navigator.storage.persist().then((durable) => engine?.setDurable(durable))
      }
      const result = answer.result as Methods[typeof method]["result"] // the contract is equal on both sides
      return answer.bytes === undefined ? { result } : { result, bytes: answer.bytes }
    },
    onChanged: (fn) => tabs.onChanged(fn),
    onBoot: (fn) => tabs.onBoot(fn),
  }
}

function makeWorker(): Worker {
  return new Worker(new URL("./worker/main.ts", import.meta.url), { type: "module", name: "core" })
}

/** Transferring takes a whole buffer, so a view of a larger one is copied out first. */
function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength
  return whole ? new Uint8Array(buffer) : new Uint8Array(bytes)
}

/** The first thing that this browser lacks, of what the page can see; the Worker looks for the rest. */
function missing(): Why | undefined {
  // Older browsers lack what the types promise.
  const here: { WebAssembly?: unknown; BroadcastChannel?: unknown } = globalThis
  const nav: { locks?: unknown; storage?: { getDirectory?: unknown } } = navigator
  if (!isSecureContext) return "boot/insecure"
  if (here.WebAssembly === undefined) return "boot/wasm"
  if (nav.locks === undefined || here.BroadcastChannel === undefined) return "boot/locks"
  if (nav.storage?.getDirectory === undefined) return "boot/storage"
  return undefined
}

function refusing(why: Why): Core {
  return {
    call: () => Promise.reject(new CoreError(why)),
    onChanged: () => () => undefined,
    onBoot(fn) {
      fn({ kind: "unsupported", why })
      return () => undefined
    },
  }
}

function neighborhood(): Neighborhood {
  const channel = new BroadcastChannel("anamnesis/core")
  return {
    id: crypto.randomUUID(),
    contract,
    post(m) {
      channel.postMessage(m)
    },
    hear(fn) {
      channel.onmessage = (event) => {
        fn(event.data)
      }
    },
    whenLeading(fn) {
      // Held until the tab closes: the promise never settles.
      const forever = (): Promise<never> => {
        fn()
        return new Promise<never>(() => undefined)
      }
      void navigator.locks.request("anamnesis/leader", forever)
    },
  }
}
