import { describe, expect, test } from "vitest"
import { JSONError, type Node, narrativeText, parseJSON } from "#ui/json.ts"

/** What the tree says, as text that no number went through. */
function told(node: Node): string {
  switch (node.kind) {
    case "object":
      return `{${node.members.map(({ key, value }) => `${JSON.stringify(key)}:${told(value)}`).join(",")}}`
    case "array":
      return `[${node.items.map(told).join(",")}]`
    case "string":
      return JSON.stringify(node.text)
    case "number":
    case "word":
      return node.text
  }
}

describe("numbers keep the digits that were received", () => {
  const kept = ["1.00", "0.10", "-0", "-0.0", "1e5", "1E+05", "12345678901234567890.1200", "5e-324", "1e999"]
  test.each(kept)("%s", (digits) => {
    expect(told(parseJSON(digits))).toBe(digits)
    expect(told(parseJSON(`{"v": ${digits} }`))).toBe(`{"v":${digits}}`)
  })
})

test("the order of members and members that occur twice are kept", () => {
  expect(told(parseJSON('{"b":1,"a":2,"b":3,"__proto__":4,"10":5,"9":6}'))).toBe(
    '{"b":1,"a":2,"b":3,"__proto__":4,"10":5,"9":6}',
  )
})

test("escapes become characters", () => {
  const node = parseJSON(String.raw`"\"\\\/\b\f\n\r\té😀\ud83d"`)
  expect(node.kind === "string" && node.text).toBe('"\\/\b\f\n\r\t\u00e9\u{1F600}\ud83d')
})

test("every node knows where it stands in the text", () => {
  const source = ' { "a" : [ 1.0 , "x" ] } '
  const node = parseJSON(source)
  expect(source.slice(node.start, node.end)).toBe('{ "a" : [ 1.0 , "x" ] }')
  const list = node.kind === "object" ? node.members[0]?.value : undefined
  expect(list && source.slice(list.start, list.end)).toBe('[ 1.0 , "x" ]')
})

test("a byte-order mark and white space around are no content", () => {
  expect(told(parseJSON("\ufeff\r\n\t {} \n"))).toBe("{}")
})

test("no nesting is too deep to read, and the height says how deep", () => {
  const deep = 100_000
  const node = parseJSON("[".repeat(deep) + "]".repeat(deep))
  expect(node.kind === "array" && node.height).toBe(deep - 1)
})

test("it agrees with JSON.parse about what is JSON", () => {
  const good = ["[]", "{}", '""', "null", "true", "false", "0", "[1,2]", '{"a":{"b":[{}]}}', '["\\u0000"]']
  for (const source of good) expect(told(parseJSON(source)), source).toBe(source)
  const bad = [
    "", " ", "{", "[", "}", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{a:1}", '{"a"}', '{"a":}', '{"a":1,}',
    '{"a":1 "b":2}', '{"a" 1}', '{1:2}', "[1]]", "{}{}", "1 2", "01", "1.", ".5", "+1", "1e", "--1", "NaN",
    "Infinity", "undefined", "nul", "True", "'a'", '"a', '"\n"', '"\\x"', '"\\u12"', "[1}", "{]", ":", ",",
    '{"a":1,"b"}', "// c\n1", "[1,,2]", "\u00a01", "1\ufeff", '{"a":1:2}', '["a":1]',
  ] // prettier-ignore
  for (const source of bad) {
    expect(() => JSON.parse(source) as unknown, source).toThrow()
    expect(() => parseJSON(source), source).toThrow(JSONError)
  }
})

test("an error says where", () => {
  expect(() => parseJSON('{"a": 01}')).toThrow(expect.objectContaining({ offset: 7 }) as Error)
})

describe("a narrative becomes words only", () => {
  test("blocks end lines, entities become characters", () => {
    expect(
      narrativeText(
        '<div xmlns="x"><p>HbA1c <b>6.30</b>&nbsp;%</p><p>a &lt;b&gt; &#233; &#x1F600;</p></div>',
      ),
    ).toBe("HbA1c 6.30\u00a0%\na <b> é 😀")
  })
  test.each([
    ["<script>alert(1)</script>a", "a"],
    ["<style>p{}</style>a", "a"],
    ["<!-- <p>hidden</p> -->a", "a"],
    ['<img src=x onerror="alert(1)">a', "a"],
    ["&unknown; &#x110000; &#9999999;", "&unknown; &#x110000; &#9999999;"],
  ])("%s", (markup, text) => {
    expect(narrativeText(markup)).toBe(text)
  })
})
