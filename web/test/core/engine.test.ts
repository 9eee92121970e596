import { type Audience, Engine } from "#core/engine.ts"
import type { Answer, BootState, Call, Method } from "#core/protocol.ts"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { FakeWorker } from "./fakes.ts"

class Listener implements Audience {
  readonly boots: BootState[] = []
  readonly answers: Answer[] = []
  changes = 0
  boot(state: BootState): void {
    this.boots.push(state)
  }
  changed(): void {
    this.changes++
  }
  answer(answer: Answer): void {
    this.answers.push(answer)
  }
}

let workers: FakeWorker[]
let listener: Listener
let engine: Engine

function worker(n: number): FakeWorker {
  const w = workers[n]
  if (w === undefined) throw new Error(`worker ${String(n)} was not started`)
  return w
}

function call(id: number, method: Method = "status", bytes?: Uint8Array<ArrayBuffer>): Call {
  return { id, method, args: {}, bytes }
}

beforeEach(() => {
  vi.useFakeTimers()
  workers = []
  listener = new Listener()
  engine = new Engine(
    () => {
      const w = new FakeWorker()
      workers.push(w)
      return w
    },
    true,
    listener,
  )
})
afterEach(() => {
  vi.useRealTimers()
})

describe("engine", () => {
  test("calls wait for ready and keep their order", () => {
    engine.ask(call(1))
    engine.ask(call(2, "folders"))
    expect(worker(0).got.map((m) => m.kind)).toEqual(["boot"])
    worker(0).say({ kind: "boot", state: { kind: "ready" } })
    expect(
      worker(0)
        .calls()
        .map((c) => c.id),
    ).toEqual([1, 2])
  })

  test("bytes are transferred, not cloned", () => {
    worker(0).say({ kind: "boot", state: { kind: "ready" } })
    const bytes = new Uint8Array(8)
    engine.ask(call(1, "import.preview", bytes))
    expect(worker(0).transferred).toEqual([bytes.buffer])
  })

  test.each(["lock", "forget"] as const)(
    "%s ends the Worker and what follows goes to a fresh one",
    (method) => {
      worker(0).say({ kind: "boot", state: { kind: "ready" } })
      engine.ask(call(1, method))
      engine.ask(call(2))
      expect(
        worker(0)
          .calls()
          .map((c) => c.id),
      ).toEqual([1])
      worker(0).say({ kind: "answer", answer: { id: 1, result: "locked", bytes: undefined } })
      expect(listener.answers).toEqual([{ id: 1, result: "locked", bytes: undefined }])
      expect(listener.changes).toBe(1)
      expect(worker(0).got.at(-1)).toEqual({ kind: "close" })
      expect(workers).toHaveLength(1) // until its files are free
      worker(0).say({ kind: "closed" })
      expect(worker(0).terminated).toBe(true)
      worker(1).say({ kind: "boot", state: { kind: "ready" } })
      expect(
        worker(1)
          .calls()
          .map((c) => c.id),
      ).toEqual([2])
    },
  )

  test("a Worker that does not say goodbye is ended all the same", () => {
    worker(0).say({ kind: "boot", state: { kind: "ready" } })
    engine.ask(call(1, "lock"))
    worker(0).say({ kind: "answer", answer: { id: 1, result: "", bytes: undefined } })
    vi.advanceTimersByTime(1000)
    expect(worker(0).terminated).toBe(true)
    expect(workers).toHaveLength(2)
    worker(0).say({ kind: "closed" }) // too late to count
    expect(workers).toHaveLength(2)
  })

  test("calls under way when lock was asked still get their answers", () => {
    worker(0).say({ kind: "boot", state: { kind: "ready" } })
    engine.ask(call(1))
    engine.ask(call(2, "lock"))
    worker(0).say({ kind: "answer", answer: { id: 1, result: "first", bytes: undefined } })
    worker(0).say({ kind: "answer", answer: { id: 2, result: "second", bytes: undefined } })
    expect(listener.answers.map((a) => a.id)).toEqual([1, 2])
  })

  test("a broken core fails its calls by name and restarts locked", () => {
    worker(0).say({ kind: "boot", state: { kind: "ready" } })
    engine.ask(call(1, "note.write"))
    worker(0).say({ kind: "broken" })
    expect(listener.answers).toEqual([{ id: 1, error: { code: "core/interrupted", detail: "" } }])
    expect(listener.changes).toBe(1)
    worker(0).say({ kind: "closed" })
    worker(1).say({ kind: "boot", state: { kind: "ready" } })
    engine.ask(call(2))
    expect(
      worker(1)
        .calls()
        .map((c) => c.id),
    ).toEqual([2])
  })

  test("the compiled core and the durable answer go to the next Worker", () => {
    const module = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
    worker(0).say({ kind: "module", module })
    worker(0).say({ kind: "boot", state: { kind: "ready" } })
    engine.setDurable(false)
    engine.ask(call(1, "lock"))
    worker(0).say({ kind: "answer", answer: { id: 1, result: "", bytes: undefined } })
    worker(0).say({ kind: "closed" })
    expect(worker(1).got[0]).toEqual({ kind: "boot", module, durable: false })
  })

  test.each([
    { kind: "failed", why: "boot/fetch" },
    { kind: "unsupported", why: "boot/storage" },
  ] as const)("after $why every call fails with it", (state) => {
    engine.ask(call(1))
    worker(0).say({ kind: "boot", state })
    engine.ask(call(2))
    expect(listener.boots).toEqual([state])
    expect(listener.answers).toEqual([1, 2].map((id) => ({ id, error: { code: state.why, detail: "" } })))
  })

  test("a core that ends while it starts is not started for ever", () => {
    worker(0).say({ kind: "broken" })
    expect(listener.boots).toEqual([{ kind: "failed", why: "boot/ended" }])
    expect(workers).toHaveLength(1)
  })

  test("an answer to nothing is ignored", () => {
    worker(0).say({ kind: "boot", state: { kind: "ready" } })
    worker(0).say({ kind: "answer", answer: { id: 9, result: "", bytes: undefined } })
    expect(listener.answers).toEqual([])
  })
})
