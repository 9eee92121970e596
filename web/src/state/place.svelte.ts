import type { Folder } from "#core/api.gen.ts"
import { folders } from "#state/folders.svelte.ts"
import { route } from "#state/route.svelte.ts"
import { session } from "#state/session.svelte.ts"

/** Where a screen is: in the own folder or in somebody's. */
export interface Place {
  /** "" is the own one. */
  readonly folder: string
  readonly visiting: boolean
  /** The address of the folder's list. */
  readonly back: string
  /** The parts of the address after the folder: ["add", "note"]. */
  readonly path: readonly string[]
  /** Whose folder, once known. */
  readonly owner: string
  /** Who writes here. */
  readonly writer: string
  readonly sections: readonly number[]
}

/** Reads the address once, and the folder while the screen lives. Call it while a component is being set up. */
export function place(): Place {
  const visiting = route.path[0] === "folder"
  const folder = visiting ? (route.path[1] ?? "") : ""
  const path = visiting ? route.path.slice(2) : route.path
  const all = folders(() => visiting)
  const theirs = $derived<Folder | undefined>(
    all.answer.kind === "ready" ? all.answer.value.folders.find((each) => each.id === folder) : undefined,
  )
  return {
    folder,
    visiting,
    path,
    back: visiting ? `#/folder/${folder}` : "#/",
    get writer() {
      return session.status?.name ?? ""
    },
    get owner() {
      return visiting ? (theirs?.name ?? "") : this.writer
    },
    get sections() {
      return visiting ? (theirs?.sections ?? []) : [1, 2, 3, 4, 5, 6]
    },
  }
}
