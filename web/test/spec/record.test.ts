import { describe, expect, test } from "vitest"
import { fromHex, toHex } from "./bytes.ts"
import { readContent, readRecord, readSegment, unpad } from "./record.ts"
import { padme } from "./sealing.ts"
import { codeOf, vectors } from "./vectors.ts"

interface Fields {
  kind: number
  folder: string
  section: number
  mediaType: string
  timeMS: number
  refs: string[]
  credential: string
  signature: string
  source: string
  content?: string
  blob?: { root: string; size: number; leaves: number; fileKey: string; sha256: string }
}

interface Records {
  records: { name: string; record: Fields; array: string; padded: number }[]
  refused: { name: string; array: string; error: string }[]
  padding: { name: string; padded: string; error: string }[]
  contents: { kind: string; name: string; bytes: string; error?: string }[]
}

interface Device {
  segment: {
    net: string
    number: number
    entries: { offset: number; kind: number; bytes: string }[]
    file: string
  }
  segmentsRefused: { name: string; net: string; file: string; error: string }[]
  torn: number[]
}

const records = vectors("record") as Records
const padded = vectors("padme") as { padded: { name: string; in: number; out: number }[] }
const device = vectors("device") as Device

describe("records", () => {
  test.each(padded.padded)("PADMÉ: $name", (c) => {
    expect(padme(c.in)).toBe(c.out)
  })

  test.each(records.records)("$name", (c) => {
    const bytes = fromHex(c.array)
    const r = readRecord(bytes)
    expect(padme(4 + bytes.length)).toBe(c.padded)
    expect([r.kind, toHex(r.folder), r.section, r.mediaType]).toEqual([
      c.record.kind,
      c.record.folder,
      c.record.section,
      c.record.mediaType,
    ])
    expect(Number(r.timeMS)).toBe(c.record.timeMS)
    expect(r.refs.map(toHex)).toEqual(c.record.refs)
    expect([toHex(r.credential), toHex(r.signature), toHex(r.source)]).toEqual([
      c.record.credential,
      c.record.signature,
      c.record.source,
    ])
    expect(r.content && toHex(r.content)).toBe(c.record.content)
    expect(r.blob && [toHex(r.blob.root), r.blob.size, r.blob.leaves, toHex(r.blob.sha256)]).toEqual(
      c.record.blob && [c.record.blob.root, c.record.blob.size, c.record.blob.leaves, c.record.blob.sha256],
    )
  })

  test.each(records.refused)("refused: $name", async (c) => {
    expect(await codeOf(() => readRecord(fromHex(c.array)))).toBe(c.error)
  })

  test.each(records.padding)("padding refused: $name", async (c) => {
    expect(await codeOf(() => unpad(fromHex(c.padded)))).toBe(c.error)
  })

  test.each(records.contents)("$kind: $name", async (c) => {
    expect(await codeOf(() => readContent[c.kind]?.(fromHex(c.bytes)))).toBe(c.error ?? "")
    expect(readContent[c.kind]).toBeDefined()
  })
})

describe("segments", () => {
  const { segment, segmentsRefused, torn } = device
  const net = fromHex(segment.net)

  test("entries of a whole one", async () => {
    const entries = await readSegment(fromHex(segment.file), net, segment.number)
    expect(entries.map((e) => ({ ...e, bytes: toHex(e.bytes) }))).toEqual(segment.entries)
  })

  test.each(segmentsRefused)("refused: $name", async (c) => {
    expect(await codeOf(() => readSegment(fromHex(c.file), fromHex(c.net), segment.number))).toBe(c.error)
  })

  test("cut anywhere, the whole entries before the cut are left", async () => {
    const file = fromHex(segment.file)
    // torn[i]: how many entries are whole when the file is cut after the header and i bytes
    const first = file.length + 1 - torn.length
    for (const [i, whole] of torn.entries()) {
      const entries = await readSegment(file.slice(0, first + i), net, segment.number)
      expect([i, entries.length]).toEqual([i, whole])
    }
  })
})
