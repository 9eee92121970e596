import type { Asked, Neighborhood } from "#core/tabs.ts"
import type { Audience, WorkerLike } from "#core/engine.ts"
import type { Between, Call, FromWorker, ToWorker } from "#core/protocol.ts"
import type { Folder, SyncFile } from "#core/worker/files.ts"

/** Lets every planned message arrive. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

/** A street of tabs: a channel that reaches all but the sender, and a lock that the next in line gets. */
export class Street {
  readonly #tabs = new Map<string, (data: unknown) => void>()
  readonly #line: { id: string; lead: () => void }[] = []
  /** What crossed, for tests that look. */
  readonly posted: Between[] = []

  tab(id: string, contract = "1"): Neighborhood {
    return {
      id,
      contract,
      post: (m) => {
        this.posted.push(m)
        const others = [...this.#tabs].filter(([other]) => other !== id)
        queueMicrotask(() => {
          for (const [other, hear] of others) if (this.#tabs.has(other)) hear(m)
        })
      },
      hear: (fn) => this.#tabs.set(id, fn),
      whenLeading: (lead) => {
        this.#line.push({ id, lead })
        if (this.#line.length === 1) lead()
      },
    }
  }

  /** Closes a tab without a word, as a crash does. */
  close(id: string): void {
    const leads = this.#line[0]?.id === id
    this.#tabs.delete(id)
    this.#line.splice(
      this.#line.findIndex((t) => t.id === id),
      1,
    )
    if (leads) this.#line[0]?.lead()
  }
}

/** An engine whose answers the test gives. */
export class FakeEngine implements Asked {
  readonly audience: Audience
  readonly calls: Call[] = []

  constructor(audience: Audience) {
    this.audience = audience
  }

  ask(call: Call): void {
    this.calls.push(call)
  }

  /** Answers the oldest call. */
  answer(result: unknown): void {
    const call = this.calls.shift()
    if (call !== undefined) this.audience.answer({ id: call.id, result, bytes: undefined })
  }
}

/** A Worker whose side the test plays. */
export class FakeWorker implements WorkerLike {
  onmessage: ((event: MessageEvent) => void) | null = null
  onerror: ((event: ErrorEvent) => void) | null = null
  terminated = false
  readonly got: ToWorker[] = []
  readonly transferred: Transferable[] = []

  postMessage(m: ToWorker, transfer: Transferable[]): void {
    this.got.push(m)
    this.transferred.push(...transfer)
  }

  terminate(): void {
    this.terminated = true
  }

  say(m: FromWorker): void {
    this.onmessage?.(new MessageEvent("message", { data: m }))
  }

  /** The calls it was given. */
  calls(): Call[] {
    return this.got.flatMap((m) => (m.kind === "call" ? [m.call] : []))
  }
}

/** A disk in memory that remembers what was flushed, holds files like OPFS does, and can be full. */
export class FakeDisk {
  readonly files = new Map<string, { bytes: Uint8Array; flushed: Uint8Array; held: boolean }>()
  /** Bytes that may still be written. */
  space = Infinity

  folder(): Folder {
    return {
      names: () => Promise.resolve([...this.files.keys()]),
      open: (name) => {
        const file = this.files.get(name) ?? {
          bytes: new Uint8Array(),
          flushed: new Uint8Array(),
          held: false,
        }
        this.files.set(name, file)
        if (file.held) return Promise.reject(new DOMException("held", "NoModificationAllowedError"))
        file.held = true
        return Promise.resolve(this.#handle(file))
      },
      remove: (name) => {
        this.files.delete(name)
        return Promise.resolve()
      },
    }
  }

  /** The machine dies: what was not flushed is lost, and nobody holds a file. */
  crash(): void {
    for (const file of this.files.values()) {
      file.bytes = file.flushed
      file.held = false
    }
  }

  #handle(file: { bytes: Uint8Array; flushed: Uint8Array; held: boolean }): SyncFile {
    return {
      getSize: () => file.bytes.length,
      read: (into, { at }) => {
        const part = file.bytes.subarray(at, at + into.length)
        into.set(part)
        return part.length
      },
      write: (from, { at }) => {
        const fits = Math.min(from.length, this.space)
        if (fits === 0 && from.length > 0) throw new DOMException("full", "QuotaExceededError")
        const grown = new Uint8Array(Math.max(file.bytes.length, at + fits))
        grown.set(file.bytes)
        grown.set(from.subarray(0, fits), at)
        file.bytes = grown
        this.space -= fits
        return fits
      },
      truncate: (size) => {
        file.bytes = file.bytes.slice(0, size)
      },
      flush: () => {
        file.flushed = file.bytes
      },
      close: () => {
        file.held = false
      },
    }
  }
}
