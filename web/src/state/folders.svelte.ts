import type { TimelineArgs } from "#core/api.gen.ts"
import { query } from "#state/query.svelte.ts"
import { call, refresh } from "#state/session.svelte.ts"

/** How many records one screen shows at first and with every "Show more". */
export const pageSize = 50

/** How far "Needs you" looks back for proposed records. */
const proposedMax = 500

/** Every folder this profile sees; asked while wanted says so. */
export const folders = (wanted: () => boolean = () => true) => query("folders", () => (wanted() ? {} : null))

/** Everything that is not hidden, from the newest. */
export const everything: TimelineArgs = {
  folder: "",
  query: "",
  section: 0,
  kind: "",
  from: "",
  to: "",
  source: "",
  author: "",
  show: "",
  offset: 0,
  limit: pageSize,
}

/** What args ask of a folder's timeline, the rest left open; null asks nothing. */
export const timeline = (args: () => Partial<TimelineArgs> | null) =>
  query("timeline", () => {
    const asked = args()
    return asked === null ? null : { ...everything, ...asked }
  })

/** The newest records of the own folder, among which those still proposed are found. */
export const newest = (wanted: () => boolean = () => true) =>
  timeline(() => (wanted() ? { limit: proposedMax } : null))

/** The newest records of one section of the own folder, and how many there are. */
export const inSection = (section: () => number, limit: () => number) =>
  timeline(() => ({ section: section(), limit: limit() }))

let current = $state("")

/** The folder of somebody else that was opened last; the reader's Folder tab leads back to it. */
export const lastOpened = {
  get folder() {
    return current
  },
}

export function rememberFolder(id: string): void {
  current = id
}

/** Saves an access to records, or to the newest unopened ones when the list is empty. Source: folder.md §6. */
export async function askToOpen(
  folder: string,
  records: readonly string[],
  reason: string,
  text: string,
): Promise<number> {
  const { result } = await call("access.ask", { folder, records: [...records], reason, text })
  await refresh()
  return result.records
}

export async function stopWaiting(folder: string): Promise<void> {
  await call("access.cancel", { folder })
  await refresh()
}
