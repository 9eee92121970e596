/**
 * A core of made-up answers, for looking at screens and for tests of the page. It keeps no record, seals
 * nothing and never ends up in dist: only test/look.config.ts puts it in the place of core/core.ts.
 */
import type { Access, Folder, Grant, MeetState, Methods, Status, TimelineItem } from "#core/api.gen.ts"
import type { BootState, Core } from "#core/core.ts"
import { CoreError } from "#core/error.ts"
import { fakeArchive } from "./fake-archive.ts"
import { fakeFile, fakeProof, fakeVerdict } from "./fake-proof.ts"

import { resources } from "./fake-records.ts"

export { CoreError }
export type { BootState, Core }

type Answers = { [M in keyof Methods]: (args: Methods[M]["args"]) => Methods[M]["result"] }

const now = Date.UTC(2026, 10, 20, 9, 42)
const id = (n: number) => n.toString(16).padStart(64, "0")
const keys = Array.from({ length: 32 }, (_, n) => `key_01${id(n)}`)
const hostile = "Dr. \u202Eniwel\u202C Wei"

const item = (n: number, more: Partial<TimelineItem>): TimelineItem => ({
  record: id(n),
  kind: "fhir",
  section: 1,
  type: "Observation",
  label: "Hemoglobin A1c/Hemoglobin.total in Blood",
  date: `2026-0${String((n % 9) + 1)}-14T10:30:00+01:00`,
  saved: now - n * 86_400_000,
  author: "Amina Haddad",
  origin: "imported",
  guest: false,
  standing: "own",
  reason: "",
  delivery: n % 3 === 0 ? "saved" : "sent",
  opened: true,
  failed: "",
  source: id(900),
  refs: [],
  amends: false,
  amendedBy: [],
  changes: [],
  conflict: false,
  hidden: false,
  ...more,
})

const guest = {
  author: "Dr. Lin Wei",
  origin: "other",
  guest: true,
  kind: "note",
  type: "text/plain",
} as const

export const items: TimelineItem[] = [
  item(1, { ...guest, label: "Continue metformin, see me in three months.", standing: "proposed", date: "" }),
  item(2, { label: "Hemoglobin A1c/Hemoglobin.total in Blood" }),
  item(3, { type: "MedicationRequest", label: "Metformin 500 MG Oral Tablet" }),
  item(4, {
    ...guest,
    label: "No known allergies.",
    standing: "disputed",
    reason: "I am allergic to penicillin.",
  }),
  item(5, { failed: "open/7", label: "" }),
  item(6, {
    origin: "you",
    kind: "note",
    type: "text/plain",
    label: "Dizzy in the mornings since Monday.",
    date: "",
  }),
  item(7, { section: 2, type: "Condition", label: "Anxiety disorder (disorder)" }),
  item(8, { ...guest, label: "Blood pressure 128/82", standing: "accepted" }),
]

/** A whole folder of made-up records: "?records=full". */
const full: readonly (readonly [TimelineItem, string])[] = resources.map((text, place) => {
  const read = JSON.parse(text) as Record<string, unknown>
  const word = (of: unknown): string => {
    const { text: said, coding } = (of ?? {}) as { text?: string; coding?: { display?: string }[] }
    return said ?? coding?.[0]?.display ?? ""
  }
  const title = [read["title"], read["description"]].find((each) => typeof each === "string")
  const label =
    title ??
    [read["code"], read["vaccineCode"], read["medicationCodeableConcept"], read["description"]]
      .map(word)
      .find((each) => each !== "") ??
    String(read["resourceType"])
  const date = ["effectiveDateTime", "onsetDateTime", "occurrenceDateTime", "authoredOn", "date"].map(
    (key) => read[key],
  )
  const more = {
    type: String(read["resourceType"]),
    label,
    date: date.find((each) => typeof each === "string") ?? "",
  }
  return [item(200 + place, more), text]
})

const unopened = items.map((each, place) =>
  place < 3 ? item(place + 1, { opened: false, label: "" }) : each,
)

const folder = (more: Partial<Folder>): Folder => ({
  id: id(77),
  own: false,
  name: "Amina Haddad",
  born: "",
  grant: id(50),
  sections: [1, 6],
  canWrite: true,
  expires: now + 3_600_000,
  state: "active",
  stoppedAt: 0,
  records: 24,
  unopened: 3,
  waiting: "",
  refused: "",
  ...more,
})

const grant = (n: number, more: Partial<Grant>): Grant => ({
  id: id(50 + n),
  reader: "Dr. Lin Wei",
  guest: true,
  sections: [1],
  canWrite: true,
  since: now - 600_000,
  expires: now + 3_000_000,
  state: "active",
  stoppedAt: 0,
  opened: 3,
  records: 0,
  purpose: "",
  ...more,
})

const access = (n: number, more: Partial<Access>): Access => ({
  id: id(60 + n),
  reader: "Dr. Lin Wei",
  guest: true,
  grant: id(51),
  reason: "visit",
  text: "",
  at: now - 3_600_000,
  arrived: now - 300_000,
  state: "given",
  titles: ["Hemoglobin A1c/Hemoglobin.total in Blood", "Metformin 500 MG Oral Tablet"],
  count: 2,
  unknown: 0,
  why: "",
  ...more,
})

export const sample = `{
  "resourceType": "Observation", "id": "a1c-1", "status": "final",
  "text": {"status": "generated", "div": "<div xmlns=\\"http://www.w3.org/1999/xhtml\\"><p>HbA1c <b>6.30</b> %</p><script>alert(1)</script></div>"},
  "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4", "display": "Hemoglobin A1c"}], "text": "HbA1c"},
  "subject": {"reference": "Patient/1", "display": "Amina\\u202Eadda H"},
  "effectiveDateTime": "2026-03-14T10:30:00+01:00",
  "valueQuantity": {"value": 6.30, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
  "referenceRange": [{"low": {"value": 4.0}, "high": {"value": 5.60}}, {"text": "older than 60: 4.0 to 6.4"}],
  "x-unknown": {"kept": true, "big": 12345678901234567890.1200}
}`

const words =
  "abandon ability able about above absent absorb abstract absurd abuse access accident account accuse achieve acid acoustic acquire across act action actor actress zebra".split(
    " ",
  )

const invite = {
  words: words.slice(0, 6),
  digits: "12345678901234567890",
  path: "#/join/AAAAAAAAAAA/BBBBBBBBBBB",
  until: now + 600_000,
}

const meetState = (more: Partial<MeetState>): MeetState => ({
  step: "none",
  room: "00",
  host: true,
  device: false,
  link: false,
  name: "Dr. Lin Wei",
  guest: true,
  digits: "481920377205",
  emoji: ["anchor", "fox", "umbrella", "cherry"],
  started: now - 86_400_000,
  until: now + 600_000,
  grant: "",
  folder: id(77),
  code: "",
  invite,
  terms: { sections: [1, 2], records: [], hours: 168, until: 0, canWrite: true, purpose: "" },
  replaces: [],
  ...more,
})

const meetSteps = [
  "waiting",
  "noone",
  "compare",
  "confirmed",
  "done",
  "burnt",
  "expired",
  "refused",
  "failed",
]

/** What a look at a screen may set: "?phase=open&role=owner&step=compare" and so on. */
export interface Setting {
  readonly phase: string
  readonly role: string
  readonly step: string
  readonly empty: boolean
  /** "full": a folder with a record of every type. */
  readonly records?: string
}

/** Settings from a query string. */
export function settingOf(query: string): Setting {
  const asked = new URLSearchParams(query)
  return {
    phase: asked.get("phase") ?? "open",
    role: asked.get("role") ?? "owner",
    step: asked.get("step") ?? "",
    empty: asked.has("empty"),
    records: asked.get("records") ?? "",
  }
}

export function fakeCore(setting: Setting): Core {
  const owner = setting.role === "owner"
  const changed = new Set<() => void>()
  let phase: Status["phase"] =
    setting.phase === "empty" ? "empty" : setting.phase === "locked" ? "locked" : "open"
  let meetStep = meetSteps.includes(setting.step) ? setting.step : "none"
  let restoreStep =
    { ready: "ready", fetching: "fetching", file: "file", "archive-ready": "ready" }[setting.step] ?? "none"

  const status = (): Status => ({
    phase,
    name: phase === "open" ? (owner ? "Amina Haddad" : "Dr. Lin Wei") : "",
    ownFolder: owner && phase === "open" ? id(1) : "",
    net: id(42),
    relay: "ws://localhost:8080/v1/ws",
    link: setting.step === "offline" ? "offline" : "online",
    saved: setting.step === "offline" ? 3 : 0,
    sent: setting.empty ? 0 : 12,
    needsYou: owner && !setting.empty ? 1 : 0,
    notices: setting.step === "notice" ? [{ id: "1", code: "fork/new-chain", detail: "" }] : [],
    admission: setting.step === "closed" ? "closed" : "open",
    storageDurable: false,
  })
  const nothing = () => ({})
  const meet = () =>
    meetState({
      device: setting.role === "device",
      step: meetStep,
      host: owner,
      code: meetStep === "refused" ? "meet/no-match" : meetStep === "failed" ? "meet/used" : "",
      replaces: owner ? [grant(1, {})] : [],
    })
  /** "?step=link-compare": one waiting link at that step, beside one that nobody opened and one of a hostile name. */
  const linkStep = setting.step.startsWith("link-") ? setting.step.slice("link-".length) : ""
  const unopenedLink: Partial<MeetState> = { room: "01", step: "waiting", name: "", guest: false }
  const linked = (
    linkStep === ""
      ? []
      : [
          meetState({ link: true, host: owner, step: linkStep, until: now + 500_000_000 }),
          meetState({ link: true, host: owner, ...unopenedLink, until: now + 500_000_000 }),
          meetState({ link: true, host: owner, room: "02", step: "burnt", name: hostile }),
        ]
  ) satisfies MeetState[]
  const reader = setting.step === "waiting" ? { waiting: id(61) } : {}
  const stopped = setting.step === "stopped" ? { state: "stopped", stoppedAt: now } : {}

  const answers: Answers = {
    status,
    "notice.dismiss": nothing,
    admission: () => ({ grants: 3, devices: 2, asked: setting.empty ? [] : keys, taken: 0 }),
    "admission.ask": () => ({ grants: 0, devices: 0, asked: keys, taken: 0 }),
    "admission.take": ({ text }) => {
      if (!text.startsWith("key_")) throw new CoreError("admission/format", "1")
      return { grants: 28, devices: 3, asked: [], taken: 32 }
    },
    "kit.make": () => ({ words, qr: `ANAMNESIS-KIT:1:${"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".repeat(8)}` }),
    "kit.prove": ({ words: typed }) => {
      if (typed.includes("wrong")) throw new CoreError("kit/word", "7")
      return {}
    },
    "folder.create": () => {
      phase = "open"
      return status()
    },
    "reader.create": () => {
      phase = "open"
      return status()
    },
    unlock: ({ passphrase }) => {
      if (passphrase === "wrong") throw new CoreError("vault/passphrase", "")
      phase = "open"
      return status()
    },
    "passphrase.change": ({ old }) => {
      if (old === "wrong") throw new CoreError("vault/passphrase", "")
      return {}
    },
    "passphrase.prove": nothing,
    passkey: () => ({ set: setting.step === "passkey", credential: "ab", salt: id(3).slice(0, 32) }),
    "passkey.unlock": () => {
      phase = "open"
      return status()
    },
    "passkey.add": nothing,
    "passkey.remove": nothing,
    "link.start": ({ passphrase }) => {
      if (passphrase === "wrong") throw new CoreError("vault/passphrase", "")
      return {
        words: words.slice(0, 6),
        digits: "12345678901234567890",
        path: "#/link/AAAAAAAAAAA/BBBBBBBBBBB",
        until: now + 600_000,
      }
    },
    "link.join": ({ code }) => answers["meet.join"]({ code }),
    "link.confirm": () => {
      meetStep = "confirmed"
      return meet()
    },
    "link.finish": () => {
      phase = "open"
      return status()
    },
    devices: () => ({
      devices: [
        { id: "01", name: "Amina Haddad", this: setting.step !== "tablet", since: 0 },
        { id: "02", name: "Kitchen tablet", this: setting.step === "tablet", since: now - 86_400_000 },
      ],
      writes: setting.step !== "tablet",
    }),
    "device.remove": nothing,
    recovery: () => ({
      kit: setting.step === "nokit" ? 0 : now - 40 * 86_400_000,
      devices: setting.step === "nokit" ? 1 : 2,
      passkey: setting.step === "passkey",
    }),
    "kit.drill": ({ words: typed }) => {
      if (typed.includes("wrong")) throw new CoreError("kit/foreign", "")
      return { kit: now, devices: 2, passkey: false }
    },
    lock: () => {
      phase = "locked"
      return status()
    },
    forget: () => {
      phase = "empty"
      return status()
    },
    "restore.start": () => {
      restoreStep = "fetching"
      return answers["restore.state"]({})
    },
    "restore.state": () => ({
      step: restoreStep,
      name: "Amina Haddad",
      blocks: 412,
      records: 24,
      missing: restoreStep === "ready" ? 2 : 0,
      code: "",
      detail: "",
      offline: setting.step === "archive-ready",
    }),
    "restore.finish": () => {
      phase = "open"
      return status()
    },
    "restore.cancel": () => {
      restoreStep = "none"
      return {}
    },
    "import.preview": ({ fileName }) => {
      if (fileName === "bad.json") throw new CoreError("import/duplicate-key", "1042")
      return {
        importID: "1",
        fileName,
        size: 1_512_000,
        sha256: id(5),
        kind: "bundle",
        duplicate: false,
        items: items.slice(1, 4).map((each, index) => ({
          index,
          type: each.type,
          label: each.label,
          date: each.date,
          section: each.section,
          size: 1800,
          duplicate: index === 2,
        })),
        otherPerson: fileName === "other.json",
        people: fileName === "other.json" ? ["Karim Benali"] : ["Amina Haddad"],
      }
    },
    "import.start": () => ({ done: 0, total: 3, finished: false, sourceID: "" }),
    "import.step": () => ({ done: 3, total: 3, finished: true, sourceID: id(900) }),
    "import.cancel": nothing,
    folders: () => ({
      folders: owner
        ? [folder({ id: id(1), own: true, state: "own", name: "Amina Haddad", born: "1992-04-01" })]
        : setting.empty
          ? []
          : [folder({ ...reader, ...stopped }), folder({ id: id(78), name: hostile, state: "expired" })],
    }),
    timeline: ({ folder: of, query, kind, show }) => {
      const own = setting.records === "full" ? full.map(([each]) => each) : items
      const all = setting.empty ? [] : of === "" || setting.records === "full" ? own : unopened
      const shown = all.filter((each) => {
        const opened = each.opened || each.failed !== ""
        return show === "unopened"
          ? !opened
          : show === "opened"
            ? opened
            : each.hidden === (show === "hidden")
      })
      const found = shown.filter(
        (each) =>
          each.label.toLowerCase().includes(query.toLowerCase()) &&
          (kind === "" || (each.kind === "fhir" ? each.type : each.kind) === kind),
      )
      return {
        items: found,
        total: found.length,
        hidden: all.filter((each) => each.hidden).length,
        kinds: [
          { name: "Observation", count: 4 },
          { name: "note", count: 3 },
          { name: "MedicationRequest", count: 1 },
        ],
        authors: [
          { name: "Amina Haddad", count: 5 },
          { name: "Dr. Lin Wei", count: 3 },
        ],
      }
    },
    "record.open": ({ record }) => {
      const found = [...items, ...full.map(([each]) => each)].find((each) => each.record === record)
      if (setting.step === "closed") throw new CoreError("record/unopened", "")
      if (found === undefined) throw new CoreError("record/unknown", record)
      if (found.failed) throw new CoreError(found.failed, "chunk 0")
      const mediaType = found.kind === "note" ? "text/plain" : "application/fhir+json"
      const conflict = setting.step === "conflict"
      const amendedBy = conflict ? [id(2), id(3)] : setting.step === "replaced" ? [id(3)] : []
      return {
        item: { ...found, conflict, amendedBy },
        mediaType,
        size: 812,
        writer: id(30),
        seq: 12,
        credential: id(31),
        big: setting.step === "large",
        sha256: id(32),
      }
    },
    "proof.show": ({ record }) => {
      const found = [...items, ...full.map(([each]) => each)].find((each) => each.record === record)
      if (found === undefined) throw new CoreError("record/unknown", record)
      const shut = setting.step === "proof-unopened" ? { opened: false, label: "", author: "" } : {}
      return fakeProof({ ...found, ...shut }, found.failed === "" ? "" : "payload")
    },
    "proof.block": () => fakeFile("r.block"),
    "proof.save": () => fakeFile("r.proof"),
    "proof.check": () => {
      if (setting.step === "proof-none") throw new CoreError("proof/format", "")
      return fakeVerdict(setting.step === "proof-bad" ? "signature" : "", false)
    },
    "record.links": () => {
      const version = (n: number, more: Partial<TimelineItem>) =>
        item(n, { amends: true, refs: [id(2)], ...more })
      const rivals = [version(2, {}), version(3, { ...guest, kind: "fhir", standing: "accepted" })]
      const how = { conflict: "amendedBy", replaced: "amendedBy", change: "change" }[setting.step]
      const file = item(9, { kind: "document", type: "application/pdf", label: "letter.pdf" })
      if (setting.step === "attached") return { links: [{ how: "attachment", item: file }] }
      if (setting.step === "change")
        return {
          links: [{ how: "change", item: version(4, { ...guest, kind: "fhir", standing: "proposed" }) }],
        }
      if (how === undefined) return { links: [] }
      return { links: rivals.slice(setting.step === "conflict" ? 0 : 1).map((each) => ({ how, item: each })) }
    },
    "record.write": () => ({ record: id(97) }),
    "record.hide": nothing,
    "document.begin": () => ({ name: "document" }),
    "document.write": () => ({ done: 0, finished: false, record: "", attachment: "" }),
    "document.finish": () => ({ done: 0, finished: true, record: id(96), attachment: id(95) }),
    "document.cancel": nothing,
    "document.here": () => ({ here: 0, of: 0 }),
    "document.read": nothing,
    "records.open": ({ records }) => ({
      parts: records.map((record) => {
        const text = textOf(record)
        return {
          record,
          mediaType: "application/fhir+json",
          size: new TextEncoder().encode(text).length,
          code: "",
        }
      }),
    }),
    "note.write": () => ({ record: id(99) }),
    verdict: () => ({ record: id(98) }),
    "meet.start": () => {
      meetStep = "waiting"
      return meet()
    },
    "meet.join": ({ code }) => {
      if (code === "wrong") throw new CoreError("meet/format", "")
      meetStep = "compare"
      return meet()
    },
    "meet.state": () => meet(),
    "meet.confirm": () => {
      meetStep = "confirmed"
      return meet()
    },
    "meet.nomatch": () => {
      meetStep = "refused"
      return meet()
    },
    "meet.refuse": () => {
      meetStep = "none"
      return meet()
    },
    "waiting.create": () => invite,
    waiting: () => ({ links: linked }),
    "waiting.match": nothing,
    "waiting.differ": nothing,
    "waiting.end": nothing,
    grants: () => ({
      grants: setting.empty
        ? []
        : [grant(1, {}), grant(2, { reader: hostile, state: "stopped", stoppedAt: now, sections: [1, 2] })],
    }),
    "grant.stop": nothing,
    "access.ask": () => ({ access: id(61), records: 3 }),
    "access.cancel": nothing,
    accesses: () => ({
      accesses: setting.empty
        ? []
        : [
            access(1, { state: "given" }),
            access(2, {
              state: "refused",
              why: "access/stopped",
              reason: "other",
              text: "Curious",
              unknown: 9,
            }),
            access(3, { state: "waiting", reader: hostile }),
          ],
    }),
    outbox: () => ({
      rows: setting.empty
        ? []
        : [
            { block: id(70), what: "note", label: "Dizzy", state: "saved", reason: "offline", at: now },
            {
              block: id(71),
              what: "grant",
              label: "Dr. Lin Wei",
              state: "sent",
              reason: "",
              at: now - 60_000,
            },
          ],
      saved: 1,
      sent: 12,
    }),
    "outbox.discard": nothing,
    sources: () => ({
      sources: setting.empty
        ? []
        : [
            {
              id: id(900),
              fileName: "amina-bundle.json",
              mediaType: "application/fhir+json",
              size: 1_512_000,
              sha256: id(5),
              at: now,
              records: 455,
            },
          ],
    }),
    "export.source": () => ({
      fileName: "a.json",
      mediaType: "application/fhir+json",
      size: 2,
      sha256: id(5),
    }),
    "export.record": () => ({
      fileName: "r.json",
      mediaType: "application/fhir+json",
      size: 2,
      sha256: id(5),
    }),
    ...fakeArchive(setting.step, now, () => {
      if (restoreStep === "file") restoreStep = "ready"
    }),
    "archive.kit": () => {
      restoreStep = "file"
      return answers["restore.state"]({})
    },
    "export.sealed": () => ({
      file: { fileName: "sealed.tar", mediaType: "application/x-tar", size: 2, sha256: id(5) },
      key: "AGE-SECRET-KEY-PQ-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ",
    }),
  }

  const textOf = (record: string): string => full.find(([each]) => each.record === record)?.[1] ?? sample
  const contentOf = (method: keyof Methods, result: unknown): Uint8Array<ArrayBuffer> | undefined => {
    if (method === "records.open") {
      const { parts } = result as Methods["records.open"]["result"]
      return new TextEncoder().encode(parts.map((part) => textOf(part.record)).join(""))
    }
    if (method === "record.open") {
      const { item: opened } = result as Methods["record.open"]["result"]
      const found = full.find(([each]) => each.record === opened.record)
      if (found !== undefined) return new TextEncoder().encode(found[1])
    }
    if (method !== "record.open" && !method.startsWith("export.")) return undefined
    const note = JSON.stringify(result).includes('"kind":"note"')
    return new TextEncoder().encode(
      note ? "Dizzy in the mornings since Monday.\nBetter after breakfast." : sample,
    )
  }

  return {
    async call(method, args) {
      await Promise.resolve()
      const result = answers[method](args)
      if (
        !/state|status|folders|timeline|grants|accesses|outbox|sources|open|proof|archive|backup/.test(method)
      ) {
        setTimeout(() => {
          for (const fn of changed) fn()
        })
      }
      const bytes = contentOf(method, result)
      return bytes === undefined ? { result } : { result, bytes }
    },
    onChanged(fn) {
      changed.add(fn)
      return () => changed.delete(fn)
    },
    onBoot(fn) {
      if (setting.phase === "loading") fn({ kind: "loading", loaded: 800_000, total: 4_100_000 })
      else if (setting.phase === "unsupported") fn({ kind: "unsupported", why: "boot/storage" })
      else fn({ kind: "ready" })
      return () => undefined
    },
  }
}

export const startCore = (): Core => fakeCore(settingOf(location.search))
