import { Buffer } from "node:buffer"
import { crc32 as reference } from "node:zlib"
import { expect, test } from "vitest"
import { bundleOf, crc32, zipped } from "#state/zipped.ts"

const text = (s: string) => new Blob([s])
const bytes = async (b: Blob) => Buffer.from(await b.arrayBuffer())

/** Reads a ZIP by its directory alone, as strict programs do. */
async function unzip(zip: Blob): Promise<Map<string, string>> {
  const b = await bytes(zip)
  const end = b.length - 22
  expect(b.readUInt32LE(end)).toBe(0x06054b50)
  const out = new Map<string, string>()
  let at = b.readUInt32LE(end + 16)
  for (let n = b.readUInt16LE(end + 10); n > 0; n--) {
    expect(b.readUInt32LE(at)).toBe(0x02014b50)
    const [crc, size, length, local] = [at + 16, at + 24, at + 28, at + 42].map((place, i) =>
      i === 2 ? b.readUInt16LE(place) : b.readUInt32LE(place),
    ) as [number, number, number, number]
    const name = b.subarray(at + 46, at + 46 + length).toString()
    expect(b.readUInt32LE(local)).toBe(0x04034b50)
    expect(b.subarray(local + 30, local + 30 + length).toString()).toBe(name)
    const content = b.subarray(local + 30 + length, local + 30 + length + size)
    expect(crc32(content)).toBe(crc)
    out.set(name, content.toString())
    at += 46 + length
  }
  expect(at).toBe(end)
  return out
}

test("files come out as they went in", async () => {
  const zip = await zipped([
    { name: "files/1-Amina.json", bytes: text('{"a": 1.00}\r\n') },
    { name: "records/ملاحظة.txt", bytes: text("") },
    { name: "big.bin", bytes: new Blob([new Uint8Array(300_000).fill(7)]) },
  ])
  const out = await unzip(zip)
  expect([...out.keys()]).toEqual(["files/1-Amina.json", "records/ملاحظة.txt", "big.bin"])
  expect(out.get("files/1-Amina.json")).toBe('{"a": 1.00}\r\n')
  expect(out.get("big.bin")?.length).toBe(300_000)
})

test("an empty ZIP, and one with too many files", async () => {
  expect((await unzip(await zipped([]))).size).toBe(0)
  const many = Array.from({ length: 65_536 }, (_, n) => ({ name: String(n), bytes: new Blob([]) }))
  await expect(zipped(many)).rejects.toThrow(RangeError)
})

test("CRC-32 as zlib has it, in one piece and in two", () => {
  const all = Buffer.from("The same bytes that came in go out. \u{1F98A}")
  expect(crc32(all)).toBe(reference(all))
  expect(crc32(all.subarray(9), crc32(all.subarray(0, 9)))).toBe(reference(all))
  expect(crc32(new Uint8Array())).toBe(0)
})

test("a Bundle keeps each resource byte for byte", async () => {
  const resources = [
    '{"resourceType":"Observation",\r\n "valueQuantity":{"value":6.30}}',
    '{"resourceType":"Patient"}',
  ]
  const made = (await bytes(bundleOf(resources.map(text)))).toString()
  for (const resource of resources) expect(made).toContain(resource)
  expect(made.endsWith('{"resource":{"resourceType":"Patient"}}]}\n')).toBe(true)
  expect(() => void JSON.parse(made)).not.toThrow()
  expect((await bytes(bundleOf([]))).toString()).toBe(
    '{"resourceType":"Bundle","type":"collection","entry":[]}\n',
  )
})
