// A31: archives made to harm. Each must stop at once, with its reason, and hold no more memory than a small file needs.
import "../../src/core/foreign/alone.ts"
import { deflateRawSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import { entriesMax } from "../../src/core/foreign/limits.ts"
import { whole } from "../../src/core/foreign/inflate.ts"
import { read } from "../../src/core/foreign/read.ts"
import { openZip, unpacked } from "../../src/core/foreign/zip.ts"
import { type Packed, how, zip } from "./made.ts"

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "accepted",
    (thrown: unknown) => (thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown)),
  )

/** Everything that a person does with an archive: its list, and each entry. */
async function all(file: Blob): Promise<string[]> {
  const { entries } = await openZip(file)
  const texts: string[] = []
  for (const entry of entries) texts.push(new TextDecoder().decode(await whole(unpacked(file, entry))))
  return texts
}

const text = (size: number) => "0123456789abcdef".repeat(Math.ceil(size / 16)).slice(0, size)

describe("good archives", () => {
  test("come out as they went in, packed and stored, with a comment", async () => {
    const files: Packed[] = [
      { name: "a.json", data: '{"resourceType":"Basic"}\r\n' },
      { name: "folder/b.txt", data: text(3_000_000), method: 0 },
      { name: "é.txt", data: "\u202e" },
    ]
    expect(await all(zip(files, { comment: "PK\x05\x06 is not the end" }))).toEqual(
      files.map((each) => each.data),
    )
  })

  test("folders, empty files and hidden ones are no records, and hidden ones are named", async () => {
    const { entries, skipped } = await openZip(
      zip([
        { name: "folder/", data: "" },
        { name: "empty.json", data: "" },
        { name: "__MACOSX/._a.json", data: "x" },
        { name: "folder/.DS_Store", data: "x" },
        { name: "a.json", data: "{}" },
      ]),
    )
    expect(entries.map((each) => each.name)).toEqual(["a.json"])
    expect(skipped).toEqual([
      { name: "__MACOSX/._a.json", why: "hidden" },
      { name: "folder/.DS_Store", why: "hidden" },
    ])
  })

  test("a file a hundred times smaller packed is taken while it is small", async () => {
    expect(await all(zip([{ name: "a.json", data: " ".repeat(1 << 20) }]))).toHaveLength(1)
  })
})

const bomb = deflateRawSync(new Uint8Array(64 << 20))

describe("A31: hostile archives", () => {
  const hostile: Record<string, [string, () => Blob]> = {
    "a bomb that says so": [
      "import/zip-bomb",
      () => zip([{ name: "a.json", data: "", packed: bomb, size: 64 << 20 }]),
    ],
    "a bomb that says it is small": [
      "import/zip-bomb",
      () => zip([{ name: "a.json", data: "", packed: bomb, size: 1000 }]),
    ],
    "a bomb that says it is just small enough": [
      "import/zip-bomb",
      () => zip([{ name: "a.json", data: "", packed: bomb, size: bomb.length * 100 }]),
    ],
    "many files that are too much together": [
      "import/zip-bomb",
      () =>
        zip(
          Array.from({ length: 30 }, (_, i) => ({
            name: `${String(i)}.json`,
            data: "",
            packed: new Uint8Array(80_000),
            size: 7_900_000,
          })),
        ),
    ],
    "entries that share their bytes": [
      "import/zip-overlap",
      () =>
        zip(Array.from({ length: 100 }, (_, i) => ({ name: `${String(i)}.json`, data: text(5000), at: 0 }))),
    ],
    "an entry inside another": [
      "import/zip-overlap",
      () =>
        zip([
          { name: "a", data: text(5000), method: 0 },
          { name: "b", data: "x", at: 40 },
        ]),
    ],
    "an entry inside the directory": ["import/zip-overlap", () => zip([{ name: "a", data: "x", at: 32 }])],
    "too many entries": [
      "import/zip-many",
      () => zip(Array.from({ length: entriesMax + 1 }, (_, i) => ({ name: String(i), data: "x" }))),
    ],
    "more entries than there are": [
      "import/zip-damaged",
      () => zip([{ name: "a", data: "x" }], { count: 7 }),
    ],
    "a directory of a megabyte": [
      "import/zip-many",
      () =>
        zip(
          Array.from({ length: 20 }, (_, i) => ({
            name: String(i).repeat(60_000).slice(0, 60_000),
            data: "x",
          })),
        ),
    ],
    "a false checksum": ["import/zip-damaged", () => zip([{ name: "a", data: "hello", crc: 1 }])],
    "less than promised": ["import/zip-damaged", () => zip([{ name: "a", data: "hello", size: 6 }])],
    "stored bytes of another length": [
      "import/zip-damaged",
      () => zip([{ name: "a", data: "hello", method: 0, size: 6 }]),
    ],
    "broken packing": [
      "import/zip-bomb",
      () => zip([{ name: "a", data: "x", packed: new Uint8Array([7, 7, 7, 7]), size: 4 }]),
    ],
    "the kind for huge files": ["import/zip-kind", () => zip([{ name: "a", data: "x" }], { count: 0xffff })],
    "no archive at all": ["import/zip-damaged", () => new Blob(["PK\x03\x04", text(1000)])],
    "only an end": ["import/zip-damaged", () => new Blob(["PK\x03\x04PK\x05\x06"])],
  }
  test.each(Object.entries(hostile))("%s", async (_, [code, make]) => {
    const file = make()
    const before = process.memoryUsage().rss
    const began = performance.now()
    expect(await codeOf(all(file))).toBe(code)
    expect(performance.now() - began).toBeLessThan(2000)
    expect(process.memoryUsage().rss - before).toBeLessThan(256 << 20)
  })

  test("names lead nowhere: only their last part is shown, whatever it is", async () => {
    const names = ["../../../etc/passwd", "/etc/shadow", "C:\\Windows\\x.json", "a/../../b\u202egnp.exe"]
    const found = await read(zip(names.map((name) => ({ name, data: "{}" }))), "x.zip", how, () => undefined)
    expect(found).toMatchObject({
      kind: "archive",
      entries: [{ name: "passwd" }, { name: "shadow" }, { name: "x.json" }, { name: "b\u202egnp.exe" }],
    })
  })

  test("links, locked and strangely packed files are left out by name", async () => {
    const found = await read(
      zip([
        { name: "link.json", data: "/etc/passwd", mode: 0o120777 },
        { name: "locked.json", data: "x", flags: 1 },
        { name: "lzma.json", data: "x", method: 14 },
      ]),
      "x.zip",
      how,
      () => undefined,
    )
    expect(found).toMatchObject({
      kind: "archive",
      entries: [],
      notes: [
        { code: "zip-link", detail: "link.json" },
        { code: "zip-locked", detail: "locked.json" },
        { code: "zip-packing", detail: "lzma.json" },
      ],
    })
  })

  test("an archive inside an archive stays closed", async () => {
    const inner = new Uint8Array(await zip([{ name: "a.json", data: "{}" }]).arrayBuffer())
    const outer = zip([{ name: "inner.zip", data: inner }])
    expect(await codeOf(read(outer, "x.zip", { ...how, entry: 0 }, () => undefined))).toBe(
      "import/zip-inside",
    )
  })

  test("any byte of an archive changed: refused, or other content, never a throw of its own", async () => {
    const good = new Uint8Array(
      await zip([
        { name: "a.json", data: "hello" },
        { name: "b", data: "x" },
      ]).arrayBuffer(),
    )
    for (let at = 0; at < good.length; at++) {
      const changed = good.slice()
      changed[at] = (changed[at] ?? 0) ^ 0x55
      expect(await codeOf(all(new Blob([changed])))).toMatch(/^(?:accepted|import\/zip-\w+)$/)
      expect(await codeOf(all(new Blob([good.subarray(0, at)])))).toMatch(/^import\/zip-\w+$/)
    }
  })
})
