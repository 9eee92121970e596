import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { zip } from "#ui/zip.ts"

const blob = (text: string) => new Blob([text])
const bytesOf = async (file: Blob) => new Uint8Array(await file.arrayBuffer())

describe("a ZIP file", () => {
  test("comes back byte for byte from another program", async () => {
    const entries = [
      { path: "a.json", bytes: blob('{"n": 1.50}\n') },
      { path: "notes/ملاحظة.txt", bytes: blob("Dizzy\u202e") },
      { path: "empty", bytes: blob("") },
      { path: "big.bin", bytes: new Blob([new Uint8Array((1 << 20) + 5).fill(7)]) },
    ]
    const folder = mkdtempSync(join(tmpdir(), "zip-"))
    try {
      writeFileSync(join(folder, "x.zip"), await bytesOf(await zip(entries)))
      // Python's reader checks every checksum.
      execFileSync("python3", ["-m", "zipfile", "-t", "x.zip"], { cwd: folder })
      execFileSync("python3", ["-m", "zipfile", "-e", "x.zip", "out"], { cwd: folder })
      for (const { path, bytes } of entries)
        expect(readFileSync(join(folder, "out", path)).equals(await bytesOf(bytes)), path).toBe(true)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test("of nothing is 22 bytes, and the same files give the same bytes", async () => {
    expect((await zip([])).size).toBe(22)
    const once = await bytesOf(await zip([{ path: "a", bytes: blob("x") }]))
    expect(once).toEqual(await bytesOf(await zip([{ path: "a", bytes: blob("x") }])))
  })

  test("refuses two files of one name", async () => {
    const twice = { path: "a", bytes: blob("x") }
    await expect(zip([twice, twice])).rejects.toThrow(RangeError)
  })

  test("refuses more files than the format counts", async () => {
    const bytes = blob("")
    const many = Array.from({ length: 65_536 }, (_, n) => ({ path: String(n), bytes }))
    await expect(zip(many)).rejects.toThrow(RangeError)
  })
})
