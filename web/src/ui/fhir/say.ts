import type { Label } from "./labels.ts"
import type { Flag, Result } from "./result.ts"
import type { Every } from "./values.ts"

/** The words that a readable record needs; the catalog's "fhir" and "record" have them. */
export interface FhirWords {
  readonly labels: Readonly<Record<Label, string>>
  readonly codes: Readonly<Record<string, string>>
  readonly periods: Readonly<Record<string, (n: string) => string>>
  readonly every: (times: string, period: string) => string
  readonly between: Readonly<Record<"to" | "per" | "", string>>
  readonly from: (date: string) => string
  readonly until: (date: string) => string
  readonly span: (from: string, to: string) => string
  readonly at: (date: string, time: string) => string
  readonly yes: string
  readonly no: string
  readonly flags: Readonly<Record<Flag, string>>
  readonly usual: (range: string) => string
  readonly noValue: string
  readonly noValueWhy: (why: string) => string
  readonly serious: Readonly<Record<string, string>>
  readonly others: (n: number) => string
  readonly inside: string
  readonly entries: (n: number) => string
  readonly file: Readonly<
    Record<
      "elsewhere" | "save" | "show" | "broken" | "picture" | "notShown" | "notBase64" | "named" | "cut",
      string
    >
  >
}

export interface TreeWords {
  readonly plainText: string
  readonly asReceived: string
  readonly emptyText: string
  readonly emptyObject: string
  readonly emptyList: string
  readonly entry: (n: number) => string
  readonly moreEntries: (n: number) => string
  readonly rest: string
}

/** What a reference means: a part of the same record, or another record of the folder. */
export interface Found {
  /** Its address, "" for a part of the same record. */
  readonly to: string
  readonly name: string
  /** What it measured, when it is a test result. */
  readonly result: Result | null
}

/** How the page says what a record holds, in the language on screen. */
export interface Say {
  readonly words: FhirWords
  readonly tree: TreeWords
  /** A FHIR date as received, as words for its day, month or year. */
  readonly date: (received: string) => string
  readonly size: (bytes: number) => string
  /** What a reference means, when it is known here. */
  readonly found: (reference: string) => Found | undefined
  /** No codes beside the words: for a page that only sums up. */
  readonly brief?: boolean
  /** Decodes a picture away from the page and its keys. */
  readonly picture: (bytes: Uint8Array, mediaType: string) => Promise<ImageBitmap>
}

const own = <T>(of: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined

/** The words for a code of FHIR itself, or the code as received. */
export function sayCode(say: Say, code: string): string {
  return own(say.words.codes, code) ?? code
}

/** Day and, where one was received, time of day, as the author's clock gave them. */
export function sayWhen(say: Say, received: string): string {
  const time = /^\d{4}-\d{2}-\d{2}T(\d{2}:\d{2})/.exec(received)?.[1]
  const date = say.date(received)
  return time === undefined ? date : say.words.at(date, time)
}

export function saySpan(say: Say, from: string, to: string): string {
  const { words } = say
  if (to === "") return words.from(sayWhen(say, from))
  return from === "" ? words.until(sayWhen(say, to)) : words.span(sayWhen(say, from), sayWhen(say, to))
}

export function sayEvery(say: Say, every: Every): string {
  const { words } = say
  const upTo = (from: string, to: string) => (to === "" || to === from ? from : `${from}–${to}`)
  const period = upTo(every.period, every.periodMax)
  const unit = own(words.periods, every.unit)
  return words.every(
    upTo(every.times, every.timesMax),
    unit === undefined ? `${period} ${every.unit}` : unit(period),
  )
}

/** Code systems that a person may have heard of; any other is named by its address, as received. */
const systems: Readonly<Record<string, string>> = {
  "http://loinc.org": "LOINC",
  "http://snomed.info/sct": "SNOMED CT",
  "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
  "http://hl7.org/fhir/sid/icd-10": "ICD-10",
  "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
  "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
  "http://id.who.int/icd/release/11/mms": "ICD-11",
  "http://hl7.org/fhir/sid/cvx": "CVX",
  "http://hl7.org/fhir/sid/ndc": "NDC",
  "http://www.whocc.no/atc": "ATC",
  "http://www.ama-assn.org/go/cpt": "CPT",
  "http://unitsofmeasure.org": "UCUM",
  "http://dicom.nema.org/resources/ontology/DCM": "DICOM",
  "http://standardterms.edqm.eu": "EDQM",
  "urn:ietf:bcp:47": "BCP 47",
  "urn:iso:std:iso:3166": "ISO 3166",
  "urn:iso:std:iso:11073:10101": "ISO 11073",
}

export function systemName(system: string): string {
  const known = own(systems, system)
  if (known !== undefined) return known
  return /^https?:\/\/(?:terminology\.)?hl7\.org\//.test(system) ? "HL7" : system
}
