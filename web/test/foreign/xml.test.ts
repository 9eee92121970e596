// A32: XML made to harm. It has no entities, brings no rules, nests no deeper than a document does.
import "../../src/core/foreign/alone.ts"
import { describe, expect, test } from "vitest"
import { tagMax } from "../../src/core/foreign/limits.ts"
import { TagReader, checkXML, unescaped } from "../../src/core/foreign/xml.ts"

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return "accepted"
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown)
  }
}

/** What a reader hears of text given in pieces of size. */
function heard(text: string, size: number, doctype: "refuse" | "skip" = "refuse"): string[] {
  const out: string[] = []
  const reader = new TagReader(
    {
      open: (name, attributes) =>
        out.push(`<${[name, ...[...attributes()].map(([k, v]) => `${k}=${v}`)].join(" ")}>`),
      close: (name) => out.push(`</${name}>`),
    },
    doctype,
  )
  for (let at = 0; at < text.length; at += size) reader.take(text.slice(at, at + size))
  reader.end()
  return out
}

const sample = `<?xml version="1.0"?><!-- <a> --><a x='1>2' y = "&lt;&#65;&#x42;&unknown;"><b/><![CDATA[<c>]]>t</a>`

test("tags and attributes, however the text is cut", () => {
  const want = ["<a x=1>2 y=<AB&unknown;>", "<b>", "</b>", "</a>"]
  for (const size of [1, 2, 3, 7, 1000]) expect(heard(sample, size)).toEqual(want)
})

test("a format's own DOCTYPE is stepped over unread", () => {
  expect(heard(`<!DOCTYPE HealthData [<!ELEMENT a (b)> <!ATTLIST a x CDATA "]>">]><a/>`, 5, "skip")).toEqual([
    "<a>",
    "</a>",
  ])
})

const bomb = `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>`
const refused: Record<string, [string, string]> = {
  "entity bomb": [bomb, "import/xml-doctype"],
  "external entity": [`<!DOCTYPE l SYSTEM "file:///etc/passwd"><l/>`, "import/xml-doctype"],
  "a DOCTYPE without harm": ["<!DOCTYPE l><l/>", "import/xml-doctype"],
  "a DOCTYPE after the beginning": ["<l><!DOCTYPE l></l>", "import/xml-doctype"],
  "65 deep": ["<a>".repeat(65) + "</a>".repeat(65), "import/xml-depth"],
  "a million deep": ["<a>".repeat(1_000_000), "import/xml-depth"],
  "not closed": ["<a><b></b>", "import/xml"],
  "closed crosswise": ["<a><b></a></b>", "import/xml"],
  "cut in a tag": ['<a x="1', "import/xml"],
  "a tag without an end": [`<a ${"x".repeat(2 * tagMax)}`, "import/xml"],
  "an attribute twice": ['<a x="1" x="2"/>', "import/xml"],
  nothing: ["", "import/xml"],
  "only text": ["hello", "import/xml"],
  "a declaration": ["<a><!NOTATION x></a>", "import/xml"],
}
describe("A32: refused", () => {
  test.each(Object.entries(refused))("%s", (_, [text, code]) => {
    const began = performance.now()
    expect(codeOf(() => { checkXML(text) })).toBe(code) // prettier-ignore
    expect(performance.now() - began).toBeLessThan(2000)
  })

  test("entities in a DOCTYPE that would be stepped over", () => {
    expect(codeOf(() => heard(bomb, 100, "skip"))).toBe("import/xml-doctype")
    expect(codeOf(() => heard(`<!DOCTYPE l PUBLIC "x" "http://evil.example/"><l/>`, 100, "skip"))).toBe(
      "import/xml-doctype",
    )
  })

  test("10 MB of tags take no memory of their own", () => {
    const piece = '<r a="1"/>'.repeat(10_000)
    let count = 0
    const reader = new TagReader({ open: () => count++, close: () => undefined }, "refuse")
    const before = process.memoryUsage().heapUsed
    reader.take("<l>")
    for (let i = 0; i < 100; i++) reader.take(piece)
    reader.take("</l>")
    reader.end()
    expect(count).toBe(1_000_001)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 << 20)
  })
})

test("only the five entities and character references mean something", () => {
  expect(unescaped("&lt;&gt;&amp;&quot;&apos;&#1575;&#x1F600;")).toBe(`<>&"'ا😀`)
  for (const kept of ["&nbsp;", "&b;", "&#xD800;", "&#1114112;", "&#x110000;", "&", "&;", "&#;"])
    expect(unescaped(kept)).toBe(kept)
})
