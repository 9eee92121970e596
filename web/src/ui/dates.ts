/** What three text inputs say: a real day, nothing at all, or something that is no date. */
export type TypedDate =
  { readonly kind: "none" } | { readonly kind: "date"; readonly text: string } | { readonly kind: "wrong" }

/** Digits of any script that people type, as ASCII. */
function ascii(text: string): string {
  return text.trim().replace(/[\u0660-\u0669\u06F0-\u06F9]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
}

/**
 * Reads day, month and year as typed into YYYY-MM-DD. It refuses a day that the calendar does not have, a year
 * of fewer than four digits, and a day after today (YYYY-MM-DD).
 */
export function typedDate(day: string, month: string, year: string, today: string): TypedDate {
  const [d, m, y] = [ascii(day), ascii(month), ascii(year)]
  if (d === "" && m === "" && y === "") return { kind: "none" }
  if (!/^\d{1,2}$/.test(d) || !/^\d{1,2}$/.test(m) || !/^\d{4}$/.test(y)) return { kind: "wrong" }
  const text = `${y}-${m.padStart(2, "0")}-${d.padStart(2, "0")}`
  const at = new Date(`${text}T00:00:00Z`)
  if (Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== text) return { kind: "wrong" }
  if (text > today || y < "1850") return { kind: "wrong" }
  return { kind: "date", text }
}

/** Midnight after today by the calendar here, ms. */
export function endOfToday(): number {
  return new Date().setHours(24, 0, 0, 0)
}

/** Midnight after a typed day by the calendar here, ms; null unless it lies between now and a year from now. */
export function endOfDay(typed: TypedDate): number | null {
  if (typed.kind !== "date") return null
  const end = new Date(`${typed.text}T00:00:00`).setHours(24, 0, 0, 0)
  const now = new Date()
  return end > now.getTime() && end <= new Date(now).setFullYear(now.getFullYear() + 1) ? end : null
}

/** The day that it is here, YYYY-MM-DD. */
export function today(): string {
  const now = new Date()
  const two = (n: number) => String(n).padStart(2, "0")
  return `${String(now.getFullYear())}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}
