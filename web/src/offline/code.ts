/**
 * The app's own files, kept so that it starts without a connection. Each build has a cache of its own and the SHA-256
 * of every file: nothing else is ever kept, and nothing is handed out that is not exactly that file.
 */

/** Path of each file, and the hex SHA-256 of what it holds. */
export type Files = ReadonlyMap<string, string>

/** What a look at every kept file found. */
export interface Readiness {
  readonly files: number
  readonly bytes: number
  /** Paths that are neither here nor to be had. */
  readonly missing: readonly string[]
}

/** Parses "the-files:path=hash path=hash …", as web/tools/offline.js writes it. */
export function parseFiles(text: string): Files {
  return new Map(
    text
      .slice(text.indexOf(":") + 1)
      .split(" ")
      .map((pair) => {
        const at = pair.lastIndexOf("=")
        return [pair.slice(0, at), pair.slice(at + 1)]
      }),
  )
}

/** As large as the core and in nobody's folder: kept once somebody has looked around, never before. */
const keptWhenUsed = new Set(["/sample.wasm"])

/** Every cache of every build begins so; other names are somebody else's. */
const prefix = "anamnesis-code"

const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("")

async function sha256(bytes: BufferSource): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)))
}

/** The same answer without what belonged to its way here. */
function plain(response: Response, bytes: ArrayBuffer): Response {
  const headers = new Headers(response.headers)
  headers.delete("Content-Encoding")
  headers.delete("Content-Length")
  return new Response(bytes, { headers })
}

export class Code {
  readonly #files: Files
  readonly #caches: CacheStorage
  readonly #fetch: typeof fetch
  #opened: Promise<Cache> | undefined
  #over = false

  constructor(files: Files, storage: CacheStorage, fetcher: typeof fetch) {
    this.#files = files
    this.#caches = storage
    this.#fetch = fetcher
  }

  has(path: string): boolean {
    return !this.#over && this.#files.has(path)
  }

  /** Keeps every file of this build, or none; what is kept when used, where an older build has it. @throws when one cannot be had, is not the one meant, or does not fit */
  async keepAll(): Promise<void> {
    try {
      const cache = await this.#cache()
      for (const [path, hash] of this.#files) {
        const kept = (await this.#right(await cache.match(path), hash)) ?? (await this.#older(path, hash))
        if (kept === undefined && keptWhenUsed.has(path)) continue
        await cache.put(path, kept ?? (await this.#fetched(path, hash)))
      }
    } catch (failure) {
      await this.#caches.delete(await this.#name())
      this.#opened = undefined
      throw failure
    }
  }

  /** Drops what other builds kept. */
  async dropOthers(): Promise<void> {
    const name = await this.#name()
    await this.#drop((each) => each !== name)
  }

  /** Drops everything that any build kept; this build has no file from now on. */
  async dropAll(): Promise<void> {
    this.#over = true
    await this.#drop(() => true)
  }

  /**
   * The file at path, from the cache when it is exactly that file, else from the relay. Undefined when the relay has
   * another one: then this build is neither whole nor to be mended.
   * @throws when the relay does not answer
   */
  async file(path: string): Promise<Response | undefined> {
    const hash = this.#files.get(path)
    if (hash === undefined || this.#over) return undefined
    const cache = await this.#cache()
    const kept = await this.#right(await cache.match(path), hash)
    if (kept !== undefined) return kept
    await cache.delete(path)
    const fresh = await this.#right(await this.#ask(path), hash)
    if (fresh !== undefined) await cache.put(path, fresh.clone()).catch(() => undefined) // full: it serves all the same
    return fresh
  }

  /** Looks at every file, and brings back what is missing. */
  async check(): Promise<Readiness> {
    let files = 0
    let bytes = 0
    const missing: string[] = []
    for (const path of this.#files.keys()) {
      if (keptWhenUsed.has(path)) continue
      files++
      const found = await this.file(path).catch(() => undefined)
      const kept = await (await this.#cache()).match(path)
      if (found === undefined || kept === undefined) missing.push(path)
      else bytes += (await found.arrayBuffer()).byteLength
    }
    return { files, bytes, missing }
  }

  async #name(): Promise<string> {
    const text = [...this.#files].map((pair) => pair.join("=")).join(" ")
    return `${prefix}-${(await sha256(new TextEncoder().encode(text))).slice(0, 16)}`
  }

  #cache(): Promise<Cache> {
    this.#opened ??= this.#name().then((name) => this.#caches.open(name))
    return this.#opened
  }

  async #drop(which: (name: string) => boolean): Promise<void> {
    const names = (await this.#caches.keys()).filter((name) => name.startsWith(prefix) && which(name))
    await Promise.all(names.map((name) => this.#caches.delete(name)))
  }

  /** The response when its body is what the hash says. */
  async #right(response: Response | undefined, hash: string): Promise<Response | undefined> {
    if (response?.ok !== true) return undefined
    const bytes = await response.arrayBuffer()
    return (await sha256(bytes)) === hash ? plain(response, bytes) : undefined
  }

  /** The same file as another build kept it: most files outlive a build. */
  async #older(path: string, hash: string): Promise<Response | undefined> {
    return this.#right(await this.#caches.match(path), hash)
  }

  async #fetched(path: string, hash: string): Promise<Response> {
    const right = await this.#right(await this.#ask(path), hash)
    if (right === undefined) throw new Error(`${path} is not the file of this build`)
    return right
  }

  #ask(path: string): Promise<Response> {
    return this.#fetch(path, { cache: "no-cache", redirect: "error", referrerPolicy: "no-referrer" })
  }
}
