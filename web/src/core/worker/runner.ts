/**
 * The running core: passes calls, frames and time to it, and what it wants to the outside. After a panic it
 * touches the core no more.
 */
import type { Answer, Call, FromWorker } from "#core/protocol.ts"
import { type Reply, ask } from "./fetcher.ts"
import { type Files, StorageError } from "./files.ts"
import type { Host, Problem, Program } from "./program.ts"
import { Connection, type SocketLike } from "./socket.ts"

type Post = (m: FromWorker, transfer?: Transferable[]) => void

/** setTimeout counts in 32 bits. */
export const tickMaxMS = 2 ** 31 - 1

export class Runner {
  readonly #post: Post
  readonly #files: Files
  readonly #origin: string
  readonly #makeSocket: () => SocketLike
  #program: Program | undefined
  #connection: Connection | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #told = false
  durable = false

  constructor(post: Post, files: Files, origin: string, makeSocket: () => SocketLike) {
    this.#post = post
    this.#files = files
    this.#origin = origin
    this.#makeSocket = makeSocket
  }

  /** What the core is started with. */
  host(net: Uint8Array<ArrayBuffer>): Host {
    const files = this.#files
    return {
      net,
      origin: this.#origin,
      segments: () => coded(() => files.segments()),
      size: (n) => coded(() => files.size(n)),
      read: (n, at, length) => coded(() => files.read(n, at, length)),
      append: (n, bytes) =>
        done(() => {
          files.append(n, bytes)
        }),
      truncate: (n, size) =>
        done(() => {
          files.truncate(n, size)
        }),
      flush: (n) =>
        done(() => {
          files.flush(n)
        }),
      remove: (n) =>
        done(() => {
          files.remove(n)
        }),
      readSlot: (name) => coded(() => files.readSlot(name)),
      writeSlot: (name, bytes) =>
        done(() => {
          files.writeSlot(name, bytes)
        }),
      removeSlot: (name) =>
        done(() => {
          files.removeSlot(name)
        }),
      send: (frame) => this.#connection?.send(frame),
      changed: () => {
        this.#tell()
      },
      fetch: (id, method, path, token, range, body) => {
        void ask(this.#origin, { method, path, token, range, body }).then((reply) => {
          this.#fetched(id, reply)
        })
      },
      durable: () => this.durable,
    }
  }

  /** Connects and begins to keep time. */
  run(program: Program): void {
    this.#program = program
    this.#connection = new Connection(this.#makeSocket, {
      connected: () => {
        this.#event((core) => core.connected())
      },
      disconnected: () => {
        this.#event((core) => core.disconnected())
      },
      received: (frame) => {
        this.#event((core) => core.received(frame))
      },
    })
    this.#tickIn(0)
  }

  call(call: Call): void {
    const program = this.#program
    if (program === undefined) {
      this.#post({ kind: "answer", answer: { id: call.id, error: { code: "core/interrupted", detail: "" } } })
      return
    }
    const answered = program.call(call.method, JSON.stringify(prepared(call.args)), call.bytes)
    if ("code" in answered) {
      this.#answer({ id: call.id, error: { code: answered.code, detail: answered.detail } })
      if (answered.code === "core/panic") this.#broken()
    } else {
      const { result, bytes } = answered
      this.#answer({ id: call.id, result: JSON.parse(result, listForNull) as unknown, bytes })
    }
    this.#tickIn(0)
  }

  online(): void {
    this.#connection?.online()
  }

  /** Ends the core and releases the files. */
  close(): void {
    const program = this.#program
    this.#program = undefined
    clearTimeout(this.#timer)
    this.#connection?.end()
    program?.close()
    this.#files.close()
  }

  #answer(answer: Answer): void {
    const bytes = "bytes" in answer ? answer.bytes : undefined
    this.#post({ kind: "answer", answer }, bytes === undefined ? [] : [bytes.buffer])
  }

  #fetched(id: number, { status, body }: Reply): void {
    this.#event((core) => core.fetched(id, status, body))
  }

  #event(body: (core: Program) => Problem | undefined): void {
    if (this.#program === undefined) return
    if (body(this.#program) !== undefined) this.#broken()
    else this.#tickIn(0)
  }

  #tickIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const next = this.#program?.tick()
      if (typeof next === "object") this.#broken()
      else if (next !== undefined && next >= 0) this.#tickIn(Math.min(next, tickMaxMS))
    }, ms)
  }

  /** At most one "changed" per turn of the event loop, after the answer that belongs to it. */
  #tell(): void {
    if (this.#told) return
    this.#told = true
    setTimeout(() => {
      this.#told = false
      this.#post({ kind: "changed" })
    })
  }

  #broken(): void {
    this.#program = undefined
    clearTimeout(this.#timer)
    this.#connection?.end()
    this.#post({ kind: "broken" })
  }
}

/** A passphrase is the same on every keyboard once it is in NFKC; done here, before it reaches Go. */
export function prepared(args: unknown): unknown {
  if (typeof args !== "object" || args === null || !("passphrase" in args)) return args
  const { passphrase } = args
  return typeof passphrase === "string" ? { ...args, passphrase: passphrase.normalize("NFKC") } : args
}

/** Go writes an empty list as null; no type that crosses has any other null (wasm/gen refuses pointers). */
export function listForNull(_key: string, value: unknown): unknown {
  return value ?? []
}

/** Undefined, or the code of the storage error that came. */
function done(body: () => void): string | undefined {
  return coded(() => {
    body()
    return undefined
  })
}

/** The value, or the code of the storage error that came instead. */
function coded<T>(body: () => T): T | string {
  try {
    return body()
  } catch (e) {
    if (e instanceof StorageError) return e.code
    throw e
  }
}
