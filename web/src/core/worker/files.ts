/**
 * The core's disk: numbered segments and named slots as files of the origin private file system. Their handles
 * are opened ahead, because opening is asynchronous and everything the core does is not. A file without bytes
 * does not exist for the core: spares wait that way for the next segments, and a removed segment ends that way.
 */

/** One open file: what is used of FileSystemSyncAccessHandle. */
export interface SyncFile {
  getSize(): number
  read(into: Uint8Array<ArrayBuffer>, options: { at: number }): number
  write(from: Uint8Array<ArrayBuffer>, options: { at: number }): number
  truncate(size: number): void
  flush(): void
  close(): void
}

/** The folder they are in. `open` creates what is missing and rejects when another tab holds the file. */
export interface Folder {
  names(): Promise<string[]>
  open(name: string): Promise<SyncFile>
  remove(name: string): Promise<void>
}

/** The slots that the core uses, and the one in which the Worker keeps the network's genesis. */
export const slotNames = ["vault.0", "vault.1", "settings.0", "settings.1", "network"]

/** Segments opened ahead. One synchronous call of the core may begin this many: 32 MiB at 4 MiB each. */
const sparesMax = 8

/** From this number on a segment is a big blob's own file. As many as may be under way at once are opened ahead. */
const blobBase = 1 << 24
const blobSparesMax = 4

/** How long a Worker that just ended may keep its files. */
const busyMaxMS = 5000
const busyRetryMS = 20

export type StorageCode = "storage/quota" | "storage/busy" | "storage/failed"

/** What the disk answers instead of a value. */
export class StorageError extends Error {
  readonly code: StorageCode

  constructor(code: StorageCode, why: string) {
    super(why)
    this.code = code
  }
}

export class Files {
  readonly #folder: Folder
  readonly #segments = new Map<number, SyncFile>()
  readonly #slots = new Map<string, SyncFile>()
  #topUp: Promise<void> = Promise.resolve()
  #closed = false

  private constructor(folder: Folder) {
    this.#folder = folder
  }

  /**
   * Opens every segment and slot, and spares.
   * @throws StorageError storage/busy when another tab still holds a file after 5 s.
   */
  static async open(folder: Folder): Promise<Files> {
    const files = new Files(folder)
    try {
      await Promise.all([files.#openSegments(), ...slotNames.map((name) => files.#openSlot(name))])
    } catch (e) {
      files.close()
      throw storageError(e)
    }
    return files
  }

  /** The segments that hold bytes, ascending; the core numbers them from 1. */
  segments(): number[] {
    const held = [...this.#segments].filter(([, file]) => file.getSize() > 0).map(([n]) => n)
    return held.sort((a, b) => a - b)
  }

  /** Bytes in segment `n`; 0 when there is none. */
  size(n: number): number {
    return this.#segments.get(n)?.getSize() ?? 0
  }

  /** @throws StorageError when fewer than `length` bytes are there. */
  read(n: number, at: number, length: number): Uint8Array<ArrayBuffer> {
    return readAll(this.#segment(n), at, length)
  }

  /** @throws StorageError storage/quota when the disk is full; the segment is then as it was. */
  append(n: number, bytes: Uint8Array<ArrayBuffer>): void {
    const file = this.#segment(n)
    const begins = file.getSize() === 0
    writeAll(file, file.getSize(), bytes)
    if (begins) this.#topUp = this.#topUp.then(() => this.#openSpares()).catch(() => undefined)
  }

  truncate(n: number, size: number): void {
    guarded(() => {
      this.#segment(n).truncate(size)
    })
  }

  flush(n: number): void {
    guarded(() => {
      this.#segment(n).flush()
    })
  }

  remove(n: number): void {
    const file = this.#segments.get(n)
    if (file !== undefined) empty(file)
  }

  /** The slot's bytes, or null when it was never written or was removed. */
  readSlot(name: string): Uint8Array<ArrayBuffer> | null {
    const file = this.#slot(name)
    const size = file.getSize()
    return size === 0 ? null : readAll(file, 0, size)
  }

  /** Replaces the slot's bytes and flushes. A kill in between leaves a torn slot: the core writes two in turn. */
  writeSlot(name: string, bytes: Uint8Array<ArrayBuffer>): void {
    const file = this.#slot(name)
    guarded(() => {
      file.truncate(0)
    })
    writeAll(file, 0, bytes)
    guarded(() => {
      file.flush()
    })
  }

  removeSlot(name: string): void {
    empty(this.#slot(name))
  }

  /** Whether a person's data is here. */
  holdsData(): boolean {
    return this.segments().length > 0 || this.#slot("vault.0").getSize() + this.#slot("vault.1").getSize() > 0
  }

  /** Settles once the spares that the last append asked for are open. */
  idle(): Promise<void> {
    return this.#topUp
  }

  /** Releases every file for the next leader. */
  close(): void {
    this.#closed = true
    for (const file of [...this.#segments.values(), ...this.#slots.values()]) file.close()
    this.#segments.clear()
    this.#slots.clear()
  }

  #segment(n: number): SyncFile {
    const file = this.#segments.get(n)
    if (file === undefined) throw new StorageError("storage/failed", `segment ${String(n)} is not open`)
    return file
  }

  #slot(name: string): SyncFile {
    const file = this.#slots.get(name)
    if (file === undefined) throw new StorageError("storage/failed", `no slot ${name}`)
    return file
  }

  async #openSlot(name: string): Promise<void> {
    this.#slots.set(name, await openPatiently(this.#folder, name))
  }

  async #openSegments(): Promise<void> {
    const numbers = (await this.#folder.names()).map(segmentNumber).filter((n) => n !== undefined)
    await Promise.all(numbers.map((n) => this.#openSegment(n)))
    // Spares of an earlier run that are still ahead stay; what was removed goes.
    const ahead = new Set(this.#ahead())
    const gone = numbers.filter((n) => this.size(n) === 0 && !ahead.has(n))
    for (const n of gone) {
      this.#segments.get(n)?.close()
      this.#segments.delete(n)
      await this.#folder.remove(segmentName(n))
    }
    await this.#openSpares()
  }

  async #openSpares(): Promise<void> {
    for (const n of this.#ahead()) {
      if (!this.#closed && !this.#segments.has(n)) await this.#openSegment(n)
    }
  }

  /** The numbers that the core may begin next, of segments and of blobs' files. */
  #ahead(): number[] {
    const held = this.segments()
    const segment = (held.findLast((n) => n < blobBase) ?? 0) + 1
    const blob = Math.max(held.at(-1) ?? 0, blobBase - 1) + 1
    const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)
    return [...from(segment, sparesMax), ...from(blob, blobSparesMax)]
  }

  async #openSegment(n: number): Promise<void> {
    const file = await openPatiently(this.#folder, segmentName(n))
    if (this.#closed)
      file.close() // a spare that arrives after the end
    else this.#segments.set(n, file)
  }
}

const segmentPattern = /^segment-(\d{10})$/

function segmentName(n: number): string {
  return `segment-${String(n).padStart(10, "0")}`
}

function segmentNumber(name: string): number | undefined {
  const digits = segmentPattern.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Opens a file, waiting for a Worker that is just ending. */
async function openPatiently(folder: Folder, name: string): Promise<SyncFile> {
  for (let waitedMS = 0; ; waitedMS += busyRetryMS) {
    try {
      return await folder.open(name)
    } catch (e) {
      if (storageError(e).code !== "storage/busy" || waitedMS >= busyMaxMS) throw e
      await new Promise((resolve) => setTimeout(resolve, busyRetryMS))
    }
  }
}

function readAll(file: SyncFile, at: number, length: number): Uint8Array<ArrayBuffer> {
  return guarded(() => {
    const bytes = new Uint8Array(length)
    const n = file.read(bytes, { at })
    if (n !== length) throw new StorageError("storage/failed", `${String(n)} of ${String(length)} bytes read`)
    return bytes
  })
}

function writeAll(file: SyncFile, at: number, bytes: Uint8Array<ArrayBuffer>): void {
  try {
    const n = file.write(bytes, { at })
    if (n !== bytes.length) throw new StorageError("storage/quota", `${String(n)} bytes written`)
  } catch (e) {
    file.truncate(at) // shrinking needs no space
    throw storageError(e)
  }
}

function empty(file: SyncFile): void {
  guarded(() => {
    file.truncate(0)
    file.flush()
  })
}

function guarded<T>(body: () => T): T {
  try {
    return body()
  } catch (e) {
    throw storageError(e)
  }
}

/** The error of a file operation as one that the core knows. */
export function storageError(e: unknown): StorageError {
  if (e instanceof StorageError) return e
  const { name, message } = e instanceof Error || e instanceof DOMException ? e : new Error(String(e))
  switch (name) {
    case "QuotaExceededError":
      return new StorageError("storage/quota", message)
    case "NoModificationAllowedError":
      return new StorageError("storage/busy", message)
    default:
      return new StorageError("storage/failed", `${name}: ${message}`)
  }
}
