import type { TimelineItem } from "#core/api.gen.ts"
import { eachPage, firstOfEach, openEach } from "#state/contents.ts"
import { resourceIn } from "#ui/fhir/open.ts"
import { isMeasured } from "#ui/fhir/result.ts"
import { type SectionName, goesOn, sections, type Summed, summed } from "#ui/fhir/summary.ts"

/** Lines of a section on the page, and records of it that are opened to find them. */
const linesMax = {
  problems: 12,
  allergies: 12,
  medicines: 12,
  vaccines: 8,
  results: 8,
  procedures: 8,
} as const
const opensMax = 400

export interface Entry {
  readonly item: TimelineItem
  /** null when the record could not be read. */
  readonly summed: Summed | null
  /** Older records called the same. */
  readonly older: number
}

export interface Section {
  readonly name: SectionName
  readonly now: readonly Entry[]
  readonly past: readonly Entry[]
  /** Lines that found no room, and records left out because they are no fact. */
  readonly more: number
  readonly out: number
}

/** One line for each name, the newest, with how many older ones there are. */
function grouped(entries: readonly Entry[]): readonly Entry[] {
  const seen: Record<string, number> = {}
  const out: Entry[] = []
  for (const entry of entries) {
    const name = entry.item.label.toLowerCase()
    const place = Object.hasOwn(seen, name) ? seen[name] : undefined
    const before = place === undefined ? undefined : out[place]
    if (place === undefined || before === undefined) {
      seen[name] = out.length
      out.push(entry)
    } else out[place] = { ...before, older: before.older + 1 + entry.older }
  }
  return out
}

function sectionOf(name: SectionName, entries: readonly Entry[]): Section {
  const facts = entries.filter((entry) => entry.summed?.state !== "out")
  const isNow = (entry: Entry) => !goesOn(name) || entry.summed === null || entry.summed.state === "now"
  const now = grouped(facts.filter(isNow))
  const past = grouped(facts.filter((entry) => !isNow(entry)))
  const room = linesMax[name]
  const shownNow = now.slice(0, room)
  const shownPast = past.slice(0, Math.max(0, room - shownNow.length))
  return {
    name,
    now: shownNow,
    past: shownPast,
    more: now.length + past.length - shownNow.length - shownPast.length,
    out: entries.length - facts.length,
  }
}

/** Results: of each test the newest; a question about a life is none. */
const fits = (name: SectionName, found: Summed | null): boolean =>
  name !== "results" || found?.result == null || isMeasured(found.result)

async function gatherSection(
  folder: string,
  name: SectionName,
  types: readonly string[],
  opened: (n: number) => boolean,
): Promise<Section> {
  const items: TimelineItem[] = []
  for (const type of types) {
    await eachPage(folder, type, (page) => {
      items.push(...page.filter((item) => item.opened && item.failed === ""))
      return opened(0)
    })
  }
  const wanted = (name === "results" ? firstOfEach(items) : items).slice(0, opensMax)
  const rest = name === "results" ? 0 : items.length - wanted.length
  const entries: Entry[] = []
  const take = wanted.map((item) => item.record)
  await openEach(folder, take, (contents) => {
    for (const content of contents) {
      const item = wanted.find((each) => each.record === content.record)
      const node = content.code === "" ? resourceIn(content.bytes) : null
      const found = node === null ? null : summed(node)
      if (item !== undefined && fits(name, found)) entries.push({ item, summed: found, older: 0 })
    }
    const enough = name === "results" && entries.length >= linesMax.results
    return opened(contents.length) && !enough
  })
  const section = sectionOf(name, entries)
  return { ...section, more: section.more + rest }
}

/** Reads a folder for its summary, section after section. */
export function gather(folder: string): {
  readonly sections: readonly Section[]
  readonly done: boolean
  readonly opened: number
  readonly read: () => Promise<void>
  readonly stop: () => void
} {
  let found = $state.raw<readonly Section[]>([])
  let done = $state(false)
  let opened = $state(0)
  let gone = false

  async function read(): Promise<void> {
    found = []
    opened = 0
    for (const [name, types] of sections) {
      const section = await gatherSection(folder, name, types, (n) => {
        opened += n
        return !gone
      })
      if (gone) return
      found = [...found, section]
    }
    done = true
  }

  return {
    get sections() {
      return found
    },
    get done() {
      return done
    },
    get opened() {
      return opened
    },
    read,
    stop: () => {
      gone = true
    },
  }
}
