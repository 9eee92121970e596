import { expect, describe, test } from "vitest"
import { resources } from "./fake-records.ts"
import { type Dot, thinned, ticks } from "#ui/chart.ts"
import { resourceIn } from "#ui/fhir/open.ts"
import { isTarget, referencesIn, targetOf } from "#ui/fhir/refs.ts"
import { isMeasured, resultOf } from "#ui/fhir/result.ts"
import { sections, summed } from "#ui/fhir/summary.ts"
import { newestFirst, type Reading, sameTest, seriesOf, timeOf } from "#ui/fhir/trend.ts"

const node = (text: string) => {
  const found = resourceIn(new TextEncoder().encode(text))
  if (found === null) throw new Error(text)
  return found
}
const result = (more: string) =>
  resultOf(
    node(
      `{"resourceType":"Observation","code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]},${more}}`,
    ),
  )
const reading = (record: string, day: string, value: string, unit: string, more = ""): Reading => ({
  record,
  result: result(`"effectiveDateTime":"${day}","valueQuantity":{"value":${value},"unit":"${unit}"}${more}`),
})

describe("a line", () => {
  test("is in time's order and keeps the digits", () => {
    const [line, ...others] = seriesOf([
      reading("b", "2026-03-14", "6.30", "%"),
      reading("a", "2021", "9.0", "%"),
    ])
    expect(others).toEqual([])
    expect(line?.points.map((point) => [point.record, point.number])).toEqual([
      ["a", "9.0"],
      ["b", "6.30"],
    ])
  })
  test("never mixes units", () => {
    const lines = seriesOf([
      reading("a", "2021", "100", "mg/dL"),
      reading("b", "2022", "5.5", "mmol/L"),
      reading("c", "2023", "6", "mmol/L"),
    ])
    expect(lines.map((line) => [line.unit, line.points.length])).toEqual([
      ["mmol/L", 2],
      ["mg/dL", 1],
    ])
  })
  test("has one for each part of a panel", () => {
    const panel = resources.flatMap((text, place) =>
      text.includes("Blood pressure panel") ? [{ record: String(place), result: resultOf(node(text)) }] : [],
    )
    expect(seriesOf(panel).map((line) => line.name)).toEqual([
      "Systolic blood pressure",
      "Diastolic blood pressure",
    ])
  })
  test.each([
    ["a comparator", '"valueQuantity":{"value":2.5,"comparator":"<","unit":"g"},"effectiveDateTime":"2021"'],
    ["words", '"valueString":"positive","effectiveDateTime":"2021"'],
    ["no date", '"valueQuantity":{"value":2.5,"unit":"g"}'],
    ["no real date", '"valueQuantity":{"value":2.5,"unit":"g"},"effectiveDateTime":"yesterday"'],
    ["no finite number", '"valueQuantity":{"value":1e999,"unit":"g"},"effectiveDateTime":"2021"'],
    [
      "a mistake",
      '"status":"entered-in-error","valueQuantity":{"value":2.5,"unit":"g"},"effectiveDateTime":"2021"',
    ],
    [
      "called off",
      '"status":"cancelled","valueQuantity":{"value":2.5,"unit":"g"},"effectiveDateTime":"2021"',
    ],
    ["nothing", '"status":"final"'],
  ])("leaves to the table: %s", (_, more) => {
    expect(seriesOf([{ record: "a", result: result(more) }])).toEqual([])
  })
  test("is shaded by the newest result's one range, in its own unit", () => {
    const range = (high: string, unit: string) =>
      `,"referenceRange":[{"high":{"value":${high},"unit":"${unit}"}}]`
    const lines = (last: string) =>
      seriesOf([reading("a", "2021", "5", "g", range("4", "g")), reading("b", "2022", "6", "g", last)])
    expect(lines(range("5.50", "g"))[0]).toMatchObject({ low: null, high: 5.5 })
    expect(lines(range("5.50", "mg"))[0]).toMatchObject({ low: null, high: null })
    expect(lines("")[0]).toMatchObject({ low: null, high: null })
  })
})

test("newest first, those without a date last", () => {
  const all = [
    reading("a", "2021", "1", "g"),
    reading("none", "", "1", "g"),
    reading("c", "2023-05", "1", "g"),
  ]
  expect(newestFirst(all).map((each) => each.record)).toEqual(["c", "a", "none"])
})

test.each([
  ["2021", Date.UTC(2021, 0, 1)],
  ["2021-03", Date.UTC(2021, 2, 1)],
  ["2021-03-04T10:00:00+01:00", Date.UTC(2021, 2, 4, 9)],
  ["5", NaN],
  ["March 4, 2021", NaN],
  ["2021-13", NaN],
  ["", NaN],
])("the time of %j", (text, ms) => {
  expect(timeOf(text)).toBe(ms)
})

describe("one test", () => {
  const of = (code: string) => resultOf(node(`{"code":${code}}`))
  test.each([
    [
      "by any code that both bear",
      '{"coding":[{"system":"s","code":"1"},{"system":"l","code":"2"}]}',
      '{"coding":[{"system":"l","code":"2"}]}',
      true,
    ],
    [
      "not by code alone",
      '{"coding":[{"system":"s","code":"1"}]}',
      '{"coding":[{"system":"l","code":"1"}]}',
      false,
    ],
    ["by name where neither is coded", '{"text":"HbA1c"}', '{"text":"HBA1C"}', true],
    [
      "not by name where one is coded",
      '{"text":"HbA1c"}',
      '{"text":"HbA1c","coding":[{"system":"l","code":"2"}]}',
      false,
    ],
    ["not by having no name", "{}", "{}", false],
  ])("%s", (_, one, other, same) => {
    expect(sameTest(of(one), of(other))).toBe(same)
  })
})

describe("the drawing", () => {
  const wave = (count: number): Dot[] =>
    Array.from({ length: count }, (_, i) => ({ at: i * 1000, value: Math.sin(i / 50) * 10, hollow: false }))
  test("of 50,000 dots has at most four for each column, keeps order, ends, lowest and highest", () => {
    const dots = wave(50_000)
    dots[31_234] = { at: 31_234_000, value: 99, hollow: true }
    dots[31_235] = { at: 31_235_000, value: -99, hollow: true }
    const few = thinned(dots, 300)
    expect(few.length).toBeLessThanOrEqual(1204)
    expect(few[0]).toBe(dots[0])
    expect(few.at(-1)).toBe(dots.at(-1))
    expect(few).toContain(dots[31_234])
    expect(few).toContain(dots[31_235])
    expect(few.every((dot, i) => i === 0 || dot.at >= (few[i - 1]?.at ?? 0))).toBe(true)
  })
  test("of few is all of them", () => {
    const dots = wave(10)
    expect(thinned(dots, 300)).toBe(dots)
    expect(thinned([], 300)).toEqual([])
  })
  test("of many at one moment does not divide by nothing", () => {
    const dots = Array.from({ length: 5000 }, (_, i) => ({ at: 7, value: i, hollow: false }))
    expect(thinned(dots, 100).length).toBeGreaterThan(0)
  })
  test.each([
    [4, 9, 4, [4, 6, 8, 10]],
    [0.1, 0.35, 4, [0.1, 0.2, 0.3, 0.4]],
    [-5, 5, 2, [-5, 0, 5]],
    [3, 3, 4, [3]],
    [0, Infinity, 4, [0]],
  ])("has round marks from %d to %d", (low, high, count, expected) => {
    expect(ticks(low, high, count)).toEqual(expected)
  })
})

describe("references", () => {
  test.each([
    ["Observation/f206", { type: "Observation", id: "f206" }],
    ["https://clinic.example/fhir/Observation/f206/_history/2", { type: "Observation", id: "f206" }],
    [
      "urn:uuid:3fdc72f4-a11d-4a9d-9260-a9f745779e1d",
      { type: "", id: "3fdc72f4-a11d-4a9d-9260-a9f745779e1d" },
    ],
    ["#med1", null],
    ["https://clinic.example/", null],
    ["javascript:alert(1)", null],
    ["", null],
  ])("%s", (text, target) => {
    expect(targetOf(text)).toEqual(target)
  })
  test("are found once each, in order, up to a bound", () => {
    const report = node(
      '{"result":[{"reference":"Observation/a"},{"reference":"Observation/b"},{"reference":"Observation/a"},{"reference":"#x"},{"reference":7}],"subject":{"reference":"Patient/p"}}',
    )
    expect(referencesIn(report, 100)).toEqual(["Observation/a", "Observation/b", "Patient/p"])
    expect(referencesIn(report, 1)).toEqual(["Observation/a"])
  })
  test("mean a record of that type and id", () => {
    const a = node('{"resourceType":"Observation","id":"a"}')
    expect(isTarget(a, { type: "Observation", id: "a" })).toBe(true)
    expect(isTarget(a, { type: "", id: "a" })).toBe(true)
    expect(isTarget(a, { type: "Patient", id: "a" })).toBe(false)
    expect(isTarget(node("{}"), { type: "", id: "" })).toBe(false)
  })
})

describe("the summary", () => {
  const of = (id: string) => {
    const text = resources.find((each) => each.includes(`"id": "${id}"`)) ?? ""
    return summed(node(text))
  }
  test.each([
    ["diabetes", "now"],
    ["asthma", "out"],
    ["penicillin", "now"],
    ["metformin", "now"],
    ["vitamin", "out"],
    ["appendix", "past"],
  ])("%s is %s", (id, state) => {
    expect(of(id)?.state).toBe(state)
  })
  test("says what must not be taken", () => {
    expect(of("aspirin")?.forbidden).toBe(true)
    expect(of("metformin")?.forbidden).toBe(false)
  })
  test("has no place for other types, and shows nothing raw", () => {
    expect(of("claim")).toBeNull()
    const odd = summed(node('{"resourceType":"Condition","onsetDateTime":7,"clinicalStatus":"active"}'))
    expect(odd?.lines).toEqual([])
    expect(odd?.state).toBe("past")
  })
  test("reads in the order problems, allergies, medicines, vaccines, results, procedures", () => {
    expect(sections.map(([name]) => name)).toEqual([
      "problems",
      "allergies",
      "medicines",
      "vaccines",
      "results",
      "procedures",
    ])
  })
})

test("an answer about a life is no test", () => {
  const of = (code: string) =>
    result(
      `"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"${code}"}]}],"valueString":"x"`,
    )
  expect(isMeasured(of("laboratory"))).toBe(true)
  expect(isMeasured(of("social-history"))).toBe(false)
  expect(isMeasured(result('"status":"final"'))).toBe(false)
})
