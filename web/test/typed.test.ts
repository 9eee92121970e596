import { expect, test } from "vitest"
import { typedCode, typedWords } from "#ui/typed.ts"

test.each([
  ["", []],
  ["1. 2) 3", []],
  ["1. crew\n2. speak,", ["crew", "speak"]],
  ["  CREW\tspeak;mirror ", ["CREW", "speak", "mirror"]],
  ["💥 \u202e", []],
])("the words of a kit in %j", (text, expected) => {
  expect(typedWords(text)).toEqual(expected)
})

test.each([
  ["", ""],
  [" \n, ", ""],
  ["Want, frequent; early.", "Want frequent early"],
  ["7116 9914-6792", "7116 9914 6792"],
  ["٧١١٦ ٩٩١٤", "7116 9914"],
  ["۷۱۱۶ ۰۹", "7116 09"],
  [" http://localhost/#/join/a_b/-c,d ", "http://localhost/#/join/a_b/-c,d"],
  ["ANAMNESIS-KIT:1:A,B", "ANAMNESIS-KIT:1:A,B"],
])("a sharing code typed as %j", (text, expected) => {
  expect(typedCode(text)).toBe(expected)
})
