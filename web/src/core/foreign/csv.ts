/** Tables of measurements. A cell is text and stays text: a formula in it is never looked at. Source: threats.md A34. */
import type { Mapping, Note, Table } from "./found.ts"
import { columnsMax, csvMax, rowsMax, rowsShown } from "./limits.ts"
import { digitsOf, observation } from "./made.ts"
import { Refused } from "./refused.ts"

/** The rows of a CSV text (RFC 4180, with commas, semicolons or tabs). @throws Refused import/csv-… */
export function rowsOf(text: string): string[][] {
  if (text.length > csvMax) throw new Refused("import/too-large", String(csvMax))
  const plain = text.replace(/^\ufeff/, "")
  const mark = separator(plain)
  const rows: string[][] = []
  let row: string[] = []
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${mark}\\r\\n]*))(${mark}|\\r\\n|\\n|\\r|$)`, "y")
  for (let at = 0; at < plain.length; at = cell.lastIndex) {
    cell.lastIndex = at
    const found = cell.exec(plain)
    if (found === null) throw new Refused("import/csv-form", String(rows.length + 1))
    const [, quoted, bare = "", after = ""] = found
    row.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'))
    if (row.length > columnsMax) throw new Refused("import/csv-form", String(rows.length + 1))
    if (after === mark && cell.lastIndex < plain.length) continue
    if (after === mark) row.push("")
    if (row.some((each) => each.trim() !== "")) rows.push(row)
    if (rows.length > rowsMax) throw new Refused("import/too-many", String(rowsMax))
    row = []
  }
  if (rows.length < 2 || (rows[0]?.length ?? 0) < 2) throw new Refused("import/csv-form", "1")
  return rows
}

/** The mark that parts most cells of the first line, quoted parts aside. */
function separator(text: string): string {
  const first = (/^[^\r\n]*/.exec(text)?.[0] ?? "").replace(/"[^"]*"/g, "")
  const count = (mark: string) => first.split(mark).length
  return [",", ";", "\t"].toSorted((a, b) => count(b) - count(a))[0] ?? ","
}

const names = {
  date: /date|when|time|day|datum|fecha|data\b|تاريخ|وقت/i,
  value: /value|result|reading|wert|valor|mg|mmol|kg|weight|glucose|bpm|قيمة|نتيجة/i,
  unit: /unit|einheit|unidad|وحدة/i,
  what: /what|test|name|type|measure|parameter|analyt|kind|نوع|اسم|فحص/i,
}

/** What a person sees before saying which column is what. */
export function tableOf(rows: readonly (readonly string[])[]): Table {
  const columns = rows[0] ?? []
  const body = rows.slice(1)
  const find = (by: RegExp, not: readonly number[]) =>
    columns.findIndex((name, place) => by.test(name) && !not.includes(place))
  const numbers = columns.map(
    (_, place) => body.slice(0, 50).filter((row) => digitsOf(row[place] ?? "") !== null).length,
  )
  const date = find(names.date, [])
  const unit = find(names.unit, [date])
  const what = find(names.what, [date, unit])
  const named = find(names.value, [date, unit, what])
  const most = numbers.findIndex((n, place) => n > 0 && ![date, unit, what].includes(place))
  const value = named >= 0 ? named : most
  const guess: Mapping = {
    date,
    value,
    what,
    unit,
    whatText: what < 0 ? (columns[value] ?? "") : "",
    unitText: "",
  }
  return {
    columns: [...columns],
    rows: body.slice(0, rowsShown).map((row) => [...row]),
    count: body.length,
    guess,
  }
}

type Order = "dmy" | "mdy"

/** How a table writes days, where the numbers tell; a day before a month, where they do not. */
export function orderOf(dates: readonly string[]): Order {
  for (const text of dates) {
    const [, first = "0", second = "0"] = /^(\d{1,2})[./-](\d{1,2})[./-]\d{4}/.exec(text.trim()) ?? []
    if (Number(first) > 12) return "dmy"
    if (Number(second) > 12) return "mdy"
  }
  return "dmy"
}

const two = (n: number) => String(n).padStart(2, "0")

/** A table's date as FHIR has it, "" for what is none. A time without a zone is meant where this device is. */
export function dateOf(text: string, order: Order): string {
  const trimmed = text.trim()
  const iso =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?$/.exec(
      trimmed,
    )
  const other = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:,?\s+(\d{1,2}):(\d\d)(?::(\d\d))?)?$/.exec(trimmed)
  const parts = iso ?? other
  if (parts === null) return ""
  const [, a = "", b = "", c = "", hour, minute = "0", second = "0", zone] = parts
  const [year, month, day] = (iso !== null ? [a, b, c] : order === "dmy" ? [c, b, a] : [c, a, b]).map(Number)
  if (year === undefined || month === undefined || day === undefined) return ""
  const local = new Date(year, month - 1, day, Number(hour ?? 0), Number(minute), Number(second))
  if (local.getMonth() !== month - 1 || local.getDate() !== day || year < 1850 || year > 2200) return ""
  const date = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`
  if (hour === undefined) return date
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return ""
  return `${date}T${two(Number(hour))}:${minute}:${two(Number(second))}${zone === undefined ? offset(local) : withColon(zone)}`
}

const withColon = (zone: string) =>
  zone === "Z" || zone.includes(":") ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`

function offset(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

const measured = /^([<>]=?)?\s*(\S+)$/

/** The measurements of a table, as NDJSON. @throws Refused import/csv-none when no row has both a date and a value */
export async function measurements(
  rows: readonly (readonly string[])[],
  by: Mapping,
): Promise<{ lines: string; notes: Note[] }> {
  const body = rows.slice(1)
  const cell = (row: readonly string[], place: number) => (place < 0 ? "" : (row[place] ?? "").trim())
  const order = orderOf(body.map((row) => cell(row, by.date)))
  const lines = new Set<string>()
  let left = 0
  for (const row of body) {
    const at = dateOf(cell(row, by.date), order)
    const text = cell(row, by.value)
    if (at === "" || text === "") {
      left += 1
      continue
    }
    const [, comparator = "", rest = ""] = measured.exec(text) ?? []
    const digits = digitsOf(rest)
    const unit = by.unit < 0 ? by.unitText.trim() : cell(row, by.unit)
    const what = by.what < 0 ? by.whatText.trim() : cell(row, by.what)
    const m = {
      at,
      code: null,
      what: what === "" ? "Measurement" : what,
      number: digits === null ? null : { digits, comparator, unit, ucum: "" },
      words: digits === null ? [text, unit].filter((each) => each !== "").join(" ") : "",
      device: "",
      vital: false,
    }
    lines.add(await observation(m, "csv"))
  }
  if (lines.size === 0) throw new Refused("import/csv-none")
  const notes: Note[] = left > 0 ? [{ code: "csv-left", detail: String(left) }] : []
  return { lines: [...lines, ""].join("\n"), notes }
}
