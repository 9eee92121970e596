// Measurements: tables and Apple Health exports.
import "../../src/core/foreign/alone.ts"
import { describe, expect, test, vi } from "vitest"
import { dateOf, measurements, orderOf, rowsOf, tableOf } from "../../src/core/foreign/csv.ts"
import type { Found, How, Mapping } from "../../src/core/foreign/found.ts"
import { hundredfold, instant } from "../../src/core/foreign/health.ts"
import { perKindMax } from "../../src/core/foreign/limits.ts"
import { read } from "../../src/core/foreign/read.ts"
import { appleHealth, how, zip } from "./made.ts"

vi.setConfig({ testTimeout: 30_000 })

const bring = (file: Blob, name: string, more: Partial<How> = {}) =>
  read(file, name, { ...how, ...more }, () => undefined)
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "accepted",
    (thrown: unknown) => (thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown)),
  )

function partOf(found: Found) {
  if (found.kind !== "part") throw new Error(`no part but ${found.kind}`)
  const { bytes, original } = found.part
  const made = new TextDecoder().decode(bytes.subarray(original))
  const lines = made.split("\n").filter((line) => line !== "")
  return { ...found.part, file: bytes.subarray(0, original), made, lines }
}

const by: Mapping = { date: 0, value: 1, what: -1, unit: 2, whatText: "Glucose", unitText: "" }

describe("tables", () => {
  test("commas, semicolons and tabs; quotes, line ends and a byte-order mark", () => {
    const want = [
      ["a", "b"],
      ["1", 'x"y,\n;'],
      ["", "2"],
    ]
    expect(rowsOf('a,b\r\n1,"x""y,\n;"\r\n,2\r\n')).toEqual(want)
    expect(rowsOf('\ufeffa;b\n1;"x""y,\n;"\n;2')).toEqual(want)
    expect(rowsOf('a\tb\r1\t"x""y,\n;"\r\r\t2')).toEqual(want)
  })

  test.each(["a,b", "a\nb\n", 'a,b\n"1,2\n', 'a,b\n1,x"y\n'])("%j is none", (text) => {
    expect(() => rowsOf(text)).toThrow("import/csv-form")
  })

  test("are bounded in rows, columns and size", () => {
    expect(() => rowsOf("a,b\n" + "1,2\n".repeat(20_001))).toThrow("import/too-many")
    expect(() => rowsOf(",".repeat(101) + "\n1\n")).toThrow("import/csv-form")
    expect(() => rowsOf(" ".repeat((8 << 20) + 1))).toThrow("import/too-large")
  })

  test("columns are guessed from their names and what they hold", () => {
    expect(tableOf(rowsOf("Date,Test,Result,Unit\n2026-01-02,HbA1c,6.30,%\n")).guess).toMatchObject({
      date: 0,
      what: 1,
      value: 2,
      unit: 3,
    })
    expect(tableOf(rowsOf("x,when,temp\na,2026,37.5\n")).guess).toMatchObject({ value: 2, whatText: "temp" })
  })

  test("digits stay as they were written, and the same row makes the same bytes in every file", async () => {
    const one = await measurements(rowsOf("d,v,u\n2026-03-05,6.30,mmol/L\n2026-03-06,7,mmol/L\n"), by)
    const two = await measurements(rowsOf("d,v,u\n2026-03-06,7,mmol/L\n2026-03-07,8,mmol/L\n"), by)
    expect(one.lines).toContain('"valueQuantity":{"value":6.30,"unit":"mmol/L"}')
    expect(two.lines.split("\n")[0]).toBe(one.lines.split("\n")[1])
  })

  test.each([
    ["<5", '"value":5,"comparator":"<"'],
    [">= 5,4", '"value":5.4,"comparator":">="'],
    ["-0.5", '"value":-0.5'],
    ["007", '"valueString":"007 mg"'],
    ["1.", '"valueString":"1. mg"'],
    ["negative", '"valueString":"negative mg"'],
    ["1e999", '"valueString":"1e999 mg"'],
  ])("value %s", async (value, want) => {
    const { lines } = await measurements(rowsOf(`d;v;u\n2026-03-05;"${value}";mg\n`), by)
    expect(lines).toContain(want)
    for (const line of lines.trim().split("\n"))
      expect(JSON.parse(line)).toMatchObject({ resourceType: "Observation" })
  })

  test("A34: formulas and hidden characters are text like any other", async () => {
    const evil = [
      '=HYPERLINK(""http://evil.example"")',
      "+1+cmd|' /C calc'!A0",
      "@SUM(1)",
      "\u202egnp.exe",
      '"},{"x":"',
    ]
    const text = "d,v,u\n" + evil.map((each) => `2026-03-05,"${each.replaceAll('"', '""')}",x`).join("\n")
    const { lines } = await measurements(rowsOf(text), by)
    const values = lines
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line))
    expect(values).toEqual(
      evil.map((each) => expect.objectContaining({ valueString: `${each} x` }) as unknown),
    )
  })

  test("rows without a date or a value are counted; a table of only such is refused", async () => {
    const { notes } = await measurements(rowsOf("d,v,u\n2026-03-05,1,x\nsoon,2,x\n2026-03-06,,x\n"), by)
    expect(notes).toEqual([{ code: "csv-left", detail: "2" }])
    expect(await codeOf(measurements(rowsOf("d,v,u\nsoon,1,x\n"), by))).toBe("import/csv-none")
  })

  test("the file is kept byte for byte beside what was made of it", async () => {
    const bytes = Buffer.from("\ufeffDate;Value;Unit\r\n2026-03-05;1,50;kg\r\n")
    expect((await bring(new Blob([bytes]), "a.csv")).kind).toBe("table")
    const part = partOf(await bring(new Blob([bytes]), "a.csv", { mapping: by }))
    expect(Buffer.from(part.file)).toEqual(bytes)
    expect(part).toMatchObject({ format: "csv", mediaType: "text/csv" })
  })

  test("a letter is no table, and is kept as a document", async () => {
    for (const letter of ["Dear Amina,\n", "Dear Amina, how are you, my friend?\nI am well.\n", "one line"])
      expect(partOf(await bring(new Blob([letter]), "letter.txt"))).toMatchObject({
        format: "file",
        lines: [],
      })
  })
})

describe("dates of tables", () => {
  test.each([
    ["2026-03-05", "dmy", "2026-03-05"],
    ["2026-3-5", "dmy", "2026-03-05"],
    ["05.03.2026", "dmy", "2026-03-05"],
    ["3/5/2026", "mdy", "2026-03-05"],
    ["2026-03-05T07:08:09Z", "dmy", "2026-03-05T07:08:09Z"],
    ["2026-03-05 07:08:09.5 +0530", "dmy", "2026-03-05T07:08:09+05:30"],
    ["2026-02-30", "dmy", ""],
    ["2026-13-01", "dmy", ""],
    ["31/31/2026", "dmy", ""],
    ["2026-03-05T25:00", "dmy", ""],
    ["0026-03-05", "dmy", ""],
    ["yesterday", "dmy", ""],
    ["=TODAY()", "dmy", ""],
  ] as const)("%s (%s)", (text, order, want) => {
    expect(dateOf(text, order)).toBe(want)
  })

  test("a time without a zone is meant where this device is", () => {
    expect(dateOf("2026-03-05 07:08", "dmy")).toMatch(/^2026-03-05T07:08:00[+-]\d\d:\d\d$/)
  })

  test("the numbers tell which is the day", () => {
    expect(orderOf(["1/2/2026", "13/2/2026"])).toBe("dmy")
    expect(orderOf(["1/2/2026", "2/13/2026"])).toBe("mdy")
    expect(orderOf([])).toBe("dmy")
  })
})

describe("Apple Health", () => {
  test("known kinds come in with their digits, and the file is kept", async () => {
    const text = appleHealth()
    const part = partOf(await bring(new Blob([text]), "export.xml"))
    expect(new TextDecoder().decode(part.file)).toBe(text)
    expect(part.format).toBe("apple-health")
    expect(part.lines).toHaveLength(8)
    expect(part.made).toContain(
      '"valueQuantity":{"value":61.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}',
    )
    expect(part.made).toContain('"value":97.5,"unit":"%"') // Apple writes 0.975 %
    expect(part.made).toContain('"effectiveDateTime":"2026-03-05T07:00:02+01:00"')
    expect(part.made).toContain('"device":{"display":"Amina\'s Watch"}')
    expect(part.made).toContain('"code":"15074-8"')
    expect(part.made).not.toContain("999") // of the correlation, which stands once more beside it
    expect(part.notes).toEqual([{ code: "health-others", detail: "1" }])
  })

  test("a later export makes the same bytes for what was there before", async () => {
    const [a, b] = await Promise.all(
      [3, 9].map(async (n) => partOf(await bring(new Blob([appleHealth(n)]), "export.xml")).lines),
    )
    for (const line of a ?? []) expect(b).toContain(line)
  })

  test("of many, the newest of each kind", async () => {
    const part = partOf(await bring(new Blob([appleHealth(3 * perKindMax)]), "export.xml"))
    expect(part.lines).toHaveLength(perKindMax + 5)
    expect(part.notes[0]).toEqual({
      code: "health-newest",
      detail: `Heart rate: ${String(perKindMax)} / ${String(3 * perKindMax)}`,
    })
    expect(part.made).toContain("T07:50:09+01:00") // the last beat
  })

  test("in its archive: the archive is what is kept, and the twin of it is left", async () => {
    const file = zip([
      { name: "apple_health_export/export.xml", data: appleHealth() },
      { name: "apple_health_export/export_cda.xml", data: "<ClinicalDocument/>" },
      { name: "apple_health_export/clinical-records/a.json", data: '{"resourceType":"Basic"}' },
    ])
    const found = await bring(file, "export.zip")
    expect(found).toMatchObject({ kind: "archive", whole: null, entries: [{ index: 0 }, { index: 2 }] })
    const part = partOf(await bring(file, "export.zip", { entry: 0 }))
    expect(Buffer.from(part.file)).toEqual(Buffer.from(await file.arrayBuffer()))
    expect(part).toMatchObject({ name: "export.zip", mediaType: "application/zip" })
    expect(part.lines).toHaveLength(8)
  })

  test("5 MB are read as a stream, with progress", async () => {
    const beats = appleHealth(3000)
    const big = new Blob([
      beats.replace("</HealthData>\n", ""),
      ...Array<string>(5).fill(beats.slice(beats.indexOf("<Me"), beats.indexOf("</HealthData>"))),
      "</HealthData>",
    ])
    const told: number[] = []
    const before = process.memoryUsage().rss
    await read(big, "export.xml", how, (done) => told.push(done))
    expect(told.length).toBeGreaterThan(5)
    expect(told.at(-1)).toBe(big.size)
    expect(process.memoryUsage().rss - before).toBeLessThan(256 << 20)
  })

  test.each([
    ["import/xml", appleHealth().slice(0, -20)],
    ["import/xml-doctype", appleHealth().replace("]>", '<!ENTITY a "b">]>')],
    ["import/health-none", '<?xml version="1.0"?><HealthData></HealthData>'],
    ["import/xml-depth", `<?xml version="1.0"?><HealthData>${"<a>".repeat(100)}`],
    ["import/utf8", new Blob([appleHealth().slice(0, -20), new Uint8Array([0xff, 0xfe])])],
  ])("%s", async (code, file) => {
    expect(await codeOf(bring(new Blob([file]), "export.xml"))).toBe(code)
  })

  test("its dates and percents", () => {
    expect(instant("2026-03-05 07:12:33 +0530")).toBe("2026-03-05T07:12:33+05:30")
    expect(instant("2026-03-05")).toBe("")
    expect(["0.975", "1", "0.9", "0.05", "0.0001", "-0.5", "0"].map(hundredfold)).toEqual([
      "97.5",
      "100",
      "90",
      "5",
      "0.01",
      "-50",
      "0",
    ])
  })
})
