/** FHIR that was made here from another format. */

const encoder = new TextEncoder()

export async function sha256(text: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof text === "string" ? encoder.encode(text) : text
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

export interface Measurement {
  /** A date or an instant as FHIR has it. */
  readonly at: string
  readonly code: { readonly loinc: string; readonly display: string } | null
  readonly what: string
  /** Digits as received, or null when value is words. */
  readonly number: {
    readonly digits: string
    readonly comparator: string
    readonly unit: string
    readonly ucum: string
  } | null
  readonly words: string
  readonly device: string
  readonly vital: boolean
}

/** Who made it: part of each record, so that it is known for what it is even outside this app. */
const tagOf = (format: string) => [{ system: "urn:anamnesis:converted-from", code: format }]

/**
 * An Observation as JSON, with the digits as received. The same measurement makes the same bytes in every file, so that
 * a later export is recognized.
 */
export async function observation(m: Measurement, format: string): Promise<string> {
  const value =
    m.number === null
      ? `"valueString":${JSON.stringify(m.words)}`
      : `"valueQuantity":{"value":${m.number.digits}${m.number.comparator === "" ? "" : `,"comparator":${JSON.stringify(m.number.comparator)}`}${m.number.unit === "" ? "" : `,"unit":${JSON.stringify(m.number.unit)}`}${m.number.ucum === "" ? "" : `,"system":"http://unitsofmeasure.org","code":${JSON.stringify(m.number.ucum)}`}}`
  const coding =
    m.code === null
      ? {}
      : { coding: [{ system: "http://loinc.org", code: m.code.loinc, display: m.code.display }] }
  const category = m.vital
    ? `"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],`
    : ""
  const device = m.device === "" ? "" : `,"device":${JSON.stringify({ display: m.device })}`
  const rest = `"status":"final",${category}"code":${JSON.stringify({ ...coding, text: m.what })},"effectiveDateTime":${JSON.stringify(m.at)},${value}${device}}`
  const id = (await sha256(rest)).slice(0, 32)
  return `{"resourceType":"Observation","id":"${id}","meta":${JSON.stringify({ tag: tagOf(format) })},${rest}`
}

/** Digits of a decimal number as JSON has it, or null: 007 and 1. are none, 1,5 is 1.5. */
export function digitsOf(text: string): string | null {
  const plain = text.trim().replace(",", ".")
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(plain) && plain.length <= 30 ? plain : null
}
