import { expect, test } from "vitest"
import { en } from "#i18n/en.ts"
import { isLanguage, languages } from "#i18n/catalogs.ts"
import { firstLanguage } from "#i18n/words.svelte.ts"
import { longer, pseudo } from "./pseudo.ts"

test("a text of the pseudo-locale is at least 40 % longer, and shows where it begins and ends", () => {
  for (const text of ["Me", "Share", en.kit.power, en.kit.lead]) {
    expect(longer(text).length, text).toBeGreaterThanOrEqual(text.length * 1.4)
    expect(longer(text)).toMatch(/^\[.*\]$/s)
  }
  expect(pseudo(en).status.needsYou(3)).toContain("3")
  expect(Object.keys(pseudo(en).errors)).toEqual(Object.keys(en.errors))
})

test("only languages with a catalog can be chosen, and the pseudo-locale is none", async () => {
  for (const [code, { dir, load }] of Object.entries(languages)) {
    expect(["ltr", "rtl"]).toContain(dir)
    expect(Object.keys(await load()).sort(), code).toEqual(Object.keys(en).sort())
  }
  for (const none of ["qps", "", "toString", "__proto__", "xx"]) expect(isLanguage(none)).toBe(false)
})

test.each([
  ["ar", ["en"], "ar"],
  ["", ["ar-EG", "en"], "ar"],
  ["", ["xx", "AR"], "ar"],
  ["qps", ["xx"], "en"],
  ["", [], "en"],
] as const)("kept %j and wanted %j begins in %s", (kept, wanted, language) => {
  expect(firstLanguage(kept, wanted)).toBe(language)
})
