/** Requests of the core to its relay over HTTP: blobs, and the network's genesis. */

/** A leaf of a blob is 256 KiB, a list of the most leaves 512 KiB; the core asks for ranges below this. */
const bodyMax = 4 << 20
/** The most that network.md allows. */
const networkMax = 96 << 10
const networkMaxMS = 5000

/** The path below which the core may ask; everything else is not its business. */
const blobPath = "/v1/blob/"

export interface Reply {
  /** The HTTP status, or 0 when no whole answer came. */
  status: number
  body: Uint8Array<ArrayBuffer>
}

/** One request of the core to the relay of this origin. It never rejects. */
export async function ask(
  origin: string,
  request: { method: string; path: string; token: string; range: string; body: Uint8Array<ArrayBuffer> },
): Promise<Reply> {
  const url = new URL(request.path, origin)
  if (url.origin !== origin || !url.pathname.startsWith(blobPath))
    return { status: 0, body: new Uint8Array() }
  const headers = new Headers()
  if (request.token !== "") headers.set("Authorization", `Bearer ${request.token}`)
  if (request.range !== "") headers.set("Range", request.range)
  try {
    const response = await fetch(url, {
      method: request.method,
      headers,
      body: request.body.length > 0 ? new Uint8Array(request.body) : null,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
    })
    return { status: response.status, body: await bounded(response, bodyMax) }
  } catch {
    return { status: 0, body: new Uint8Array() } // offline, cut off or too long: the core asks again later
  }
}

/** The genesis block of the network that this origin serves, or undefined when it does not answer. */
export async function network(origin: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const signal = AbortSignal.timeout(networkMaxMS)
    const response = await fetch(new URL("/v1/network", origin), { credentials: "omit", signal })
    return response.ok ? await bounded(response, networkMax) : undefined
  } catch {
    return undefined
  }
}

/** The whole body. @throws RangeError when it is longer than `max`. */
export async function bounded(response: Response, max: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  const reader = response.body?.getReader()
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    length += part.value.length
    if (length > max) {
      await reader?.cancel()
      throw new RangeError(`a body over ${String(max)} bytes`)
    }
    chunks.push(part.value)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}
