/**
 * The Worker: boots the core and carries what passes between it, its page, its files and its relay. Keys and
 * opened records live here and nowhere else.
 */
import { type BootState, type FromWorker, type ToWorker, checked } from "#core/protocol.ts"
import { network } from "./fetcher.ts"
import { Files, type Folder, StorageError } from "./files.ts"
import { Refusal, compile, start } from "./program.ts"
import { Runner } from "./runner.ts"

declare const self: DedicatedWorkerGlobalScope

const { origin } = self.location
let runner: Runner | undefined

self.onmessage = ({ data }: MessageEvent<unknown>) => {
  const m = checked(data) as ToWorker
  switch (m.kind) {
    case "boot":
      void boot(m.module, m.durable)
      break
    case "call":
      runner?.call(m.call) // the page calls after ready
      break
    case "durable":
      if (runner !== undefined) runner.durable = m.durable
      break
    case "close":
      runner?.close()
      post({ kind: "closed" })
      self.close()
      break
  }
}
self.addEventListener("online", () => runner?.online())

function post(m: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(m, transfer)
}

function tell(state: BootState): void {
  post({ kind: "boot", state })
}

async function boot(compiled: WebAssembly.Module | undefined, durable: boolean): Promise<void> {
  if (!("createSyncAccessHandle" in FileSystemFileHandle.prototype)) {
    tell({ kind: "unsupported", why: "boot/storage" })
    return
  }
  try {
    const arriving = compiled === undefined ? load() : Promise.resolve(compiled)
    const [module, [made, net]] = await Promise.all([arriving, prepare()])
    runner = made
    runner.durable = durable
    const ended = (): void => {
      post({ kind: "broken" })
    }
    made.run(await start(module, made.host(net), ended))
    tell({ kind: "ready" })
  } catch (e) {
    tell({ kind: "failed", why: whyOf(e) })
  }
}

/** What the core needs beside its code, fetched while the code arrives. */
async function prepare(): Promise<[Runner, Uint8Array<ArrayBuffer>]> {
  const files = await openFiles()
  const made = new Runner(post, files, origin, () => new WebSocket(socketURL()))
  return [made, await chooseNetwork(files)]
}

/** What ended the boot, as a code. */
class BootError extends Error {
  readonly code: "boot/fetch" | "boot/network" | "boot/storage"

  constructor(code: BootError["code"], cause: unknown) {
    super(code, { cause })
    this.code = code
  }
}

function whyOf(e: unknown): string {
  if (e instanceof BootError || e instanceof StorageError || e instanceof Refusal) return e.code
  console.error(e)
  return "boot/ended"
}

async function load(): Promise<WebAssembly.Module> {
  const total = Number(import.meta.env.VITE_CORE_BYTES)
  try {
    const module = await compile(new URL("/core.wasm", origin), (loaded) => {
      tell({ kind: "loading", loaded, total })
    })
    post({ kind: "module", module })
    return module
  } catch (e) {
    throw new BootError("boot/fetch", e)
  }
}

async function openFiles(): Promise<Files> {
  let root: FileSystemDirectoryHandle
  try {
    root = await navigator.storage.getDirectory()
  } catch (e) {
    throw new BootError("boot/storage", e) // some private windows have the function and refuse the call
  }
  return Files.open(folderOf(await root.getDirectoryHandle("anamnesis", { create: true })))
}

function folderOf(directory: FileSystemDirectoryHandle): Folder {
  return {
    async names() {
      const names: string[] = []
      for await (const name of directory.keys()) names.push(name)
      return names
    },
    async open(name) {
      const file = await directory.getFileHandle(name, { create: true })
      return file.createSyncAccessHandle()
    },
    remove: (name) => directory.removeEntry(name),
  }
}

/**
 * The network of the data on this device, which starts without asking anyone; on an empty device the network that
 * this origin serves, kept for the next start.
 */
async function chooseNetwork(files: Files): Promise<Uint8Array<ArrayBuffer>> {
  const known = files.readSlot("network")
  if (known !== null && files.holdsData()) return known
  const served = await network(origin)
  if (served === undefined) {
    if (known === null) throw new BootError("boot/network", undefined)
    return known
  }
  if (known === null || !equal(known, served)) files.writeSlot("network", served)
  return served
}

function equal(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

function socketURL(): string {
  return `${origin.replace(/^http/, "ws")}/v1/ws`
}
