import { expect, test } from "vitest"
import { pieces, shown } from "#ui/visible.ts"

test.each([
  ["\u202Eevil", "U+202Eevil"],
  ["a\u2066b\u2069", "aU+2066bU+2069"],
  ["a\u200Bb", "aU+200Bb"],
  ["\u0000\u001b[31m", "U+0000U+001B[31m"],
  ["\u{E0041}", "U+E0041"],
  ["\ud83d", "U+D83D"],
  ["\ufeffx", "U+FEFFx"],
  ["a\u00adb", "aU+00ADb"],
])("what cannot be seen is named: %j", (text, expected) => {
  expect(shown(text)).toBe(expected)
})

test.each(["=HYPERLINK(1)", "أمينة حداد", "Łukasz Żółć", "李薇", "tab\tnew\nline", "😀", "e\u0301"])(
  "what can be seen stays: %j",
  (text) => {
    expect(shown(text)).toBe(text)
    expect(pieces(text)).toEqual([{ kind: "text", text }])
  },
)

test("pieces put together are the whole text", () => {
  expect(pieces("a\u202Eb\u202C")).toEqual([
    { kind: "text", text: "a" },
    { kind: "mark", text: "U+202E" },
    { kind: "text", text: "b" },
    { kind: "mark", text: "U+202C" },
  ])
})
