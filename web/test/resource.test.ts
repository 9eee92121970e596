import { describe, expect, test } from "vitest"
import {
  allergy,
  bloodPressure,
  documentReference,
  measureNames,
  measurement,
  measures,
  medicine,
  otherMeasurement,
  typedDecimal,
} from "#ui/resource.ts"

const people = { subject: 'Amina "the first" \u202e', author: "Dr. Lin" }
const kg = measures.weight.units[0]

describe("a number as typed", () => {
  test.each([
    ["72.5", "72.5"],
    ["72,50", "72.50"],
    ["072", "72"],
    ["0.10", "0.10"],
    ["000", "0"],
    ["-3", "-3"],
    ["\u22123", "-3"],
    ["+3", "3"],
    [" 7 ", "7"],
    ["٧٢٫٥", "72.5"],
    ["۷۲,۵", "72.5"],
    ["123456789.123456", "123456789.123456"],
  ])("%j is %s", (typed, want) => {
    expect(typedDecimal(typed)).toBe(want)
    expect(Number.isFinite(JSON.parse(want))).toBe(true)
  })
  test.each([
    "",
    ".",
    "1.",
    ".5",
    "1e9",
    "1,2,3",
    "1 000",
    "0x10",
    "NaN",
    "Infinity",
    "12a",
    "--1",
    "1234567890",
    "1.1234567",
    "١٬٠٠٠",
    '1}, "x": {',
  ])("%j is no number", (typed) => {
    expect(typedDecimal(typed)).toBeNull()
  })
})

describe("resources", () => {
  test("a weight keeps its digits and has LOINC and UCUM codes", () => {
    const text = measurement("weight", "Weight", "72.50", kg, "2026-03-04", people)
    expect(text).toContain('"value":72.50,')
    expect(JSON.parse(text)).toEqual({
      resourceType: "Observation",
      status: "final",
      category: [
        {
          coding: [
            {
              system: "http://terminology.hl7.org/CodeSystem/observation-category",
              code: "vital-signs",
            },
          ],
        },
      ],
      code: {
        coding: [{ system: "http://loinc.org", code: "29463-7", display: "Body weight" }],
        text: "Weight",
      },
      subject: { display: people.subject },
      effectiveDateTime: "2026-03-04",
      performer: [{ display: "Dr. Lin" }],
      valueQuantity: { value: 72.5, unit: "kg", system: "http://unitsofmeasure.org", code: "kg" },
    })
  })

  test("blood sugar is another test in another unit", () => {
    const codeIn = (place: 0 | 1) => {
      const parsed = JSON.parse(
        measurement("glucose", "Sugar", "5", measures.glucose.units[place], "2026-03-04", people),
      ) as { code: { coding: { code: string }[] } }
      return parsed.code.coding[0]?.code
    }
    expect([codeIn(0), codeIn(1)]).toEqual(["2339-0", "15074-8"])
  })

  test("blood pressure is a panel of two", () => {
    const bp = JSON.parse(bloodPressure("BP", "120", "80", "2026-03-04", people)) as {
      component: { code: { coding: { code: string }[] }; valueQuantity: { value: number; code: string } }[]
      valueQuantity?: unknown
    }
    expect(bp.component.map((part) => [part.code.coding[0]?.code, part.valueQuantity])).toEqual([
      ["8480-6", { value: 120, unit: "mmHg", system: "http://unitsofmeasure.org", code: "mm[Hg]" }],
      ["8462-4", { value: 80, unit: "mmHg", system: "http://unitsofmeasure.org", code: "mm[Hg]" }],
    ])
    expect(bp.valueQuantity).toBeUndefined()
  })

  test("what nobody knows a code for has none", () => {
    const text = otherMeasurement("Steps", "8000", "steps", "2026-03-04", { subject: "", author: "" })
    expect(text).not.toContain("coding")
    expect(text).not.toContain("unitsofmeasure")
    expect(text).not.toContain("subject")
    expect(text).not.toContain("performer")
  })

  test("what was left empty is not written", () => {
    const text = medicine({ name: "Metformin", dose: "", taking: false, since: "" }, "2026-03-04", people)
    expect(JSON.parse(text)).toMatchObject({ status: "completed", dateAsserted: "2026-03-04" })
    expect(text).not.toMatch(/dosage|effective/)
    expect(allergy({ to: "Nuts", reaction: "", severity: "" }, "2026-03-04", people)).not.toContain(
      "reaction",
    )
  })

  test("a document is described without a URL", () => {
    const about = { title: "Letter", fileName: "a.pdf", mediaType: "application/pdf", size: 12, day: "" }
    const text = documentReference(about, "2026-03-04T10:00:00Z", people)
    expect(JSON.parse(text)).toMatchObject({
      content: [{ attachment: { contentType: "application/pdf", size: 12, title: "a.pdf" } }],
    })
    expect(text).not.toMatch(/url|creation/)
  })

  test("nothing typed leaves its string", () => {
    const nasty = '"},"resourceType":"Patient","x":{"y":"\\\u2028\ud800'
    for (const text of [
      medicine({ name: nasty, dose: nasty, taking: true, since: "" }, "2026-03-04", people),
      allergy({ to: nasty, reaction: nasty, severity: "mild" }, "2026-03-04", people),
      otherMeasurement(nasty, "1", nasty, "2026-03-04", { subject: nasty, author: nasty }),
      documentReference({ title: nasty, fileName: nasty, mediaType: nasty, size: 1, day: "" }, "x", people),
    ]) {
      const parsed = JSON.parse(text) as { resourceType: string; x?: unknown }
      expect(parsed.resourceType).not.toBe("Patient")
      expect(parsed.x).toBeUndefined()
    }
  })

  test("every measure has a code and a unit", () => {
    expect([...measureNames].sort()).toEqual(Object.keys(measures).sort())
    for (const { codes, units } of Object.values(measures)) {
      expect(units.length).toBeGreaterThan(0)
      expect(
        Object.values(codes)
          .flat()
          .every(({ code }) => /^\d{4,5}-\d$/.test(String(code))),
      ).toBe(true)
    }
  })
})
