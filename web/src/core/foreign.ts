/** The page's side of reading foreign files: one Worker without keys for one file. */
import { CoreError } from "./error.ts"
import type { Found, FromReader, How, ToReader } from "./foreign/found.ts"

export type {
  CardKey,
  Entry,
  Found,
  HealthLink,
  How,
  Mapping,
  Note,
  Part,
  Table,
  Warning,
} from "./foreign/found.ts"

/** A reader that says nothing for so long hangs, ms. The largest documents take a few seconds on a slow phone. */
const silentMaxMS = 60_000

export interface Reading {
  readonly found: Promise<Found>
  /** Ends the Worker at once; found is then never settled. */
  readonly cancel: () => void
}

/**
 * Reads a file of any format. `found` rejects with a CoreError: import/… with the reason, import/crashed when the reader
 * ended by itself, import/stuck when it hangs.
 */
export function readForeign(
  file: Blob,
  name: string,
  how: How,
  onprogress: (done: number, total: number) => void,
): Reading {
  const worker = new Worker(new URL("./foreign/worker.ts", import.meta.url), {
    type: "module",
    name: "foreign",
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  const end = (): void => {
    clearTimeout(timer)
    worker.terminate()
  }
  const found = new Promise<Found>((resolve, reject) => {
    const fail = (code: string, detail = ""): void => {
      end()
      reject(new CoreError(code, detail))
    }
    const wait = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        fail("import/stuck")
      }, silentMaxMS)
    }
    worker.onmessage = ({ data }: MessageEvent<FromReader>) => {
      wait()
      switch (data.kind) {
        case "progress":
          onprogress(data.done, data.total)
          break
        case "found":
          end()
          resolve(data.found)
          break
        case "refused":
          fail(data.code, data.detail)
          break
      }
    }
    worker.onerror = (event) => {
      event.preventDefault()
      fail("import/crashed", event.message)
    }
    worker.onmessageerror = () => {
      fail("import/crashed")
    }
    wait()
  })
  const asked: ToReader = { file, name, how }
  worker.postMessage(asked)
  return { found, cancel: end }
}
