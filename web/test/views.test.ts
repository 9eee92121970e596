import { readdirSync, readFileSync, existsSync } from "node:fs"
import { join } from "node:path"
import { render } from "svelte/server"
import { describe, expect, test } from "vitest"
import { ar } from "#i18n/ar.ts"
import { en } from "#i18n/en.ts"
import { saying } from "#i18n/saying.ts"
import Reading from "#ui/fhir/Reading.svelte"
import { textOf } from "#ui/fhir/plain.ts"
import { labelOf } from "#ui/fhir/labels.ts"
import { resultOf } from "#ui/fhir/result.ts"
import { type Say, systemName } from "#ui/fhir/say.ts"
import { seriousOf } from "#ui/fhir/serious.ts"
import { parts, type Spec, specs } from "#ui/fhir/spec.ts"
import JsonTree from "#ui/JsonTree.svelte"
import { type Node, type ObjectNode, parseJSON } from "#ui/json.ts"
import { shown } from "#ui/visible.ts"
import { resources } from "./fake-records.ts"

const say: Say = {
  ...saying(en),
  found: () => undefined,
  picture: () => Promise.reject(new Error("no pictures here")),
}

function object(text: string): ObjectNode {
  const node = parseJSON(text)
  if (node.kind !== "object") throw new Error("no object")
  return node
}

/** What is read on screen: marks and tags left out, entities as characters, white space as one space. */
const words = (html: string): string =>
  html
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ")

const reading = (node: ObjectNode, how: Say = say): string =>
  words(render(Reading, { props: { node, say: how } }).body)
const tree = (node: Node): string => words(render(JsonTree, { props: { node, words: en.record } }).body)

/** Every text, number and word in a resource; a list's part that is drawn on demand is left out. */
function leaves(node: Node): readonly string[] {
  if (node.kind === "array") return node.items.slice(0, 50).flatMap(leaves)
  if (node.kind === "object") return node.members.flatMap(({ value }) => leaves(value))
  return [node.text.slice(0, 4000)]
}

const seen = (text: string): string => shown(text).replace(/\s+/g, " ").trim()

/** What neither the readable view nor the tree under All details shows. */
function missing(node: ObjectNode): readonly string[] {
  const all = reading(node) + tree(node)
  return leaves(node).filter((leaf) => !all.includes(seen(leaf)) && !leaf.trimStart().startsWith("<"))
}

const name = (text: string): string => `${textOf(object(text), "resourceType")} ${textOf(object(text), "id")}`

describe("our own samples", () => {
  test.each(resources.map((text) => [name(text), text]))("%s", (_, text) => {
    const node = object(text)
    expect(missing(node)).toEqual([])
    expect(() => reading(node, { ...say, ...saying(ar) })).not.toThrow()
  })

  test("every type with a readable view has a sample", () => {
    const there = resources.map((text) => textOf(object(text), "resourceType"))
    expect(Object.keys(specs).filter((type) => !there.includes(type))).toEqual([])
  })
})

const sample = (id: string): ObjectNode => {
  const found = resources.find((text) => text.includes(`"id": "${id}"`))
  if (found === undefined) throw new Error(id)
  return object(found)
}

describe("digits and units stay as received", () => {
  test("a trailing zero", () => {
    expect(reading(sample("a1c-2026"))).toContain("6.30 %")
    expect(reading(sample("a1c-2026"))).toContain("4.0 to 5.60 %")
  })
  test("a comparator, a count, an age in UCUM", () => {
    expect(reading(sample("glucose"))).toContain("< 2.50 mmol/L")
    expect(reading(sample("asthma"))).toContain("12 a")
  })
  test("money that no binary number holds", () => {
    const node = object(
      '{"resourceType":"Observation","code":{"text":"x"},"valueQuantity":{"value":12345678901234567890.1200,"unit":"g"}}',
    )
    expect(reading(node)).toContain("12345678901234567890.1200 g")
  })
})

describe("a flag", () => {
  const value = (more: string): string | null =>
    resultOf(object(`{"code":{"text":"x"},"valueQuantity":{"value":7.0,"unit":"g"},${more}}`)).flag
  const mark = (code: string): string =>
    `"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"${code}"}]}]`

  test.each([
    ["H", "above"],
    ["LL", "far-below"],
    ["N", "usual"],
    ["A", "outside"],
  ])("of the laboratory, %s: %s", (code, flag) => {
    expect(value(mark(code))).toBe(flag)
  })
  test("of the laboratory wins over the range", () => {
    expect(value(`${mark("N")},"referenceRange":[{"high":{"value":5,"unit":"g"}}]`)).toBe("usual")
  })
  test.each([
    [
      "above the one range",
      '"referenceRange":[{"low":{"value":1,"unit":"g"},"high":{"value":6.99,"unit":"g"}}]',
      "above",
    ],
    ["below it", '"referenceRange":[{"low":{"value":7.01,"unit":"g"}}]', "below"],
    ["at its very end", '"referenceRange":[{"high":{"value":7,"unit":"g"}}]', "usual"],
    ["a range without a unit is in the value's", '"referenceRange":[{"high":{"value":6}}]', "above"],
    ["never across units", '"referenceRange":[{"high":{"value":6,"unit":"mg"}}]', null],
    [
      "never of several ranges",
      '"referenceRange":[{"high":{"value":6,"unit":"g"}},{"high":{"value":9,"unit":"g"}}]',
      null,
    ],
    [
      "never for an age",
      '"referenceRange":[{"high":{"value":6,"unit":"g"},"age":{"low":{"value":60,"unit":"a"}}}]',
      null,
    ],
    [
      "never for some people",
      '"referenceRange":[{"high":{"value":6,"unit":"g"},"appliesTo":[{"text":"children"}]}]',
      null,
    ],
    [
      "never past a foreign mark",
      '"interpretation":[{"text":"see note"}],"referenceRange":[{"high":{"value":6,"unit":"g"}}]',
      null,
    ],
    ["none without a range", '"status":"final"', null],
    [
      "H of another code system is no mark of ours",
      '"interpretation":[{"coding":[{"system":"http://x","code":"H"}]}]',
      null,
    ],
  ])("%s", (_, more, flag) => {
    expect(value(more)).toBe(flag)
  })
  test("never of a value with a comparator", () => {
    const node = object(
      '{"valueQuantity":{"value":7,"comparator":"<","unit":"g"},"referenceRange":[{"high":{"value":6,"unit":"g"}}]}',
    )
    expect(resultOf(node).flag).toBeNull()
  })
})

describe("what must be read first", () => {
  test.each([
    ["entered by mistake", '{"status":"entered-in-error"}', ["mistake"]],
    ["by its verification", '{"verificationStatus":{"coding":[{"code":"entered-in-error"}]}}', ["mistake"]],
    ["ruled out", '{"verificationStatus":{"coding":[{"code":"refuted"}]}}', ["refuted"]],
    ["called off", '{"status":"cancelled"}', ["calledOff"]],
    ["not done", '{"status":"not-done"}', ["notDone"]],
    ["not taken", '{"status":"not-taken"}', ["notTaken"]],
    ["must not", '{"doNotPerform":true}', ["doNot"]],
    ["early", '{"status":"preliminary"}', ["early"]],
    ["a modifier deep inside", '{"dosageInstruction":[{"modifierExtension":[{"url":"x"}]}]}', ["modifier"]],
    ["false is not true", '{"doNotPerform":false}', []],
    ["a word is not true", '{"doNotPerform":"true"}', []],
    ["nothing", '{"status":"final"}', []],
  ])("%s", (_, text, names) => {
    expect(seriousOf(object(text))).toEqual(names)
  })
  test("it is said in words", () => {
    expect(reading(sample("aspirin"))).toContain(en.fhir.serious.doNot)
  })
})

describe("a field of another shape is shown raw, the others as ever", () => {
  test.each([
    ["a text where a concept belongs", '"code":"HbA1c"', "HbA1c"],
    ["a text where a number belongs", '"valueQuantity":{"value":"6.30","unit":"%"}', "6.30"],
    ["a number where a text belongs", '"status":7.00', "7.00"],
    ["an object where a list belongs", '"category":{"coding":{"code":"odd"}}', "odd"],
    ["a value nobody knows", '"valueWonder":{"deep":["kept"]}', "kept"],
    ["a member nobody knows", '"x-unknown":{"deep":1.50}', "1.50"],
    ["null", '"note":null', "null"],
    ["an empty object", '"method":{}', en.record.emptyObject],
    ["a member named __proto__", '"__proto__":{"polluted":"yes"}', "yes"],
    ["a member named constructor", '"constructor":"odd"', "odd"],
  ])("%s", (_, member, expected) => {
    const text = `{"resourceType":"Observation",${member},"issued":"2026-03-14T10:00:00Z"}`
    expect(reading(object(text))).toContain(expected)
    expect(reading(object(text))).toContain("14 March 2026")
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined()
  })
  test.each([
    "{}",
    '{"resourceType":7}',
    '{"resourceType":"__proto__"}',
    '{"resourceType":"toString"}',
    '{"resourceType":"Patient","name":"Amina"}',
  ])("%s does not throw", (text) => {
    expect(() => reading(object(text))).not.toThrow()
  })
})

test("A30: no markup of a record becomes an element", () => {
  const attack =
    '<img src=x onerror=alert(1)><script>alert(1)</script><a href=\\"javascript:alert(1)\\">x</a>'
  const text = resources
    .join("\n")
    .replaceAll(/"(text|display|title|description)": "[^"]*"/g, `"$1": "${attack}"`)
  for (const each of text.split(/\n(?=\{)/)) {
    let node: Node
    try {
      node = parseJSON(each)
    } catch {
      continue
    }
    if (node.kind !== "object") continue
    const html = render(Reading, { props: { node, say } }).body
    expect(html).not.toMatch(/<img|<script|<iframe|<a href="javascript/i)
  }
})

test("every element that a view names has words, and no label is without an element", () => {
  const names = new Set<string>()
  const walk = (spec: Spec): void => {
    for (const [name, how] of Object.entries(spec)) {
      names.add(name.replace("[x]", ""))
      if (typeof how === "object") walk(how)
    }
  }
  Object.values(specs).forEach(walk)
  walk(parts.repeat)
  expect([...names].filter((name) => labelOf(name) === undefined)).toEqual([])
})

test("a code system has its name, or is named by its address", () => {
  expect(systemName("http://loinc.org")).toBe("LOINC")
  expect(systemName("http://terminology.hl7.org/CodeSystem/v3-ActCode")).toBe("HL7")
  expect(systemName("https://evil.example/hl7.org/")).toBe("https://evil.example/hl7.org/")
  expect(systemName("toString")).toBe("toString")
})

const data = process.env["ANAMNESIS_DATA"] ?? join(import.meta.dirname, "../../../shared/data")

describe.each(["fhir-r4-examples", "fhir-synthea", "ips/samples"])("public samples: %s", (topic) => {
  const folder = join(data, topic)
  const there = existsSync(folder)
  test.skipIf(!there)(
    there
      ? "every leaf of every file is shown"
      : `third-party samples not found at ${folder}; set ANAMNESIS_DATA`,
    () => {
      const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
        name.endsWith(".json"),
      )
      let resourcesRead = 0
      for (const file of files) {
        let node: Node
        try {
          node = parseJSON(readFileSync(join(folder, file), "utf8"))
        } catch {
          continue // not JSON: the core refuses it
        }
        if (node.kind !== "object") continue
        for (const resource of taken(node)) {
          resourcesRead++
          expect(missing(resource), file).toEqual([])
        }
      }
      console.log(`${topic}: ${String(files.length)} files, ${String(resourcesRead)} resources`)
      expect(resourcesRead).toBeGreaterThan(0)
    },
    300_000,
  )
})

/** What an import makes of a file: a Bundle's entries, or the resource. At most 150 of one file, spread over it. */
function taken(node: ObjectNode): readonly ObjectNode[] {
  const entry = node.members.find(({ key }) => key === "entry")?.value
  if (entry?.kind !== "array") return [node]
  const all = entry.items.flatMap((item) => {
    const resource =
      item.kind === "object" ? item.members.find(({ key }) => key === "resource")?.value : undefined
    return resource?.kind === "object" ? [resource] : []
  })
  const step = Math.max(1, Math.floor(all.length / 150))
  return all.filter((_, place) => place % step === 0)
}
