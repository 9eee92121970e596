/** The results of one test over time: what may share a line, in which order, and what only a table can hold. */
import type { Flag, Result, UsualRange } from "./result.ts"

/** One Observation of the folder. */
export interface Reading {
  readonly record: string
  readonly result: Result
}

export interface Point {
  readonly record: string
  /** ms since 1970 of what was received as when. */
  readonly at: number
  readonly when: string
  readonly value: number
  /** The digits as received. */
  readonly number: string
  readonly flag: Flag | null
}

/** Points of one name and one unit, oldest first: units are never mixed in a line. */
export interface Series {
  readonly name: string
  readonly unit: string
  readonly points: readonly Point[]
  readonly low: number | null
  readonly high: number | null
}

/** ms since 1970 of a FHIR date; a year or a month begins it. NaN for anything else. */
export function timeOf(received: string): number {
  return /^\d{4}(?:-\d{2}){0,2}(?:$|T)/.test(received) ? Date.parse(received) : NaN
}

/** Whether two results are of one test: a code that both bear, or, where neither has one, the same name. */
export function sameTest(one: Result, other: Result): boolean {
  const coded = (result: Result) => result.codes.filter((code) => code.code !== "")
  const [mine, theirs] = [coded(one), coded(other)]
  if (mine.length === 0 && theirs.length === 0)
    return one.name !== "" && one.name.toLowerCase() === other.name.toLowerCase()
  return mine.some((a) => theirs.some((b) => a.code === b.code && a.system === b.system))
}

/** A result is not drawn when it was entered by mistake or called off; the table shows it with its state. */
export const stands = (result: Result): boolean =>
  result.status !== "entered-in-error" && result.status !== "cancelled"

function pointOf(record: string, result: Result, when: string): Point | null {
  const { amount } = result
  const at = timeOf(when)
  if (amount?.comparator !== "" || Number.isNaN(at)) return null
  const value = Number(amount.number)
  return Number.isFinite(value) ? { record, at, when, value, number: amount.number, flag: result.flag } : null
}

const plainRange = (ranges: readonly UsualRange[], unit: string): UsualRange | undefined => {
  const [range] = ranges
  if (range === undefined || ranges.length > 1 || range.about !== "" || range.age !== null) return undefined
  return [range.low, range.high].every((end) => end === null || end.unit === "" || end.unit === unit)
    ? range
    : undefined
}

interface Drawn {
  readonly name: string
  readonly unit: string
  readonly points: Point[]
  newest: Result
  newestAt: number
}

/** The parts of a result that have values of their own: the components of a panel, or the result itself. */
export const partsOf = (result: Result): readonly Result[] =>
  result.amount === null && result.components.length > 0 ? result.components : [result]

/** Every line that readings make, the one with most points first. */
export function seriesOf(readings: readonly Reading[]): readonly Series[] {
  const drawn: Record<string, Drawn> = {}
  for (const { record, result } of readings) {
    if (!stands(result)) continue
    for (const part of partsOf(result)) {
      const point = pointOf(record, part, result.when)
      if (point === null) continue
      const unit = part.amount?.unit ?? ""
      const code = part.codes.find((each) => each.code !== "")
      const key = `${code === undefined ? part.name : `${code.system}|${code.code}`}\n${unit}`
      const line = (drawn[key] ??= { name: part.name, unit, points: [], newest: part, newestAt: -Infinity })
      line.points.push(point)
      if (point.at > line.newestAt) [line.newest, line.newestAt] = [part, point.at]
    }
  }
  return Object.values(drawn)
    .map(({ name, unit, points, newest }): Series => {
      const range = plainRange(newest.ranges, unit)
      const end = (amount: { readonly number: string } | null | undefined) =>
        amount === null || amount === undefined ? null : Number(amount.number)
      return {
        name,
        unit,
        points: points.sort((a, b) => a.at - b.at),
        low: end(range?.low),
        high: end(range?.high),
      }
    })
    .sort((a, b) => b.points.length - a.points.length)
}

/** Readings newest first; those without a date come last. */
export function newestFirst(readings: readonly Reading[]): readonly Reading[] {
  const at = (reading: Reading): number => {
    const time = timeOf(reading.result.when)
    return Number.isNaN(time) ? -Infinity : time
  }
  const timed = readings.map((reading): readonly [number, Reading] => [at(reading), reading])
  return timed.sort(([a], [b]) => (a === b ? 0 : b - a)).map(([, reading]) => reading)
}
