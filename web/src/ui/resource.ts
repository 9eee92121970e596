/**
 * FHIR R4 resources written by hand. Each is made once, as text: these bytes are signed and kept, and nobody makes them
 * again. A number keeps the digits that were typed.
 */

/** A number by its digits, which JSON.stringify would shorten. */
class Digits {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Value = string | Digits | readonly Value[] | { readonly [name: string]: Value | undefined }

/** Members in the order given; those that are undefined, empty or an empty list are left out. */
function json(value: Value): string {
  if (typeof value === "string") return JSON.stringify(value)
  if (value instanceof Digits) return value.text
  if (isList(value)) return `[${value.map(json).join(",")}]`
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined || member === "" || (Array.isArray(member) && member.length === 0)
      ? []
      : [`${JSON.stringify(name)}:${json(member)}`],
  )
  return `{${members.join(",")}}`
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

/** Digits before and after the point that a measurement may have: more than any instrument gives. */
const typedNumber = /^([+-]?)0*(\d{1,9}?)(?:\.(\d{1,6}))?$/

/**
 * A number as typed, with a point or a comma and in Western, Arabic or Persian digits, as JSON writes it; null for
 * anything else. "072,50" is "72.50": the zeros behind the point were meant.
 */
export function typedDecimal(text: string): string | null {
  const plain = text
    .trim()
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
    .replace(/[,\u066b]/, ".")
    .replace(/^\u2212/, "-")
  const [, sign, whole, part] = typedNumber.exec(plain) ?? []
  if (whole === undefined) return null
  return `${sign === "-" ? "-" : ""}${whole}${part === undefined ? "" : `.${part}`}`
}

export interface Unit {
  /** As people write it, and its UCUM code; none for a unit typed by hand. */
  readonly unit: string
  readonly code: string
}

interface Code {
  readonly code: string
  readonly display: string
}

interface Measure {
  readonly category: "vital-signs" | "laboratory"
  /** LOINC codes by unit, where the unit decides; "" for any. */
  readonly codes: Readonly<Record<string, readonly Code[]>>
  readonly units: readonly Unit[]
}

const ucum = "http://unitsofmeasure.org"
const pressureUnit: Unit = { unit: "mmHg", code: "mm[Hg]" }
const upper: Code = { code: "8480-6", display: "Systolic blood pressure" }
const lower: Code = { code: "8462-4", display: "Diastolic blood pressure" }

/** What can be measured at home, with the codes of FHIR's vital signs profiles. */
export const measures = {
  weight: {
    category: "vital-signs",
    codes: { "": [{ code: "29463-7", display: "Body weight" }] },
    units: [
      { unit: "kg", code: "kg" },
      { unit: "lb", code: "[lb_av]" },
    ],
  },
  pressure: {
    category: "vital-signs",
    codes: { "": [{ code: "85354-9", display: "Blood pressure panel with all children optional" }] },
    units: [pressureUnit],
  },
  glucose: {
    category: "laboratory",
    codes: {
      "mg/dL": [{ code: "2339-0", display: "Glucose [Mass/volume] in Blood" }],
      "mmol/L": [{ code: "15074-8", display: "Glucose [Moles/volume] in Blood" }],
    },
    units: [
      { unit: "mg/dL", code: "mg/dL" },
      { unit: "mmol/L", code: "mmol/L" },
    ],
  },
  temperature: {
    category: "vital-signs",
    codes: { "": [{ code: "8310-5", display: "Body temperature" }] },
    units: [
      { unit: "°C", code: "Cel" },
      { unit: "°F", code: "[degF]" },
    ],
  },
  pulse: {
    category: "vital-signs",
    codes: { "": [{ code: "8867-4", display: "Heart rate" }] },
    units: [{ unit: "/min", code: "/min" }],
  },
  oxygen: {
    category: "vital-signs",
    codes: {
      "": [
        { code: "2708-6", display: "Oxygen saturation in Arterial blood" },
        { code: "59408-5", display: "Oxygen saturation in Arterial blood by Pulse oximetry" },
      ],
    },
    units: [{ unit: "%", code: "%" }],
  },
  height: {
    category: "vital-signs",
    codes: { "": [{ code: "8302-2", display: "Body height" }] },
    units: [
      { unit: "cm", code: "cm" },
      { unit: "in", code: "[in_i]" },
    ],
  },
} as const satisfies Record<string, Measure>

export type MeasureName = keyof typeof measures
export const measureNames = [
  "weight",
  "pressure",
  "glucose",
  "temperature",
  "pulse",
  "oxygen",
  "height",
] as const

/** Who a resource is about and who says it, by name: FHIR's display of a reference. */
export interface People {
  readonly subject: string
  readonly author: string
}

const person = (name: string) => (name === "" ? undefined : { display: name })

const loinc = (codes: readonly Code[], text: string) => ({
  coding: codes.map(({ code, display }) => ({ system: "http://loinc.org", code, display })),
  text,
})

const quantity = (value: string, { unit, code }: Unit) => ({
  value: new Digits(value),
  unit,
  system: code === "" ? undefined : ucum,
  code,
})

function observation(
  category: string | undefined,
  code: Value,
  day: string,
  people: People,
  rest: Readonly<Record<string, Value>>,
): string {
  return json({
    resourceType: "Observation",
    status: "final",
    category:
      category === undefined
        ? []
        : [
            {
              coding: [
                { system: "http://terminology.hl7.org/CodeSystem/observation-category", code: category },
              ],
            },
          ],
    code,
    subject: person(people.subject),
    effectiveDateTime: day,
    performer: people.author === "" ? [] : [{ display: people.author }],
    ...rest,
  })
}

/** A measurement of one number. text is what it is called on screen; value is a {@link typedDecimal}. */
export function measurement(
  name: Exclude<MeasureName, "pressure">,
  text: string,
  value: string,
  unit: Unit,
  day: string,
  people: People,
): string {
  const { category, codes } = measures[name]
  const byUnit: Readonly<Record<string, readonly Code[]>> = codes
  const code = byUnit[unit.code] ?? byUnit[""] ?? []
  return observation(category, loinc(code, text), day, people, { valueQuantity: quantity(value, unit) })
}

export function bloodPressure(text: string, high: string, low: string, day: string, people: People): string {
  const { category, codes } = measures.pressure
  const part = (code: Code, value: string) => ({
    code: loinc([code], code.display),
    valueQuantity: quantity(value, pressureUnit),
  })
  return observation(category, loinc(codes[""], text), day, people, {
    component: [part(upper, high), part(lower, low)],
  })
}

/** Anything else that has a number: without codes, as nobody knows them. */
export function otherMeasurement(
  text: string,
  value: string,
  unit: string,
  day: string,
  people: People,
): string {
  return observation(undefined, { text }, day, people, { valueQuantity: quantity(value, { unit, code: "" }) })
}

export interface Medicine {
  readonly name: string
  readonly dose: string
  readonly taking: boolean
  /** A day, or "". */
  readonly since: string
}

export function medicine(m: Medicine, today: string, people: People): string {
  return json({
    resourceType: "MedicationStatement",
    status: m.taking ? "active" : "completed",
    medicationCodeableConcept: { text: m.name },
    subject: person(people.subject),
    effectivePeriod: m.since === "" ? undefined : { start: m.since },
    dateAsserted: today,
    informationSource: person(people.author),
    dosage: m.dose === "" ? [] : [{ text: m.dose }],
  })
}

export interface Allergy {
  readonly to: string
  readonly reaction: string
  readonly severity: "" | "mild" | "moderate" | "severe"
}

export function allergy(a: Allergy, today: string, people: People): string {
  const status = (list: string, code: string) => ({
    coding: [{ system: `http://terminology.hl7.org/CodeSystem/allergyintolerance-${list}`, code }],
  })
  return json({
    resourceType: "AllergyIntolerance",
    clinicalStatus: status("clinical", "active"),
    verificationStatus: status("verification", "unconfirmed"),
    code: { text: a.to },
    patient: person(people.subject),
    recordedDate: today,
    asserter: person(people.author),
    reaction: a.reaction === "" ? [] : [{ manifestation: [{ text: a.reaction }], severity: a.severity }],
  })
}

export interface Described {
  readonly title: string
  readonly fileName: string
  readonly mediaType: string
  readonly size: number
  /** The day of the document, or "". */
  readonly day: string
}

/** What describes a file. The file itself is the record attached to it; no URL is written, as none is ever fetched. */
export function documentReference(d: Described, now: string, people: People): string {
  return json({
    resourceType: "DocumentReference",
    status: "current",
    subject: person(people.subject),
    date: now,
    author: people.author === "" ? [] : [{ display: people.author }],
    description: d.title,
    content: [
      {
        attachment: {
          contentType: d.mediaType,
          size: new Digits(String(d.size)),
          title: d.fileName,
          creation: d.day,
        },
      },
    ],
  })
}
