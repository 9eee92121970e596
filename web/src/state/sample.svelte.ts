import type { GrantTerms } from "#core/api.gen.ts"
import type { Cheat, Sample, Trick } from "#core/sample.ts"
import { Clinician } from "#state/clinician.svelte.ts"
import { endMeeting, meet, startMeeting } from "#state/meet.svelte.ts"
import { go } from "#state/route.svelte.ts"

/** What the clinician beside is offered: what *General for 1 hour* gives. */
const terms: GrantTerms = { sections: [1], records: [], hours: 1, until: 0, canWrite: true, purpose: "" }

let handle = $state.raw<Sample | null>(null)
let beside = $state.raw<Clinician | null>(null)
let cheated = $state(false)

/** The sample data of this page; off in every page that has a folder of its own. */
export const sample = {
  get on() {
    return handle !== null
  },
  /** The clinician's app beside this one, null while it is closed. */
  get clinician() {
    return beside
  },
  /** Whether somebody has tried to cheat. */
  get cheated() {
    return cheated
  },
}

/** Makes this page one of sample data. */
export function holdSample(next: Sample): void {
  handle = next
}

/** Ends everything of the sample and leaves for an address of the real app. */
export function wipeAndLeave(to: "/" | "/#/create"): void {
  beside?.end()
  handle?.end()
  location.replace(to)
}

/**
 * Opens the clinician's app in this page. Where nothing is shared, the two meet as any two browsers do; only the code
 * is carried over by this page, as a person would carry it.
 * @throws CoreError
 */
export async function openBeside(): Promise<void> {
  if (handle === null || beside !== null) return
  const next = new Clinician(handle.clinician)
  beside = next
  await next.refresh()
  if (next.folder?.state === "active") return
  if (meet.underway) await endMeeting()
  go("#/share")
  const { digits } = await startMeeting(terms)
  await next.join(digits)
}

export async function closeBeside(): Promise<void> {
  const step = beside?.meeting?.step
  if (step === "waiting" || step === "compare" || step === "confirmed") await beside?.endMeeting()
  beside?.end()
  beside = null
}

/**
 * Tries a trick on a copy of the stored bytes and gives what the ordinary check finds there. Undo drops the copy.
 * @throws CoreError
 */
export async function cheat(trick: Trick): Promise<Cheat> {
  if (handle === null) throw new Error("no sample data in this page")
  const found = await handle.cheat(trick)
  cheated = true
  return found
}
