import { expect, test } from "vitest"
import { en } from "#i18n/en.ts"
import { fingerprint, groups, sentence, standingOf } from "#views/proof/verdict.ts"
import { items } from "./fake-core.ts"
import { fakeProof } from "./fake-proof.ts"

const first = items[1]
if (first === undefined) throw new Error("no item")
const steps = fakeProof(first, "").steps.map((step) => step.name)
const changed = (name: string, code: string) => {
  const whole = fakeProof(first, "")
  return {
    ...whole,
    steps: whole.steps.map((step) => (step.name === name ? { ...step, state: "unknown", code } : step)),
  }
}

test.each(steps.slice(0, -1))("a failed %s is red, whatever else was checked", (name) => {
  const proof = fakeProof(first, name)
  expect(standingOf(proof)).toBe("failed")
  expect(sentence(en, proof, true)).toBe(name === "complete" ? en.proof.hidden : en.proof.failed)
})

test.each([
  ["content", "blob/waiting"],
  ["signature", "core/missing"],
  ["header", "storage/failed"],
])("%s not here (%s) is never shown as checked", (name, code) => {
  expect(standingOf(changed(name, code))).toBe("waiting")
  expect(sentence(en, changed(name, code), true)).toBe(en.proof.waiting)
})

test("an unopened record names nobody", () => {
  const proof = fakeProof({ ...first, opened: false, origin: "other", author: "Dr. Lin Wei" }, "")
  expect(standingOf(proof)).toBe("unopened")
  expect(sentence(en, proof, false)).toBe(en.proof.unopened)
})

test("the sentence says whose word it is", () => {
  const of = (more: Partial<typeof first>, own: boolean) =>
    sentence(en, fakeProof({ ...first, ...more }, ""), own)
  expect(of({ origin: "imported" }, true)).toBe(en.proof.imported)
  expect(of({ origin: "imported" }, false)).toBe(en.proof.owner)
  expect(of({ origin: "you" }, true)).toBe(en.proof.you)
  expect(of({ origin: "you" }, false)).toBe(en.proof.owner)
  expect(of({ origin: "other", author: "Dr. Lin Wei" }, true)).toContain("Dr. Lin Wei signed it")
  expect(of({ origin: "other", author: "" }, true)).toBe(en.proof.unnamed)
  expect(of({ origin: "other", author: "Dr. \u202Eniwel" }, true)).not.toContain("\u202E")
})

test("no words of the panel say final or green before witnesses run", () => {
  const proof = fakeProof(first, "")
  expect(standingOf(proof)).toBe("checked")
  expect(sentence(en, proof, true)).not.toMatch(/final/i)
  expect(en.proof.notFinal).toMatch(/not final yet/i)
})

test("ids stand in groups of four, keys without what is the same in all", () => {
  expect(groups("0123456789abcdef01")).toBe("0123 4567 89ab cdef 01")
  expect(groups("")).toBe("")
  expect(fingerprint(`key_01${"ab".repeat(32)}`)).toBe("abab abab abab abab")
})
