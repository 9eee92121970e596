import type { Folder, MeetState, TimelineItem } from "#core/api.gen.ts"
import type { Core } from "#core/core.ts"
import { everything } from "#state/folders.svelte.ts"
import { type Problem, problemOf } from "#state/problem.ts"

/** How many records the small chart shows; the sample has fewer. */
const chartMax = 50

/** A record that the clinician opened, with its bytes as received. */
export interface Reading {
  readonly item: TimelineItem
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/**
 * A second app in the page: the clinician of the sample data, with a core of its own. It is not the page's session,
 * so everything it knows stands here.
 */
export class Clinician {
  readonly #core: Core
  readonly #offChanged: () => void
  #rounds = 0
  meeting = $state.raw<MeetState | null>(null)
  folder = $state.raw<Folder | null>(null)
  items = $state.raw<readonly TimelineItem[]>([])
  reading = $state.raw<Reading | null>(null)
  problem = $state.raw<Problem | null>(null)
  /** Whether something was written in this visit. */
  wrote = $state(false)

  constructor(core: Core) {
    this.#core = core
    this.#offChanged = core.onChanged(() => void this.refresh())
  }

  /** Asks for everything the pane shows; what changes meanwhile is asked after the answer. */
  async refresh(): Promise<void> {
    this.#rounds += 1
    if (this.#rounds > 1) return
    for (let asked = 0; asked < this.#rounds;) {
      asked = this.#rounds
      await this.#try(() => this.#ask())
    }
    this.#rounds = 0
  }

  join(code: string): Promise<void> {
    return this.#do(() => this.#core.call("meet.join", { code }))
  }

  /** "They match" on this side. */
  match(): Promise<void> {
    return this.#do(() => this.#core.call("meet.confirm", {}))
  }

  /** Ends the meeting on this side, or puts its result away. */
  endMeeting(): Promise<void> {
    return this.#do(() => this.#core.call("meet.refuse", {}))
  }

  /** Asks to open what is not open yet: the patient sees that. */
  ask(): Promise<void> {
    const folder = this.folder?.id ?? ""
    const records = this.items.flatMap((item) => (item.opened || item.failed !== "" ? [] : [item.record]))
    return this.#do(() => this.#core.call("access.ask", { folder, records, reason: "visit", text: "" }))
  }

  read(item: TimelineItem): Promise<void> {
    return this.#try(async () => {
      const { result, bytes } = await this.#core.call("record.open", {
        folder: this.folder?.id ?? "",
        record: item.record,
      })
      this.reading = { item: result.item, mediaType: result.mediaType, bytes: bytes ?? new Uint8Array() }
    })
  }

  closeReading(): void {
    this.reading = null
  }

  /** Signs a prescription into the patient's folder, where it is proposed. */
  prescribe(text: string): Promise<void> {
    return this.#do(async () => {
      const folder = this.folder?.id ?? ""
      await this.#core.call("note.write", { folder, section: 1, text, refs: [], amends: false })
      this.wrote = true
    })
  }

  /** The pane is gone; the core goes on. */
  end(): void {
    this.#offChanged()
  }

  async #do(job: () => Promise<unknown>): Promise<void> {
    await this.#try(job)
    await this.refresh()
  }

  async #try(job: () => Promise<unknown>): Promise<void> {
    try {
      await job()
      this.problem = null
    } catch (thrown) {
      this.problem = problemOf(thrown)
    }
  }

  async #ask(): Promise<void> {
    this.meeting = (await this.#core.call("meet.state", {})).result
    this.folder = (await this.#core.call("folders", {})).result.folders[0] ?? null
    if (this.folder?.state !== "active") {
      this.items = []
      this.reading = null
      return
    }
    const args = { ...everything, folder: this.folder.id, limit: chartMax }
    this.items = (await this.#core.call("timeline", args)).result.items
  }
}
