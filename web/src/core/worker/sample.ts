/** The Worker of the sample data: runs the one program in which both people and their relay are. It opens nothing. */
import { type BootState, type FromWorker, type SampleCall, checked } from "#core/protocol.ts"
import { type Problem, type Program, Refusal, compile, start } from "./program.ts"
import { listForNull, prepared, tickMaxMS } from "./runner.ts"

declare const self: DedicatedWorkerGlobalScope

const { origin } = self.location
let program: Program | undefined
let timer: ReturnType<typeof setTimeout> | undefined
let told = false

self.onmessage = ({ data }: MessageEvent<unknown>) => {
  call((checked(data) as { kind: "call"; call: SampleCall }).call) // the page sends nothing else, and after ready
}
void boot()

function post(m: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(m, transfer)
}

function tell(state: BootState): void {
  post({ kind: "boot", state })
}

async function boot(): Promise<void> {
  const total = Number(import.meta.env.VITE_SAMPLE_BYTES)
  let module: WebAssembly.Module
  try {
    module = await compile(new URL("/sample.wasm", origin), (loaded) => {
      tell({ kind: "loading", loaded, total })
    })
  } catch (e) {
    console.warn(e)
    tell({ kind: "failed", why: "boot/fetch" })
    return
  }
  try {
    program = await start(module, { net: new Uint8Array(), origin, changed }, ended)
    tell({ kind: "ready" })
    tickIn(0)
  } catch (e) {
    console.error(e)
    tell({ kind: "failed", why: e instanceof Refusal ? e.code : "boot/ended" })
  }
}

function ended(): void {
  program = undefined
  clearTimeout(timer)
  post({ kind: "broken" })
}

function call({ id, method, args, bytes }: SampleCall): void {
  const answered = program?.call(method, JSON.stringify(prepared(args)), bytes)
  if (answered === undefined) {
    post({ kind: "answer", answer: { id, error: { code: "core/interrupted", detail: "" } } })
  } else if ("code" in answered) {
    post({ kind: "answer", answer: { id, error: { code: answered.code, detail: answered.detail } } })
    if (answered.code === "core/panic") ended()
  } else {
    const out = answered.bytes
    const answer = { id, result: JSON.parse(answered.result, listForNull) as unknown, bytes: out }
    post({ kind: "answer", answer }, out === undefined ? [] : [out.buffer])
  }
  tickIn(0)
}

/** At most one "changed" per turn of the event loop, after the answer that belongs to it. */
function changed(): void {
  if (told) return
  told = true
  setTimeout(() => {
    told = false
    post({ kind: "changed" })
  })
}

function tickIn(ms: number): void {
  clearTimeout(timer)
  timer = setTimeout(() => {
    const next: Problem | number | undefined = program?.tick()
    if (typeof next === "object") ended()
    else if (next !== undefined && next >= 0) tickIn(Math.min(next, tickMaxMS))
  }, ms)
}
