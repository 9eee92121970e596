import { describe, expect, test } from "vitest"
import { changed, differences, leaves } from "#ui/leaves.ts"

const source = '{"a": "x",\n "n": 1.50, "list": [ {"b": true}, null ], "é": "\\u0041"}'

test("leaves stand in order, with the digits received", () => {
  expect(leaves(source).map(({ path, text }) => [path, text])).toEqual([
    ["a", "x"],
    ["n", "1.50"],
    ["list.0.b", "true"],
    ["list.1", "null"],
    ["é", "A"],
  ])
  expect(leaves('"only"').map(({ path }) => path)).toEqual([""])
  expect(leaves("[]")).toEqual([])
})

test.each(["", "{", '{"a":}', "nope", '{"a":1}x'])("%j is refused", (text) => {
  expect(() => leaves(text)).toThrow()
})

test("the deepest that the core takes in is walked", () => {
  expect(leaves("[".repeat(64) + "1" + "]".repeat(64))).toHaveLength(1)
})

describe("differences", () => {
  test("none between equal values, however they are spaced", () => {
    expect(differences(source, source.replaceAll("\n", ""))).toEqual([])
  })
  test("digits count: 1.50 is not 1.5", () => {
    expect(differences('{"n":1.50}', '{"n":1.5}')).toEqual([{ path: "n", before: "1.50", after: "1.5" }])
  })
  test("a number is not the string of its digits", () => {
    expect(differences('{"n":1}', '{"n":"1"}')).toEqual([{ path: "n", before: "1", after: "1" }])
  })
  test("what was added and what went", () => {
    expect(differences('{"a":"1","b":"2"}', '{"c":"3","a":"1"}')).toEqual([
      { path: "c", before: undefined, after: "3" },
      { path: "b", before: "2", after: undefined },
    ])
  })
})

describe("changing in place", () => {
  const at = (path: string) => leaves(source).find((leaf) => leaf.path === path) ?? leaves(source)[0]
  const edit = (path: string, text: string) => {
    const leaf = at(path)
    if (leaf === undefined) throw new Error(path)
    return { leaf, text }
  }
  test("every other byte stays", () => {
    expect(changed(source, [edit("n", "2.0"), edit("a", "longer than before")])).toBe(
      source.replace("1.50", "2.0").replace('"x"', '"longer than before"'),
    )
    expect(changed(source, [])).toBe(source)
  })
  test("a string cannot leave its quotes", () => {
    const out = changed(source, [edit("a", '", "evil": "')])
    expect(leaves(out).map(({ path }) => path)).toEqual(leaves(source).map(({ path }) => path))
    expect(leaves(out)[0]?.text).toBe('", "evil": "')
  })
})
