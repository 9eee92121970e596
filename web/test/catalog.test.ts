import { describe, expect, test } from "vitest"
import { ar } from "#i18n/ar.ts"
import { en } from "#i18n/en.ts"
import { errorWords, named, sectionName } from "#i18n/lookup.ts"
import { plural } from "#i18n/plural.ts"
import { emoji } from "#ui/emoji.ts"

/** Every text of a catalog with its path; functions are called with words, which every one of them takes. */
function texts(part: unknown, path = ""): [string, string][] {
  if (typeof part === "string") return [[path, part]]
  if (typeof part === "function") return [[path, String(Reflect.apply(part, undefined, ["x", "y"]))]]
  return Object.entries(part as object).flatMap(([key, value]) => texts(value, `${path}/${key}`))
}

const english = new Map(texts(en))
const arabic = new Map(texts(ar))

test("both catalogs have the same keys, and no text is empty", () => {
  expect([...arabic.keys()].sort()).toEqual([...english.keys()].sort())
  for (const [path, text] of [...english, ...arabic]) expect(text.trim(), path).not.toBe("")
})

test("Arabic is Arabic", () => {
  const same = ["/app", "/language", "/import/pastedName", "/import/scannedName"]
  for (const [path, text] of arabic) {
    if (!same.includes(path)) expect(text, path).toMatch(/[\u0600-\u06ff]/)
  }
})

test("no text says that anything is final, or promises what is never claimed", () => {
  const never = /\bfinal\b|zero.knowledge|military|unhackable|HIPAA|GDPR|certified|256-bit|audited|immutable/i
  const denied = /not final yet|nothing is final|when it became final|made final by witnesses/gi // the proof panel's
  for (const [path, text] of english) expect(text.replace(denied, ""), path).not.toMatch(never)
})

test("an error says what happened, what is safe, and one button", () => {
  for (const catalog of [en, ar]) {
    for (const [code, words] of Object.entries(catalog.errors)) {
      expect(Object.keys(words).sort(), code).toEqual(["act", "safe", "what"])
    }
  }
  for (const [code, { what }] of Object.entries(en.errors)) {
    const other = new Map(Object.entries(ar.errors)).get(code)
    expect(what.includes("{}"), code).toBe(other?.what.includes("{}"))
  }
})

describe("codes find words", () => {
  test("their own, with the detail", () => {
    expect(errorWords(en, "kit/word", "7").what).toContain("Word 7 ")
    expect(errorWords(en, "import/json", "").what).toContain("?")
  })
  test("their family's", () => {
    expect(errorWords(en, "open/99", "")).toEqual(en.errors.open)
    expect(errorWords(en, "limit/bytes", "")).toEqual(en.errors.limit)
  })
  test.each(["", "toString", "__proto__", "constructor/x", "never-heard-of"])(
    "or those for anything: %j",
    (code) => {
      expect(errorWords(en, code, "")).toEqual(en.errors.unknown)
    },
  )
  test("a name of the core that this page does not know yet is no property of Object", () => {
    expect(named(en.outbox.what, "toString")).toBeUndefined()
    expect(sectionName(en, 7)).toBe("Newer section")
  })
})

test("plural forms", () => {
  expect(plural("en")(1, { one: "# record", other: "# records" })).toBe("1 record")
  expect(plural("en")(0, { zero: "none", other: "#" })).toBe("none")
  expect(plural("en")(1200, { other: "#" })).toBe("1,200")
  expect([0, 1, 2, 3, 11, 100].map((n) => ar.timeline.count(n))).toEqual([
    "لا سجلات",
    "سجل واحد",
    "سجلان",
    "3 سجلات",
    "11 سجلًا",
    "100 سجل",
  ])
})

test("64 pictures, each drawn and named once", () => {
  const names = Object.keys(emoji)
  expect(names).toHaveLength(64)
  expect(names).toEqual([...names].sort())
  expect(new Set(Object.values(emoji)).size).toBe(64)
  for (const catalog of [en, ar]) {
    expect(Object.keys(catalog.emoji)).toEqual(names)
    expect(new Set(Object.values(catalog.emoji)).size).toBe(64)
  }
})
