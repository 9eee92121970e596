import type { ImportPreview, ImportProgress, ImportSection } from "#core/api.gen.ts"
import {
  type CardKey,
  type Found,
  type HealthLink,
  type How,
  type Mapping,
  type Note,
  type Part,
  type Reading,
  type Table,
  type Warning,
  readForeign,
} from "#core/foreign.ts"
import { type Problem, problemOf } from "#state/problem.ts"
import { call, refresh, session } from "#state/session.svelte.ts"

/** One file, or one entry of an archive, on its way in. */
interface Waiting {
  readonly file: Blob
  readonly name: string
  readonly entry: number | null
  readonly mapping: Mapping | null
  readonly asDocument: boolean
  /** Already read, as one of several parts. */
  readonly part: Part | null
}

/** What came of one file. `known` are records that were here before. */
export type Result =
  | { readonly kind: "saved"; readonly name: string; readonly added: number; readonly known: number }
  | { readonly kind: "known"; readonly name: string; readonly known: number }
  | { readonly kind: "keys"; readonly name: string; readonly count: number }
  | {
      readonly kind: "archive"
      readonly name: string
      readonly count: number
      readonly notes: readonly Note[]
    }
  | { readonly kind: "skipped"; readonly name: string }
  | { readonly kind: "refused"; readonly name: string; readonly problem: Problem; readonly waiting: Waiting }

/** A preview, and what the reader had to say. */
export interface Shown {
  readonly preview: ImportPreview
  readonly notes: readonly Note[]
  readonly warnings: readonly Warning[]
}

export type Importing =
  | { readonly kind: "choose" }
  | { readonly kind: "reading"; readonly name: string; readonly done: number; readonly total: number }
  | { readonly kind: "table"; readonly name: string; readonly table: Table }
  | { readonly kind: "link"; readonly link: HealthLink }
  | { readonly kind: "preview"; readonly shown: Shown }
  | { readonly kind: "running"; readonly shown: Shown; readonly progress: ImportProgress }
  | { readonly kind: "finished"; readonly results: readonly Result[] }

let state = $state.raw<Importing>({ kind: "choose" })
let queue = $state.raw<readonly Waiting[]>([])
let results: readonly Result[] = []
/** The file that state is about. */
let current: Waiting | null = null
let reading: Reading | null = null
/** The person said yes to all that follow. */
let toAll = false
/** Issuers' keys brought in while this page is open. */
let keys: readonly CardKey[] = []
/** The link whose file is waited for. */
let link: HealthLink | null = null

/** The imports under way. They live here, so that browsing goes on while they run. */
export const importing = {
  get state() {
    return state
  },
  /** How many files come after the one on screen. */
  get waiting() {
    return queue.length
  },
}

export interface Named {
  readonly file: Blob
  readonly name: string
}

const waitingOf = ({ file, name }: Named, more: Partial<Waiting> = {}): Waiting => ({
  file,
  name,
  entry: null,
  mapping: null,
  asDocument: false,
  part: null,
  ...more,
})

/** Takes files, one after another; those that come while others are read wait. */
export async function bring(files: readonly Named[]): Promise<void> {
  if (files.length === 0) return
  queue = [...queue, ...files.map((file) => waitingOf(file))]
  if (state.kind === "choose" || state.kind === "finished" || state.kind === "link") await begin()
}

/** Keeps a file that could not be read as a document. */
export async function keepAsDocument(result: Result): Promise<void> {
  if (result.kind !== "refused") return
  queue = [...queue, { ...result.waiting, asDocument: true }]
  await begin()
}

async function begin(): Promise<void> {
  if (state.kind !== "link") results = []
  toAll = false
  await next()
}

export function chooseAnother(): void {
  if (state.kind !== "finished" && state.kind !== "link") return
  link = null
  state = { kind: "choose" }
}

async function next(): Promise<void> {
  const [first, ...rest] = queue
  queue = rest
  current = first ?? null
  if (first === undefined) {
    toAll = false
    state = { kind: "finished", results }
    return
  }
  if (first.part !== null) return show(first, first.part)
  await read(first)
}

async function read(it: Waiting): Promise<void> {
  state = { kind: "reading", name: it.name, done: 0, total: 0 }
  const how: How = {
    entry: it.entry,
    mapping: it.mapping,
    link,
    keys: keys.map((key) => ({ ...key })),
    nowMS: Date.now(),
    asDocument: it.asDocument,
  }
  reading = readForeign(it.file, it.name, how, (done, total) => {
    if (current === it) state = { kind: "reading", name: it.name, done, total }
  })
  let found: Found
  try {
    found = await reading.found
  } catch (thrown) {
    if (current === it) await refused(it, thrown)
    return
  }
  if (current === it) await take(it, found)
}

async function take(it: Waiting, found: Found): Promise<void> {
  switch (found.kind) {
    case "part":
      return show(it, found.part)
    case "parts":
      queue = [
        ...found.parts.map((part) => waitingOf({ file: it.file, name: part.name }, { part })),
        ...queue,
      ]
      return next()
    case "archive": {
      const { whole, entries, notes } = found
      const own = whole === null ? [] : [waitingOf(it, { part: whole })]
      const inside = entries.map(({ index, name }) => waitingOf({ file: it.file, name }, { entry: index }))
      queue = [...inside, ...own, ...queue]
      results = [...results, { kind: "archive", name: it.name, count: entries.length, notes }]
      return next()
    }
    case "table":
      state = { kind: "table", name: it.name, table: found.table }
      return
    case "link":
      link = found.link
      state = { kind: "link", link: found.link }
      return
    case "keys":
      keys = [...keys, ...found.keys]
      results = [...results, { kind: "keys", name: it.name, count: found.keys.length }]
      return next()
  }
}

async function refused(it: Waiting, thrown: unknown): Promise<void> {
  results = [...results, { kind: "refused", name: it.name, problem: problemOf(thrown), waiting: it }]
  // Locked meanwhile: what waits would only be refused too, and does not belong in memory.
  if (session.status?.phase !== "open") queue = []
  await next()
}

/** The columns of the table on screen. */
export async function readTable(mapping: Mapping): Promise<void> {
  if (state.kind === "table" && current !== null) {
    current = { ...current, mapping }
    await read(current)
  }
}

async function show(it: Waiting, part: Part): Promise<void> {
  const { name, mediaType, original, format, bytes, notes, warnings } = part
  state = { kind: "reading", name, done: 0, total: 0 }
  let preview: ImportPreview
  try {
    preview = (await call("import.preview", { fileName: name, mediaType, original, format }, bytes)).result
  } catch (thrown) {
    if (current === it) await refused(it, thrown)
    return
  }
  if (current !== it) return
  if (preview.duplicate && preview.items.every((item) => item.duplicate)) {
    results = [...results, { kind: "known", name, known: preview.items.length }]
    await call("import.cancel", { importID: preview.importID })
    return next()
  }
  link = null // its file has come
  state = { kind: "preview", shown: { preview, notes, warnings } }
  if (toAll && !preview.otherPerson && preview.items.length > 0) await startImport([])
}

/** Brings in what is shown, and with `all` what waits too, unless it is about someone else. */
export async function startImport(sections: readonly ImportSection[], all = toAll): Promise<void> {
  if (state.kind !== "preview" || current === null) return
  const it = current
  const { shown } = state
  const { importID, items, fileName } = shown.preview
  toAll = all
  try {
    let progress = (await call("import.start", { importID, sections: [...sections] })).result
    state = { kind: "running", shown, progress }
    while (!progress.finished) {
      progress = (await call("import.step", { importID })).result
      if (current !== it) return
      state = { kind: "running", shown, progress }
    }
  } catch (thrown) {
    if (current === it) await refused(it, thrown)
    await refresh()
    return
  }
  const known = items.filter((item) => item.duplicate).length
  results = [...results, { kind: "saved", name: fileName, added: items.length - known, known }]
  await refresh()
  await next()
}

/** Leaves out the file on screen and goes on with the next. */
export async function skipThis(): Promise<void> {
  const name = current?.name ?? ""
  await drop()
  results = [...results, { kind: "skipped", name }]
  await next()
}

/** Stops everything. What was already saved stays, and importing the same file again continues. */
export async function cancelImport(): Promise<void> {
  queue = []
  const done = results
  await drop()
  link = null
  state = done.some((each) => each.kind === "saved")
    ? { kind: "finished", results: done }
    : { kind: "choose" }
  await refresh()
}

/** Lets go of what is on screen; nothing of it was stored. */
async function drop(): Promise<void> {
  current = null
  reading?.cancel()
  reading = null
  if (state.kind === "preview" || state.kind === "running") {
    const { importID } = state.shown.preview
    state = { kind: "choose" }
    await call("import.cancel", { importID })
  }
}
