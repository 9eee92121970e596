import type { Timeline, TimelineArgs } from "#core/api.gen.ts"
import { pageSize, timeline } from "#state/folders.svelte.ts"
import type { Answer } from "#state/query.svelte.ts"

/** Where a record came from: a file by its id, or whoever signed it, by name. */
export type Origin =
  | { readonly kind: "any" }
  | { readonly kind: "file"; readonly id: string }
  | { readonly kind: "author"; readonly name: string }

/** What a person looks for in one folder. It lives as long as its screen. */
export class Filter {
  text = $state("")
  section = $state(0)
  kind = $state("")
  from = $state("")
  to = $state("")
  origin = $state.raw<Origin>({ kind: "any" })
  hidden = $state(false)
  /** The first line shown. */
  offset = $state(0)

  /** What is asked of the core, but for folder and show. */
  get args(): Partial<TimelineArgs> {
    return {
      query: this.text.trim(),
      section: this.section,
      kind: this.kind,
      from: this.from,
      to: this.to,
      source: this.origin.kind === "file" ? this.origin.id : "",
      author: this.origin.kind === "author" ? this.origin.name : "",
    }
  }

  /** Whether anything narrows the list. */
  get narrow(): boolean {
    return Object.values(this.args).some((value) => value !== "" && value !== 0)
  }

  clear(): void {
    this.text = this.kind = this.from = this.to = ""
    this.section = this.offset = 0
    this.origin = { kind: "any" }
  }
}

/** The lines of a folder that filter finds, one page at a time. */
export const lines = (folder: string, filter: Filter, show: () => string) =>
  timeline(() => ({ ...filter.args, folder, show: show(), offset: filter.offset, limit: pageSize }))

/** What a reader has not opened yet in one section (0 is all), the newest first. */
export const unopened = (folder: string, section: () => number, limit: () => number) =>
  timeline(() => ({ folder, section: section(), show: "unopened", limit: limit() }))

/** A page that is there, or nothing. */
export const pageOf = (answer: Answer<Timeline>): Timeline | null =>
  answer.kind === "ready" ? answer.value : null
