import { Files, type Folder, type SyncFile, slotNames } from "#core/worker/files.ts"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { FakeDisk } from "./fakes.ts"

const text = (s: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(s)

describe("files", () => {
  let disk: FakeDisk
  let files: Files
  beforeEach(async () => {
    disk = new FakeDisk()
    files = await Files.open(disk.folder())
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test("an empty device has no segment and no slot", () => {
    expect(files.segments()).toEqual([])
    expect(files.size(1)).toBe(0)
    for (const name of slotNames) expect(files.readSlot(name)).toBeNull()
    expect(files.holdsData()).toBe(false)
  })

  test("what was appended is read back, also by the next leader", async () => {
    files.append(1, text("one"))
    files.append(1, text("two"))
    files.append(2, text("three"))
    files.flush(1)
    files.flush(2)
    expect(files.read(1, 2, 3)).toEqual(text("etw"))
    files.close()
    const next = await Files.open(disk.folder())
    expect(next.segments()).toEqual([1, 2])
    expect([next.size(1), next.size(2)]).toEqual([6, 5])
    expect(next.read(2, 0, 5)).toEqual(text("three"))
  })

  test("only what was flushed survives a crash", async () => {
    files.append(1, text("kept"))
    files.flush(1)
    files.append(1, text("lost"))
    await files.idle()
    disk.crash()
    const next = await Files.open(disk.folder())
    expect(next.read(1, 0, next.size(1))).toEqual(text("kept"))
  })

  test("segments go on beyond the spares, as long as the core lets go between them", async () => {
    for (let n = 1; n <= 30; n++) {
      files.append(n, text("x"))
      await files.idle()
    }
    expect(files.segments()).toHaveLength(30)
  })

  test("big blobs have files of their own, beside the segments", async () => {
    const first = 1 << 24
    files.append(1, text("a"))
    files.append(first, text("bc"))
    await files.idle()
    files.append(first + 1, text("d"))
    files.remove(first)
    await files.idle()
    expect(files.segments()).toEqual([1, first + 1])
    files.append(2, text("e"))
    files.close()
    const next = await Files.open(disk.folder())
    expect(next.segments()).toEqual([1, 2, first + 1])
    expect(next.read(first + 1, 0, 1)).toEqual(text("d"))
    next.append(first + 5, text("f"))
    expect(() => {
      next.append(first + 6, text("g"))
    }).toThrow("not open")
  })

  test("more new segments in one go than there are spares is an error, not a hole", () => {
    for (let n = 1; n <= 8; n++) files.append(n, text("x"))
    expect(() => {
      files.append(9, text("x"))
    }).toThrow(expect.objectContaining({ code: "storage/failed" }))
  })

  test("a removed segment is gone, and its file with the next start", async () => {
    for (let n = 1; n <= 3; n++) files.append(n, text("x"))
    files.remove(2)
    files.remove(8) // was never there
    expect(files.segments()).toEqual([1, 3])
    files.close()
    const next = await Files.open(disk.folder())
    expect(next.segments()).toEqual([1, 3])
    expect(disk.files.has("segment-0000000002")).toBe(false)
  })

  test("truncate cuts the tail", () => {
    files.append(1, text("good and torn"))
    files.truncate(1, 4)
    expect(files.read(1, 0, files.size(1))).toEqual(text("good"))
  })

  test.each([
    [0, 4],
    [3, 2],
    [9, 1],
  ])("reading %i bytes in, %i long, beyond the end is an error", (at, length) => {
    files.append(1, text("abc"))
    expect(() => files.read(1, at, length)).toThrow(expect.objectContaining({ code: "storage/failed" }))
  })

  test.each([0, 2])("a disk with room for %i bytes says so and keeps the segment as it was", (space) => {
    files.append(1, text("old"))
    disk.space = space
    expect(() => {
      files.append(1, text("new"))
    }).toThrow(expect.objectContaining({ code: "storage/quota" }))
    expect(files.read(1, 0, files.size(1))).toEqual(text("old"))
    disk.space = Infinity
    files.append(1, text("new"))
    expect(files.read(1, 0, 6)).toEqual(text("oldnew"))
  })

  test("slots hold the last bytes written, flushed, until they are removed", () => {
    files.writeSlot("vault.0", text("a long first value"))
    files.writeSlot("vault.0", text("second"))
    disk.crash()
    expect(files.readSlot("vault.0")).toEqual(text("second"))
    expect(files.holdsData()).toBe(true)
    files.removeSlot("vault.0")
    disk.crash()
    expect(files.readSlot("vault.0")).toBeNull()
    expect(() => files.readSlot("other")).toThrow(expect.objectContaining({ code: "storage/failed" }))
  })

  test("a second tab gets storage/busy after waiting, and holds nothing back", async () => {
    vi.useFakeTimers()
    const other = new FakeDisk()
    await other.folder().open("vault.1")
    const opening = Files.open(other.folder()).catch((e: unknown) => e)
    await vi.advanceTimersByTimeAsync(6000)
    expect(await opening).toMatchObject({ code: "storage/busy" })
    expect([...other.files].filter(([, f]) => f.held).map(([name]) => name)).toEqual(["vault.1"])
  })

  test("a leader that just closed is waited for", async () => {
    vi.useFakeTimers()
    const opening = Files.open(disk.folder())
    await vi.advanceTimersByTimeAsync(100)
    files.close()
    await vi.advanceTimersByTimeAsync(100)
    expect((await opening).segments()).toEqual([])
  })

  test("files that are not ours are left alone", async () => {
    files.close()
    for (const name of ["segment-1", "segment-00000000001", "notes.txt"]) await disk.folder().open(name)
    expect((await Files.open(disk.folder())).segments()).toEqual([])
    expect(disk.files.has("notes.txt")).toBe(true)
  })

  test("an error of the disk crosses as storage/failed", async () => {
    const broken: Folder = {
      ...new FakeDisk().folder(),
      open: () =>
        Promise.resolve({
          getSize: () => 0,
          flush: () => {
            throw new DOMException("disk on fire", "UnknownError")
          },
          truncate: () => undefined,
          close: () => undefined,
        } as unknown as SyncFile),
    }
    const on = await Files.open(broken)
    expect(() => {
      on.flush(1)
    }).toThrow(expect.objectContaining({ code: "storage/failed", message: "UnknownError: disk on fire" }))
  })
})
