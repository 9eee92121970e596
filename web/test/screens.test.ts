import { expect, test } from "vitest"
import { parse } from "#state/route.svelte.ts"
import { screenFor } from "#views/shell/screens.ts"

test.each([
  ["", []],
  ["#", []],
  ["#/", []],
  ["#/share", ["share"]],
  ["#/folder/ab/record/cd", ["folder", "ab", "record", "cd"]],
  ["#//a//b/", ["a", "b"]],
  ["#/a%20b", ["a b"]],
  ["#/%E0%A4%A", ["%E0%A4%A"]],
  ["#/..%2F", ["../"]],
])("the parts of %j", (hash, parts) => {
  expect(parse(hash)).toEqual(parts)
})

test.each([
  // an empty device shows only what needs no folder
  ["", "empty", false, "start"],
  ["create", "empty", false, "create"],
  ["join", "empty", false, "reader"],
  ["share", "empty", false, "start"],
  ["record/ab", "empty", false, "start"],
  // a locked one shows nothing but the lock and help
  ["record/ab", "locked", true, "unlock"],
  ["me", "locked", false, "unlock"],
  ["help", "locked", true, "help"],
  ["proof/ab", "locked", true, "unlock"],
  // a proof file is checked by anybody
  ["verify", "empty", false, "verify"],
  ["verify", "locked", true, "verify"],
  ["verify", "open", false, "verify"],
  // an owner
  ["", "open", true, "home"],
  ["create", "open", true, "home"],
  ["nonsense", "open", true, "home"],
  ["share", "open", true, "share"],
  ["record/ab", "open", true, "record"],
  ["patients", "open", true, "patients"],
  // a reader has no sharing, importing or Who looked of its own
  ["", "open", false, "patients"],
  ["share", "open", false, "patients"],
  ["who", "open", false, "patients"],
  ["import", "open", false, "patients"],
  ["folder/ab", "open", false, "chart"],
  ["folder", "open", false, "patients"],
  ["folder/ab/record/cd", "open", false, "record"],
  ["folder/ab/record", "open", false, "chart"],
  ["folder/ab/proof/cd", "open", false, "proof"],
  ["folder/ab/proof", "open", false, "chart"],
  ["proof/cd", "open", true, "proof"],
  ["folder/ab/note", "open", false, "note"],
  ["folder/ab/note/cd", "open", false, "note"],
] as const)("#/%s when %s, owner %s: %s", (path, phase, owner, screen) => {
  expect(screenFor(parse(path), phase, owner)).toBe(screen)
})
