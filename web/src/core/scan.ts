/** The page's side of reading codes: one Worker without keys, started at the first picture and ended when idle. */
import { CoreError } from "./error.ts"

export interface ToScan {
  readonly id: number
  readonly image: Blob | ImageBitmap
}

export interface Seen {
  readonly id: number
  /** The codes in the picture, or null when it is no picture. */
  readonly texts: readonly string[] | null
}

/** A picture that takes longer is given up, and the Worker with it, ms. The first one also loads the decoder. */
const readMaxMS = 20_000
/** The decoder's memory is given back after this long without a picture, ms. */
const idleMS = 30_000

interface Asked {
  readonly resolve: (texts: readonly string[]) => void
  readonly reject: (why: CoreError) => void
  readonly timer: ReturnType<typeof setTimeout>
}

let worker: Worker | undefined
let last = 0
let idle: ReturnType<typeof setTimeout> | undefined
const asked = new Map<number, Asked>()

/**
 * Reads the QR and DataMatrix codes in a photo or a camera's frame; a bitmap is transferred.
 * @throws CoreError scan/picture for what is no picture, scan/broken when the decoder ended by itself.
 */
export function readCodes(image: Blob | ImageBitmap): Promise<readonly string[]> {
  clearTimeout(idle)
  worker ??= start()
  const id = ++last
  const answer = new Promise<readonly string[]>((resolve, reject) => {
    asked.set(id, { resolve, reject, timer: setTimeout(end, readMaxMS) })
  })
  const question: ToScan = { id, image }
  worker.postMessage(question, image instanceof Blob ? [] : [image])
  return answer
}

function start(): Worker {
  const made = new Worker(new URL("./scan/worker.ts", import.meta.url), { type: "module", name: "scan" })
  made.onmessage = ({ data }: MessageEvent<Seen>) => {
    const it = asked.get(data.id)
    if (it === undefined) return
    clearTimeout(it.timer)
    asked.delete(data.id)
    if (data.texts === null) it.reject(new CoreError("scan/picture"))
    else it.resolve(data.texts)
    if (asked.size === 0) idle = setTimeout(end, idleMS)
  }
  made.onerror = end
  return made
}

/** Ends the Worker; whoever still waits is told. */
function end(): void {
  worker?.terminate()
  worker = undefined
  for (const it of asked.values()) {
    clearTimeout(it.timer)
    it.reject(new CoreError("scan/broken"))
  }
  asked.clear()
}
