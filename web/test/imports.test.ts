// The queue of files on their way in, with a made-up core and a made-up reader.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { CoreError } from "#core/error.ts"
import type { Found, How, Part } from "#core/foreign.ts"
import { takeCode } from "#state/codes.svelte.ts"
import {
  bring,
  cancelImport,
  chooseAnother,
  importing,
  keepAsDocument,
  readTable,
  skipThis,
  startImport,
} from "#state/imports.svelte.ts"
import { attach } from "#state/session.svelte.ts"
import { type Core, fakeCore } from "./fake-core.ts"

const part = (name: string, more: Partial<Part> = {}): Part => ({
  name,
  mediaType: "application/fhir+json",
  original: 0,
  format: "",
  bytes: new TextEncoder().encode("{}"),
  notes: [],
  warnings: [],
  ...more,
})

/** What the reader answers by name, what it was asked, and whether it was ended. */
const reader = vi.hoisted(() => ({
  answers: new Map<string, (how: How) => Promise<Found>>(),
  asked: [] as { name: string; how: How }[],
  cancelled: 0,
}))

vi.mock("#core/foreign.ts", () => ({
  readForeign: (_: Blob, name: string, how: How) => {
    reader.asked.push({ name, how })
    const answer = reader.answers.get(how.entry === null ? name : `${name}#${String(how.entry)}`)
    return {
      found: answer?.(how) ?? Promise.resolve({ kind: "part", part: part(name) }),
      cancel: () => (reader.cancelled += 1),
    }
  },
}))

const setting = { phase: "open", role: "owner", step: "", empty: false }
let asked: string[] = []
let previewed: unknown[] = []
let detach: () => void = () => undefined

/** A core that notes what it is asked, fails what fail names, and knows the files that known names. */
async function use(
  more: { fail?: Record<string, CoreError>; known?: readonly string[]; gate?: Promise<void> } = {},
) {
  const core = fakeCore(setting)
  asked = []
  previewed = []
  const watching: Core = {
    ...core,
    async call(method, args, bytes) {
      asked.push(method)
      const error = more.fail?.[method]
      if (error !== undefined) throw error
      if (method === "import.preview") previewed.push(args)
      const answer = await core.call(method, args, bytes)
      if (method === "import.step") await more.gate
      if ("fileName" in args && more.known?.includes(args.fileName) && "items" in answer.result) {
        const items = answer.result.items.map((item) => ({ ...item, duplicate: true }))
        Object.assign(answer.result, { duplicate: true, items })
      }
      return answer
    },
  }
  detach = attach(watching)
  await vi.waitFor(() => {
    expect(asked).toContain("status")
  })
}

const file = (name: string) => ({ file: new Blob(["{}"]), name })
const results = () => (importing.state.kind === "finished" ? importing.state.results : [])

beforeEach(async () => {
  reader.answers.clear()
  reader.asked.length = 0
  reader.cancelled = 0
  await cancelImport().catch(() => null)
  chooseAnother()
})
afterEach(() => {
  detach()
})

describe("one file", () => {
  test("goes from preview to saved, and says what was here before", async () => {
    await use()
    await bring([file("a.json")])
    expect(importing.state.kind).toBe("preview")
    await startImport([])
    expect(results()).toEqual([{ kind: "saved", name: "a.json", added: 2, known: 1 }])
  })

  test("all of it known: nothing is started, and nothing is called new", async () => {
    await use({ known: ["a.json"] })
    await bring([file("a.json")])
    expect(results()).toEqual([{ kind: "known", name: "a.json", known: 3 }])
    expect(asked).not.toContain("import.start")
    expect(asked).toContain("import.cancel")
  })

  test("says which code refused the file, and another can be chosen", async () => {
    await use()
    await bring([file("bad.json")])
    expect(results()).toMatchObject([
      { kind: "refused", problem: { code: "import/duplicate-key", detail: "1042" } },
    ])
    chooseAnother()
    expect(importing.state.kind).toBe("choose")
  })

  test("what could not be read can be kept as a document", async () => {
    await use()
    reader.answers.set("a.xml", (how) =>
      how.asDocument
        ? Promise.resolve({ kind: "part", part: part("a.xml", { original: 2, format: "file" }) })
        : Promise.reject(new CoreError("import/ccda", "nothing")),
    )
    await bring([file("a.xml")])
    const [first] = results()
    expect(first).toMatchObject({ kind: "refused", problem: { code: "import/ccda" } })
    if (first !== undefined) await keepAsDocument(first)
    expect(importing.state.kind).toBe("preview")
    expect(previewed.at(-1)).toMatchObject({ original: 2, format: "file" })
  })

  test("cancel during a step asks for no further step", async () => {
    let letGo: () => void = () => undefined
    await use({ gate: new Promise<void>((done) => (letGo = done)) })
    await bring([file("a.json")])
    const running = startImport([])
    await vi.waitFor(() => {
      expect(importing.state.kind).toBe("running")
    })
    await cancelImport()
    letGo()
    await running
    expect(importing.state.kind).toBe("choose")
    expect(asked.filter((method) => method === "import.step")).toHaveLength(1)
    expect(asked).toContain("import.cancel")
  })

  test("cancel while reading ends the reader, and what it finds later is not shown", async () => {
    await use()
    let answer: (found: Found) => void = () => undefined
    reader.answers.set("slow.json", () => new Promise((done) => (answer = done)))
    const bringing = bring([file("slow.json")])
    expect(importing.state.kind).toBe("reading")
    await cancelImport()
    expect(reader.cancelled).toBe(1)
    answer({ kind: "part", part: part("slow.json") })
    await bringing
    expect(importing.state.kind).toBe("choose")
    expect(asked).not.toContain("import.preview")
  })

  test("a failure midway is shown, not taken for saved", async () => {
    await use({ fail: { "import.step": new CoreError("storage/quota") } })
    await bring([file("a.json")])
    await startImport([])
    expect(results()).toMatchObject([{ kind: "refused", problem: { code: "storage/quota" } }])
  })

  test("A33: a reader that broke is told, and the next file is read", async () => {
    await use()
    reader.answers.set("evil.xml", () => Promise.reject(new CoreError("import/crashed", "out of memory")))
    await bring([file("evil.xml"), file("a.json")])
    expect(importing.state.kind).toBe("preview")
    await startImport([])
    expect(results().map((each) => each.kind)).toEqual(["refused", "saved"])
  })

  test("starting without a preview does nothing", async () => {
    await use()
    await startImport([])
    expect(asked).not.toContain("import.start")
  })
})

describe("several files", () => {
  test("wait for each other, and all can be said yes to at once", async () => {
    await use({ known: ["b.json"] })
    await bring([file("a.json"), file("b.json"), file("bad.json"), file("c.json")])
    expect(importing.waiting).toBe(3)
    await startImport([], true)
    expect(results().map((each) => each.kind)).toEqual(["saved", "known", "refused", "saved"])
  })

  test("yes to all stops at a file about someone else", async () => {
    await use()
    await bring([file("a.json"), file("other.json"), file("c.json")])
    await startImport([], true)
    expect(importing.state).toMatchObject({ kind: "preview", shown: { preview: { fileName: "other.json" } } })
    await skipThis()
    expect(results().map((each) => each.kind)).toEqual(["saved", "skipped", "saved"])
  })

  test("cancel in the middle keeps what was saved", async () => {
    await use()
    await bring([file("a.json"), file("b.json"), file("c.json")])
    await startImport([])
    await cancelImport()
    expect(results().map((each) => each.kind)).toEqual(["saved"])
    expect(importing.waiting).toBe(0)
  })

  test("an archive's files come one by one, and the archive itself last", async () => {
    await use()
    reader.answers.set("all.zip", () =>
      Promise.resolve({
        kind: "archive",
        whole: part("all.zip", { original: 2, format: "zip" }),
        entries: [
          { index: 0, name: "a.json", size: 2 },
          { index: 4, name: "b.json", size: 2 },
        ],
        notes: [],
      }),
    )
    await bring([file("all.zip")])
    await startImport([], true)
    expect(reader.asked.map((each) => each.how.entry)).toEqual([null, 0, 4])
    expect(results().map((each) => [each.kind, each.name])).toEqual([
      ["archive", "all.zip"],
      ["saved", "a.json"],
      ["saved", "b.json"],
      ["saved", "all.zip"],
    ])
  })

  test("an issuer's keys serve the cards that come later", async () => {
    await use()
    reader.answers.set("jwks.json", () =>
      Promise.resolve({ kind: "keys", keys: [{ jwk: { kid: "k" }, from: "jwks.json" }] }),
    )
    await bring([file("jwks.json"), file("card.txt")])
    expect(reader.asked[1]?.how.keys).toEqual([{ jwk: { kid: "k" }, from: "jwks.json" }])
    await startImport([])
    expect(results()[0]).toMatchObject({ kind: "keys", count: 1 })
  })

  test("a table is read again with its columns", async () => {
    await use()
    const guess = { date: 0, value: 1, what: -1, unit: -1, whatText: "", unitText: "" }
    reader.answers.set("a.csv", (how) =>
      Promise.resolve(
        how.mapping === null
          ? { kind: "table", table: { columns: ["d", "v"], rows: [], count: 1, guess } }
          : { kind: "part", part: part("a.csv", { original: 2, format: "csv" }) },
      ),
    )
    await bring([file("a.csv")])
    expect(importing.state.kind).toBe("table")
    await readTable(guess)
    expect(importing.state.kind).toBe("preview")
  })

  test("a link waits for its file, which is read with it, and no later one is", async () => {
    await use()
    const link = { url: "https://elsewhere.example/x", key: "k", label: "", expires: 0, flags: "U" }
    reader.answers.set("link.txt", () => Promise.resolve({ kind: "link", link }))
    await bring([file("link.txt")])
    expect(importing.state).toMatchObject({ kind: "link", link })
    await bring([file("sealed.txt")])
    expect(reader.asked.at(-1)?.how.link).toEqual(link)
    await startImport([])
    chooseAnother()
    await bring([file("a.json")])
    expect(reader.asked.at(-1)?.how.link).toBeNull()
  })
})

describe("codes of a card", () => {
  test("one code is a whole card, and a link a link", () => {
    expect(takeCode("shc:/5676")).toEqual({ kind: "whole", text: "shc:/5676" })
    expect(takeCode("shlink:/abc")).toEqual({ kind: "whole", text: "shlink:/abc" })
    expect(takeCode("https://viewer.example/#shlink:/abc")).toEqual({
      kind: "whole",
      text: "https://viewer.example/#shlink:/abc",
    })
  })

  test("several codes come in any order, and twice", () => {
    expect(takeCode("shc:/2/3/22")).toEqual({ kind: "more" })
    expect(takeCode("shc:/2/3/22")).toEqual({ kind: "more" })
    expect(takeCode("shc:/3/3/33")).toEqual({ kind: "more" })
    expect(takeCode("shc:/1/3/11")).toEqual({ kind: "whole", text: "shc:/1/3/11\nshc:/2/3/22\nshc:/3/3/33" })
  })

  test("another card begins anew", () => {
    expect(takeCode("shc:/1/2/11")).toEqual({ kind: "more" })
    expect(takeCode("shc:/1/3/11")).toEqual({ kind: "more" })
    expect(takeCode("shc:/2/3/22")).toEqual({ kind: "more" })
    expect(takeCode("shc:/3/3/33")).toMatchObject({ kind: "whole" })
  })

  test.each([
    "",
    "https://relay.example/#/join/x",
    "ANAMNESIS-KIT:1:ABC",
    "shc:/",
    "shc:/1/2/",
    "shc:/12a",
    "http://viewer.example/#shlink:/x",
  ])("%s is neither", (text) => {
    expect(takeCode(text)).toEqual({ kind: "other" })
  })
})
