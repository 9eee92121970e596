/** Fetching, compiling and starting the core, and the shape of what it and the Worker call of each other. */
import "./wasm_exec.js"

/** A refusal of the core, as the bridge makes it. */
export interface Problem {
  code: string
  detail: string
}

/** The functions of the core; each may answer a Problem instead. Source: wasm/bridge/run.go. */
export interface Program {
  call(
    method: string,
    args: string,
    bytes: Uint8Array<ArrayBuffer> | undefined,
  ): Problem | { result: string; bytes?: Uint8Array<ArrayBuffer> }
  connected(): Problem | undefined
  disconnected(): Problem | undefined
  received(frame: Uint8Array<ArrayBuffer>): Problem | undefined
  /** Milliseconds until the core wants the next tick; negative for never. */
  tick(): Problem | number
  fetched(id: number, status: number, body: Uint8Array<ArrayBuffer>): Problem | undefined
  close(): Problem | undefined
}

/** What the core calls. A string in place of a value is a code. Source: wasm/bridge/host.go. */
export interface Host {
  net: Uint8Array<ArrayBuffer>
  origin: string
  segments(): number[] | string
  size(n: number): number | string
  read(n: number, at: number, length: number): Uint8Array<ArrayBuffer> | string
  append(n: number, bytes: Uint8Array<ArrayBuffer>): string | undefined
  truncate(n: number, size: number): string | undefined
  flush(n: number): string | undefined
  remove(n: number): string | undefined
  readSlot(name: string): Uint8Array<ArrayBuffer> | string | null
  writeSlot(name: string, bytes: Uint8Array<ArrayBuffer>): string | undefined
  removeSlot(name: string): string | undefined
  send(frame: Uint8Array<ArrayBuffer>): void
  changed(): void
  fetch(
    id: number,
    method: string,
    path: string,
    token: string,
    range: string,
    body: Uint8Array<ArrayBuffer>,
  ): void
  durable(): boolean
}

/** A core that refused to start. */
export class Refusal extends Error {
  readonly code: string

  constructor(problem: Problem) {
    super(problem.detail)
    this.code = problem.code
  }
}

/** Fetches and compiles the core while it arrives. `progress` counts decoded bytes. */
export async function compile(url: URL, progress: (loaded: number) => void): Promise<WebAssembly.Module> {
  const response = await fetch(url)
  if (!response.ok || response.body === null) throw new Error(`${url.pathname}: ${String(response.status)}`)
  let loaded = 0
  const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      loaded += chunk.byteLength
      progress(loaded)
      controller.enqueue(chunk)
    },
  })
  const body = response.body.pipeThrough(counted)
  return WebAssembly.compileStreaming(new Response(body, { headers: { "Content-Type": "application/wasm" } }))
}

/** Starts a program: the core with a whole host, the sample data with what it calls. `ended` runs when it ends, by close or by itself. @throws Refusal, or what Go throws. */
export async function start(
  module: WebAssembly.Module,
  host: Pick<Host, "net" | "origin" | "changed">,
  ended: () => void,
): Promise<Program> {
  const go = new Go()
  const instance = await WebAssembly.instantiate(module, go.importObject)
  return new Promise((ready, reject) => {
    const refused = (problem: Problem): void => {
      reject(new Refusal(problem))
    }
    Object.assign(globalThis, { anamnesisHost: { ...host, ready, refused } })
    go.run(instance).then(ended, reject)
  })
}
