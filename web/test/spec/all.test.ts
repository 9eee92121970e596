import { expect, test } from "vitest"

const tests = import.meta.glob<string>("./*.test.ts", { eager: true, import: "default", query: "?raw" })
const files = import.meta.glob("../../../shared/spec/vectors/*.json", { query: "?url" })

/** Files of vectors that no test here reads, and why. */
const unread: Record<string, string> = {
  split: "reading a FHIR file apart is the core's alone: the page never does it",
}

test("every file of vectors is read here", () => {
  const all = Object.keys(files).map((path) => path.replace(/^.*\/|\.json$/gu, ""))
  expect(all.length).toBeGreaterThan(20)
  const read = new Set(
    Object.values(tests).flatMap((text) =>
      Array.from(text.matchAll(/vectors\("([^"]+)"\)/gu), ([, name]) => name),
    ),
  )
  expect(all.filter((name) => !read.has(name))).toEqual(Object.keys(unread))
  expect([...read].filter((name) => !all.includes(name ?? ""))).toEqual([])
})
