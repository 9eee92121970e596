import { expect, test } from "vitest"

const tests = import.meta.glob<string>("./*.test.ts", { eager: true, import: "default", query: "?raw" })
const files = import.meta.glob("../../../shared/spec/vectors/*.json", { query: "?url" })

test("every file of vectors is read here", () => {
  const all = Object.keys(files).map((path) => path.replace(/^.*\/|\.json$/gu, ""))
  expect(all.length).toBeGreaterThan(20)
  const read = Object.values(tests).flatMap((text) =>
    Array.from(text.matchAll(/vectors\("([^"]+)"\)/gu), ([, name]) => name),
  )
  expect([...new Set(read)].sort()).toEqual(all.sort())
})
