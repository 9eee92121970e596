/**
 * The Worker that reads foreign files. It has no keys and no way to the core; it sees one file and ends with it. A file
 * made to break a parser breaks this Worker alone. Source: threats.md A30 to A34.
 */
import "./alone.ts"
import type { FromReader, Found, ToReader } from "./found.ts"
import { read } from "./read.ts"
import { Refused } from "./refused.ts"

declare const self: DedicatedWorkerGlobalScope

/** Progress is told this often, ms. */
const tellMS = 100

function post(m: FromReader, transfer: Transferable[] = []): void {
  self.postMessage(m, transfer)
}

self.onmessage = ({ data }: MessageEvent<ToReader>) => {
  let told = 0
  const progress = (done: number, total: number): void => {
    const now = performance.now()
    if (now - told < tellMS) return
    told = now
    post({ kind: "progress", done, total })
  }
  read(data.file, data.name, data.how, progress).then(
    (found) => {
      post({ kind: "found", found }, buffersOf(found))
    },
    (thrown: unknown) => {
      const refused =
        thrown instanceof Refused ? thrown : new Refused("import/crashed", String(thrown).slice(0, 200))
      post({ kind: "refused", code: refused.code, detail: refused.detail })
    },
  )
}

function buffersOf(found: Found): ArrayBuffer[] {
  switch (found.kind) {
    case "part":
      return [found.part.bytes.buffer]
    case "parts":
      return found.parts.map((part) => part.bytes.buffer)
    case "archive":
      return found.whole === null ? [] : [found.whole.bytes.buffer]
    case "table":
    case "link":
    case "keys":
      return []
  }
}
