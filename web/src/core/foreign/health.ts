/** Apple Health: export.xml, read as it streams. Of each kind of measurement that is known here, the newest come in. */
import type { Note } from "./found.ts"
import { perKindMax, recordsMax } from "./limits.ts"
import { type Measurement, digitsOf, observation } from "./made.ts"
import { type Attributes, type Handler, TagReader } from "./xml.ts"
import { Refused } from "./refused.ts"

interface Kind {
  readonly loinc: string
  readonly display: string
  readonly vital: boolean
  /** Written as a part of one though the unit says percent. */
  readonly fraction?: true
}

const prefix = "HKQuantityTypeIdentifier"
const kinds: Readonly<Record<string, Kind>> = {
  BodyMass: { loinc: "29463-7", display: "Body weight", vital: true },
  Height: { loinc: "8302-2", display: "Body height", vital: true },
  BodyMassIndex: { loinc: "39156-5", display: "Body mass index (BMI) [Ratio]", vital: true },
  BodyFatPercentage: {
    loinc: "41982-0",
    display: "Percentage of body fat Measured",
    vital: false,
    fraction: true,
  },
  WaistCircumference: {
    loinc: "8280-0",
    display: "Waist Circumference at umbilicus by Tape measure",
    vital: false,
  },
  HeartRate: { loinc: "8867-4", display: "Heart rate", vital: true },
  RestingHeartRate: { loinc: "40443-4", display: "Heart rate --resting", vital: true },
  HeartRateVariabilitySDNN: {
    loinc: "80404-7",
    display: "R-R interval.standard deviation (Heart rate variability)",
    vital: false,
  },
  BloodPressureSystolic: { loinc: "8480-6", display: "Systolic blood pressure", vital: true },
  BloodPressureDiastolic: { loinc: "8462-4", display: "Diastolic blood pressure", vital: true },
  OxygenSaturation: {
    loinc: "59408-5",
    display: "Oxygen saturation in Arterial blood by Pulse oximetry",
    vital: true,
    fraction: true,
  },
  BodyTemperature: { loinc: "8310-5", display: "Body temperature", vital: true },
  RespiratoryRate: { loinc: "9279-1", display: "Respiratory rate", vital: true },
  BloodGlucose: { loinc: "", display: "Glucose in Blood", vital: false },
  PeakExpiratoryFlowRate: {
    loinc: "33452-4",
    display: "Maximum expiratory gas flow Respiratory system airway",
    vital: false,
  },
  StepCount: { loinc: "55423-8", display: "Number of steps in unspecified time Pedometer", vital: false },
}

const ucum: Readonly<Record<string, string>> = {
  "count/min": "/min",
  count: "{count}",
  mmHg: "mm[Hg]",
  "%": "%",
  kg: "kg",
  g: "g",
  lb: "[lb_av]",
  cm: "cm",
  m: "m",
  in: "[in_i]",
  ft: "[ft_i]",
  degC: "Cel",
  degF: "[degF]",
  "mg/dL": "mg/dL",
  "mmol<180.1558800000541>/L": "mmol/L",
  "L/min": "L/min",
  ms: "ms",
}

/** "2026-03-05 07:12:33 +0100" as FHIR has it, or "" for anything else. */
export function instant(text: string): string {
  const found = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/.exec(text)
  if (found === null) return ""
  const [, day = "", time = "", hours = "", minutes = ""] = found
  return `${day}T${time}${hours}:${minutes}`
}

/** A decimal number times 100, on its digits: 0.975 is 97.5. */
export function hundredfold(digits: string): string {
  const [, sign = "", units = "", parts = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(digits) ?? []
  const all = units + parts.padEnd(2, "0")
  const at = units.length + 2
  const left = all.slice(0, at).replace(/^0+(?=\d)/, "")
  const right = all.slice(at)
  return sign + left + (right === "" ? "" : `.${right}`)
}

interface Kept {
  readonly when: number
  readonly m: Measurement
}

export class HealthReader implements Handler {
  readonly #tags = new TagReader(this, "skip")
  readonly #kept = new Map<string, Kept[]>()
  readonly #counts = new Map<string, number>()
  #inside = 0
  #root = ""
  others = 0

  take(text: string): void {
    this.#tags.take(text)
  }

  open(name: string, attributes: () => Attributes): void {
    if (this.#root === "") {
      this.#root = name
      if (name !== "HealthData") throw new Refused("import/health", name.slice(0, 40))
    }
    // The parts of a correlation stand once more beside it.
    if (name === "Correlation") this.#inside += 1
    if (name === "Record" && this.#inside === 0) this.#record(attributes())
  }

  close(name: string): void {
    if (name === "Correlation") this.#inside -= 1
  }

  #record(a: Attributes): void {
    const type = a.get("type") ?? ""
    const name = type.startsWith(prefix) ? type.slice(prefix.length) : ""
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    const at = instant(a.get("startDate") ?? "")
    const digits = digitsOf(a.get("value") ?? "")
    const when = Date.parse(at)
    if (kind === undefined || digits === null || Number.isNaN(when)) {
      this.others += 1
      return
    }
    const unit = a.get("unit") ?? ""
    const percent = kind.fraction === true && unit === "%" && Math.abs(Number(digits)) <= 1
    const loinc = name === "BloodGlucose" ? (unit === "mg/dL" ? "2339-0" : "15074-8") : kind.loinc
    const list = this.#kept.get(name) ?? []
    this.#kept.set(name, list)
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
    list.push({
      when,
      m: {
        at,
        code: { loinc, display: kind.display },
        what: kind.display,
        number: {
          digits: percent ? hundredfold(digits) : digits,
          comparator: "",
          unit: unit.replace(/<[\d.]+>/, ""),
          ucum: Object.hasOwn(ucum, unit) ? (ucum[unit] ?? "") : "",
        },
        words: "",
        device: (a.get("sourceName") ?? "").slice(0, 80),
        vital: kind.vital,
      },
    })
    if (list.length >= 2 * perKindMax) this.#kept.set(name, newest(list))
  }

  /** What came in, as NDJSON, and what to say of it. @throws Refused import/health-none, import/xml when it is cut off */
  async end(): Promise<{ lines: string; notes: Note[] }> {
    this.#tags.end()
    const notes: Note[] = []
    const lines = new Set<string>()
    for (const [name, list] of this.#kept) {
      const total = this.#counts.get(name) ?? 0
      for (const { m } of newest(list))
        if (lines.size < recordsMax - 1) lines.add(await observation(m, "apple-health"))
      if (total > perKindMax)
        notes.push({
          code: "health-newest",
          detail: `${kinds[name]?.display ?? name}: ${String(perKindMax)} / ${String(total)}`,
        })
    }
    if (lines.size === 0) throw new Refused("import/health-none")
    if (this.others > 0) notes.push({ code: "health-others", detail: String(this.others) })
    return { lines: [...lines, ""].join("\n"), notes }
  }
}

function newest(list: readonly Kept[]): Kept[] {
  return list.toSorted((a, b) => b.when - a.when).slice(0, perKindMax)
}
