/** The page's side of decoding pictures: one Worker without keys, started at the first and ended when idle. */
import { CoreError } from "./error.ts"

export interface ToDraw {
  readonly id: number
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly mediaType: string
}

export interface Drawn {
  readonly id: number
  /** Null for what is no picture, or too large a one. */
  readonly image: ImageBitmap | null
}

/** A picture that takes longer is given up, and the Worker with it, ms. */
const drawMaxMS = 10_000
/** The decoder's memory is given back after this long without a picture, ms. */
const idleMS = 30_000

interface Asked {
  readonly resolve: (image: ImageBitmap) => void
  readonly reject: (why: CoreError) => void
  readonly timer: ReturnType<typeof setTimeout>
}

let worker: Worker | undefined
let last = 0
let idle: ReturnType<typeof setTimeout> | undefined
const asked = new Map<number, Asked>()

/**
 * Decodes a picture, at most 2,048 pixels on a side; its bytes are copied, not taken.
 * @throws CoreError picture/unreadable for what is no picture, picture/broken when the decoder ended by itself.
 */
export function decodePicture(bytes: Uint8Array, mediaType: string): Promise<ImageBitmap> {
  clearTimeout(idle)
  worker ??= start()
  const id = ++last
  const answer = new Promise<ImageBitmap>((resolve, reject) => {
    asked.set(id, { resolve, reject, timer: setTimeout(end, drawMaxMS) })
  })
  const question: ToDraw = { id, bytes: new Uint8Array(bytes), mediaType }
  worker.postMessage(question, [question.bytes.buffer])
  return answer
}

function start(): Worker {
  const made = new Worker(new URL("./picture/worker.ts", import.meta.url), {
    type: "module",
    name: "picture",
  })
  made.onmessage = ({ data }: MessageEvent<Drawn>) => {
    const it = asked.get(data.id)
    if (it === undefined) {
      data.image?.close()
      return
    }
    clearTimeout(it.timer)
    asked.delete(data.id)
    if (data.image === null) it.reject(new CoreError("picture/unreadable"))
    else it.resolve(data.image)
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
    it.reject(new CoreError("picture/broken"))
  }
  asked.clear()
}
