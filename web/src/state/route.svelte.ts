import { hold } from "#state/meet.svelte.ts"

/** The parts of a hash route: "#/folder/ab/record/cd" is ["folder", "ab", "record", "cd"]. A broken escape stays as it is. */
export function parse(hash: string): readonly string[] {
  return hash
    .replace(/^#?\/?/, "")
    .split("/")
    .filter((part) => part !== "")
    .map((part) => {
      try {
        return decodeURIComponent(part)
      } catch {
        return part
      }
    })
}

let path = $state.raw<readonly string[]>([])

export const route = {
  get path() {
    return path
  },
}

export function go(to: string): void {
  location.hash = to
}

/**
 * Reads the address. A meeting code leaves it, and this entry of the history, at once and waits for a click in
 * memory: neither a scanner that loads the page nor a later look at the history can use it.
 */
function read(): void {
  const next = parse(location.hash)
  const [first, ...code] = next
  if ((first === "join" || first === "link") && code.length > 0) {
    hold(location.href)
    history.replaceState(null, "", `#/${first}`)
    path = [first]
    return
  }
  path = next
}

/** Follows the address; returns what stops it. */
export function startRouter(): () => void {
  read()
  addEventListener("hashchange", read)
  return () => {
    removeEventListener("hashchange", read)
  }
}
