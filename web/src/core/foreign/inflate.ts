/** Unpacking with the platform's own inflater, cut off where it grows past what was promised. */
import { Refused } from "./refused.ts"

/** Gives what deflated bytes hold, part by part, and at most max bytes. @throws Refused with code past max, or for bytes that are not deflated */
export async function* inflated(
  packed: Blob,
  max: number,
  code: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = packed.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader()
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new Refused(code, "deflate")
      })
      if (done) return
      size += value.length
      if (size > max) throw new Refused(code, String(max))
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** All parts as one. */
export async function whole(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const list: Uint8Array[] = []
  for await (const part of parts) list.push(part)
  return joined(list)
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
