import { words } from "#i18n/words.svelte.ts"

/** Latin digits in every language, so that what two people compare looks alike. */
const locale = () => `${words.locale}-u-nu-latn-ca-gregory`

/** A moment, ms since 1970, as day and time here. */
export function moment(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(ms)
}

/** A moment's day here. */
export function day(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long" }).format(ms)
}

/** The time alone when the moment is today, else day and time. */
export function clock(ms: number): string {
  const today = new Date().toDateString() === new Date(ms).toDateString()
  return today ? new Intl.DateTimeFormat(locale(), { timeStyle: "short" }).format(ms) : moment(ms)
}

/**
 * A FHIR date as received ("2021", "2021-03", "2021-03-04T…") as words for its day, month or year; anything else
 * comes back as it is. Only what was received is shown: no time zone moves the day.
 */
export function fhirDate(received: string): string {
  const parts = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/.exec(received)
  const [, year, month, day] = parts ?? []
  if (year === undefined) return received
  const at = Date.UTC(Number(year), Number(month ?? "1") - 1, Number(day ?? "1"))
  if (Number.isNaN(at)) return received
  return new Intl.DateTimeFormat(locale(), {
    timeZone: "UTC",
    year: "numeric",
    ...(month === undefined ? {} : { month: "long" }),
    ...(day === undefined ? {} : { day: "numeric" }),
  }).format(at)
}

export function number(n: number): string {
  return new Intl.NumberFormat(locale()).format(n)
}

/** A size in bytes as B, KB or MB with at most one decimal. */
export function size(bytes: number): string {
  const [unit, per]: readonly [string, number] =
    bytes < 1e3 ? ["byte", 1] : bytes < 1e6 ? ["kilobyte", 1e3] : ["megabyte", 1e6]
  return new Intl.NumberFormat(locale(), {
    style: "unit",
    unit,
    unitDisplay: bytes < 1e3 ? "long" : "short",
    maximumFractionDigits: 1,
  }).format(bytes / per)
}

/** "a, b and c". */
export function list(items: readonly string[]): string {
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(items)
}
