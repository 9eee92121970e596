// C-CDA documents made here, and what must not come of them.
import "../../src/core/foreign/alone.ts"
import { describe, expect, test, vi } from "vitest"
import { read } from "../../src/core/foreign/read.ts"
import { ccda, how } from "./made.ts"

vi.setConfig({ testTimeout: 30_000 })

const bring = (text: string, name = "summary.xml") => read(new Blob([text]), name, how, () => undefined)
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "accepted",
    (thrown: unknown) => (thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown)),
  )

async function made(text: string) {
  const found = await bring(text)
  if (found.kind !== "part") throw new Error(found.kind)
  const { bytes, original } = found.part
  const lines = new TextDecoder().decode(bytes.subarray(original)).trim().split("\n")
  return {
    ...found.part,
    file: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, original)),
    lines,
  }
}

test("a document is kept as it came, and its records say what they are", async () => {
  const text = "\ufeff" + ccda()
  const { file, format, lines } = await made(text)
  expect(file).toBe(text)
  expect(format).toBe("ccda")
  const types = lines.map((line) => (JSON.parse(line) as { resourceType: string }).resourceType)
  expect(types).toContain("Patient")
  expect(types).toContain("Condition")
  expect(lines.join()).toContain("44054006")
})

test("the same document makes the same bytes, another one others", async () => {
  const [a, b, c] = [await made(ccda()), await made(ccda()), await made(ccda({ title: "Other" }))]
  expect(a.lines).toEqual(b.lines)
  expect(a.lines).not.toEqual(c.lines)
})

describe("A30: scripts in a document", () => {
  test("stay text: nothing runs, nothing is asked for", async () => {
    const script = `<paragraph><content>hello</content></paragraph><renderMultiMedia referencedObject="x"/><linkHtml href="javascript:alert(1)">x</linkHtml>&lt;script&gt;fetch('https://evil.example')&lt;/script&gt;<script xmlns="http://www.w3.org/1999/xhtml">globalThis.ran = true</script><img src="https://evil.example/x.png" onerror="globalThis.ran = true"/>`
    const { file } = await made(ccda({ narrative: script, title: "&lt;img src=x onerror=alert(1)&gt;" }))
    expect(file).toContain("onerror")
    expect((globalThis as { ran?: boolean }).ran).toBeUndefined()
    expect(globalThis.fetch).toBeUndefined()
  })

  test("names from the prototype change no prototype", async () => {
    await bring(
      ccda({
        narrative:
          "<__proto__><polluted>1</polluted></__proto__><constructor><prototype>x</prototype></constructor>",
      }),
    ).catch(() => null)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe("A32: refused", () => {
  test.each([
    ["import/xml-doctype", ccda({ before: '<!DOCTYPE x [<!ENTITY a "b">]>' })],
    ["import/xml-doctype", ccda({ before: '<!DOCTYPE x SYSTEM "file:///etc/passwd">' })],
    ["import/xml", ccda().slice(0, 2000)],
    ["import/xml-depth", ccda({ narrative: "<a>".repeat(80) + "</a>".repeat(80) })],
    ["import/too-large", ccda({ narrative: "x".repeat(9 << 20) })],
  ])("%s", async (code, text) => {
    expect(await codeOf(bring(text))).toBe(code)
  })

  test("a document without content is a reason, not a crash", async () => {
    expect(await codeOf(bring('<ClinicalDocument xmlns="urn:hl7-org:v3"></ClinicalDocument>'))).toMatch(
      /^import\/ccda$|^accepted$/,
    )
    expect(
      await codeOf(
        bring(
          '<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget/><component><structuredBody/></component></ClinicalDocument>',
        ),
      ),
    ).toMatch(/^import\/ccda$|^accepted$/)
  })
})

test("other XML, PDF, pictures and bytes are kept as documents", async () => {
  const files: [string | Uint8Array<ArrayBuffer>, string][] = [
    ["<svg/>", "application/xml"],
    ["%PDF-1.7 …", "application/pdf"],
    [new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), "image/png"],
    [new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), "image/jpeg"],
    [new Uint8Array([1, 0, 2]), "application/octet-stream"],
  ]
  for (const [bytes, mediaType] of files) {
    const file = new Blob([bytes])
    const found = await read(file, "f", how, () => undefined)
    expect(found).toMatchObject({ kind: "part", part: { mediaType, original: file.size, format: "file" } })
  }
})

test("FHIR goes on as it came, with what its rules say of it", async () => {
  const text =
    '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Basic"}},{"resource":{"resourceType":"Observation","status":"final","x":1}}]}'
  const found = await bring(text, "a.json")
  expect(found).toMatchObject({ kind: "part", part: { original: 0 } })
  if (found.kind === "part") {
    expect(new TextDecoder().decode(found.part.bytes)).toBe(text)
    expect(found.part.warnings.map((each) => each.index)).toEqual([1, 1])
  }
  const lines = await bring(
    '{"resourceType":"Patient"}\n{"resourceType":"Patient","birthDate":7}\n',
    "a.ndjson",
  )
  if (lines.kind === "part") expect(lines.part.warnings.map((each) => each.index)).toEqual([1])
  for (const broken of ["{", '{"resourceType":', "[1"]) expect((await bring(broken)).kind).toBe("part") // the core says where
})
