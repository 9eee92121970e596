/**
 * The Worker that runs the core, as its one owner sees it: calls in order, restarts behind a closed door.
 * Go cannot wipe its memory, so after `lock` and `forget` the Worker ends and a fresh one begins.
 */
import {
  type Answer,
  type BootState,
  type Call,
  type FromWorker,
  type ToWorker,
  checked,
} from "./protocol.ts"

/** What the engine needs of a Worker. */
export interface WorkerLike {
  postMessage(m: ToWorker, transfer: Transferable[]): void
  onmessage: ((event: MessageEvent) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
  terminate(): void
}

/** Who hears of the engine: the tabs. */
export interface Audience {
  boot(state: BootState): void
  changed(): void
  answer(answer: Answer): void
}

/** A Worker that does not say goodbye within this time is ended from outside. */
const closeMaxMS = 1000

/** Calls whose answer must be the last thing that a Worker's memory is used for. */
const endsMemory = new Set(["lock", "forget"])

export class Engine {
  readonly #make: () => WorkerLike
  readonly #audience: Audience
  /** Calls that wait for the Worker to be ready. */
  #waiting: Call[] = []
  /** Calls that the Worker has and did not answer yet. */
  readonly #asked = new Map<number, Call>()
  #worker: WorkerLike | undefined
  #ready = false
  #ended: BootState | undefined
  #module: WebAssembly.Module | undefined
  #durable: boolean

  constructor(make: () => WorkerLike, durable: boolean, audience: Audience) {
    this.#make = make
    this.#audience = audience
    this.#durable = durable
    this.#start()
  }

  /** Passes a call on; its answer comes to the audience under the same id, which must be unused. */
  ask(call: Call): void {
    if (this.#ended !== undefined) this.#refuse(call, whyOf(this.#ended))
    else if (this.#ready) this.#send(call)
    else this.#waiting.push(call)
  }

  /** Tells the core that the browser promised, or not, to keep this origin's files. */
  setDurable(durable: boolean): void {
    this.#durable = durable
    this.#worker?.postMessage({ kind: "durable", durable }, [])
  }

  #start(): void {
    const worker = this.#make()
    this.#worker = worker
    this.#ready = false
    worker.onmessage = (event) => {
      this.#hear(checked(event.data) as FromWorker)
    }
    worker.onerror = () => {
      this.#broken()
    }
    worker.postMessage({ kind: "boot", module: this.#module, durable: this.#durable }, [])
  }

  #hear(m: FromWorker): void {
    switch (m.kind) {
      case "module":
        this.#module = m.module
        break
      case "boot":
        this.#booted(m.state)
        break
      case "answer":
        this.#answered(m.answer)
        break
      case "changed":
        this.#audience.changed()
        break
      case "broken":
        this.#broken()
        break
      case "closed": // the restart that asked for it listens by itself
        break
    }
  }

  #booted(state: BootState): void {
    switch (state.kind) {
      case "loading":
        break
      case "ready": {
        this.#ready = true
        const calls = this.#waiting
        this.#waiting = []
        for (const call of calls) this.ask(call)
        break
      }
      case "failed":
      case "unsupported":
        this.#end(state)
    }
    this.#audience.boot(state)
  }

  #end(state: BootState): void {
    this.#ended = state
    const calls = [...this.#asked.values(), ...this.#waiting]
    this.#asked.clear()
    this.#waiting = []
    for (const call of calls) this.#refuse(call, whyOf(state))
  }

  #send(call: Call): void {
    this.#asked.set(call.id, call)
    const transfer = call.bytes === undefined ? [] : [call.bytes.buffer]
    this.#worker?.postMessage({ kind: "call", call }, transfer)
    if (endsMemory.has(call.method)) this.#ready = false // what comes later waits for the fresh Worker
  }

  #answered(answer: Answer): void {
    const call = this.#asked.get(answer.id)
    if (call === undefined) return
    this.#asked.delete(answer.id)
    this.#audience.answer(answer)
    if (!endsMemory.has(call.method)) return
    this.#restart()
    this.#audience.changed() // in every tab: there are no keys any more
  }

  #refuse(call: Call, code: string): void {
    this.#audience.answer({ id: call.id, error: { code, detail: "" } })
  }

  /** The core panicked or ended: nobody knows what its calls did, and the next Worker starts locked. */
  #broken(): void {
    if (!this.#ready && this.#asked.size === 0) {
      this.#worker?.terminate()
      this.#booted({ kind: "failed", why: "boot/ended" })
      return
    }
    const calls = [...this.#asked.values()]
    this.#asked.clear()
    this.#restart()
    for (const call of calls) this.#refuse(call, "core/interrupted")
    this.#audience.changed()
  }

  /** Lets the Worker release its files, ends it, and starts the next. Calls wait meanwhile. */
  #restart(): void {
    const old = this.#worker
    this.#ready = false
    if (old === undefined) return
    const next = (): void => {
      clearTimeout(timer)
      old.onmessage = null
      old.onerror = null
      old.terminate()
      this.#start()
    }
    const timer = setTimeout(next, closeMaxMS)
    old.onmessage = (event) => {
      if (checked(event.data).kind === "closed") next()
    }
    old.onerror = next
    old.postMessage({ kind: "close" }, [])
  }
}

function whyOf(state: BootState): string {
  return state.kind === "failed" || state.kind === "unsupported" ? state.why : "core/interrupted"
}
