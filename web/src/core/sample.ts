/**
 * The sample data, as the page sees it: two cores, a relay and a network in one Worker that keeps nothing. Ending the
 * Worker ends all of it; no file, database or socket is ever opened.
 */
import type { Methods, Proof } from "./api.gen.ts"
import type { Core } from "./core.ts"
import { CoreError } from "./error.ts"
import {
  type Answer,
  type BootState,
  type FromWorker,
  type Method,
  type Result,
  type SampleCall,
  checked,
} from "./protocol.ts"

/** The ways to cheat, and none. */
export type Trick = "edit" | "swap" | "hide" | "false" | "undo"

/** What a trick did to a copy of the patient's stored bytes, and what the ordinary check then found. */
export interface Cheat {
  /** the record whose proof this is */
  record: string
  /** what the stored bytes said before and say now, "" where nothing is read */
  before: string
  after: string
  proof: Proof
}

/** One sample, until the page goes. */
export interface Sample {
  readonly patient: Core
  readonly clinician: Core
  /** @throws CoreError as the sample program answered */
  cheat(trick: Trick): Promise<Cheat>
  /** Ends the Worker: nothing of the sample is left. */
  end(): void
}

/** Starts the sample data for this page, in place of the core. Call it once, after the Trusted Types policy exists. */
export function startSample(): Sample {
  const program = new SampleWorker()
  return {
    patient: program.core("patient"),
    clinician: program.core("clinician"),
    async cheat(trick) {
      return (await program.ask("sample:cheat", { trick }, undefined)).result as Cheat // made by wasm/sample
    },
    end: () => {
      program.end()
    },
  }
}

/**
 * On a first visit the program arrives before there is a service worker to keep it. When one takes the page, it is asked
 * for again: the browser has it still, so this downloads nothing.
 */
function keepForOffline(): void {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined
  if (workers?.controller !== null) return
  const again = (): void => {
    fetch("/sample.wasm").catch(() => undefined) // the relay is gone: the sample goes on, and is not kept
  }
  workers.addEventListener("controllerchange", again, { once: true })
}

class SampleWorker {
  readonly #worker = new Worker(new URL("./worker/sample.ts", import.meta.url), {
    type: "module",
    name: "sample",
  })
  readonly #asked = new Map<number, (answer: Answer) => void>()
  readonly #onBoot = new Set<(state: BootState) => void>()
  readonly #onChanged = new Set<() => void>()
  /** Calls wait until the program has made its past. */
  #ready: Promise<void>
  #boot: BootState = { kind: "loading", loaded: 0, total: 0 }
  #nextID = 1

  constructor() {
    keepForOffline()
    this.#ready = new Promise((ready) => {
      this.#onBoot.add((state) => {
        if (state.kind !== "loading") ready()
      })
    })
    this.#worker.onmessage = (event) => {
      this.#hear(checked(event.data) as FromWorker)
    }
    this.#worker.onerror = () => {
      this.#fail()
    }
  }

  core(who: "patient" | "clinician"): Core {
    return {
      call: async (method, args, bytes) => {
        const answer = await this.ask(`${who}:${method}`, args, bytes && new Uint8Array(bytes))
        const result = answer.result as Methods[typeof method]["result"] // the same wasm/api answers
        return answer.bytes === undefined ? { result } : { result, bytes: answer.bytes }
      },
      onChanged: (fn) => {
        this.#onChanged.add(fn)
        return () => this.#onChanged.delete(fn)
      },
      onBoot: (fn) => {
        this.#onBoot.add(fn)
        fn(this.#boot)
        return () => this.#onBoot.delete(fn)
      },
    }
  }

  /** @throws CoreError */
  async ask(
    method: `${"patient" | "clinician"}:${Method}` | "sample:cheat",
    args: unknown,
    bytes: Uint8Array<ArrayBuffer> | undefined,
  ): Promise<Result> {
    await this.#ready
    if (this.#boot.kind === "failed") throw new CoreError(this.#boot.why)
    const call: SampleCall = { id: this.#nextID++, method, args, bytes }
    const answer = await new Promise<Answer>((resolve) => {
      this.#asked.set(call.id, resolve)
      this.#worker.postMessage({ kind: "call", call }, bytes === undefined ? [] : [bytes.buffer])
    })
    if ("error" in answer) throw new CoreError(answer.error.code, answer.error.detail)
    return answer
  }

  end(): void {
    this.#worker.terminate()
    this.#fail()
  }

  #hear(m: FromWorker): void {
    switch (m.kind) {
      case "boot":
        this.#setBoot(m.state)
        break
      case "answer":
        this.#asked.get(m.answer.id)?.(m.answer)
        this.#asked.delete(m.answer.id)
        break
      case "changed":
        for (const fn of this.#onChanged) fn()
        break
      case "broken":
        this.#fail()
        break
      case "module":
      case "closed": // a sample's Worker starts once, and is ended from here
        break
    }
  }

  /** It panicked or was ended: its memory was all there was. */
  #fail(): void {
    for (const [id, settle] of this.#asked) settle({ id, error: { code: "core/interrupted", detail: "" } })
    this.#asked.clear()
    this.#setBoot({ kind: "failed", why: "boot/ended" })
  }

  #setBoot(state: BootState): void {
    this.#boot = state
    for (const fn of this.#onBoot) fn(state)
  }
}
