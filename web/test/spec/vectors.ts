/** The golden vectors and the pages of shared/spec, as the Go tests read them. */
import { Refused } from "./bytes.ts"

const files = import.meta.glob<unknown>("../../../shared/spec/vectors/*.json", {
  eager: true,
  import: "default",
})
const texts = import.meta.glob<string>(["../../../shared/spec/*.md", "../../../shared/folder/english.go"], {
  eager: true,
  import: "default",
  query: "?raw",
})

/** The vectors of one file; the test that uses them says what they look like. */
export function vectors(name: string): unknown {
  const file = files[`../../../shared/spec/vectors/${name}.json`]
  if (file === undefined) throw new Error(`no vectors ${name}`)
  return file
}

/** One page of the specification. */
export function page(name: string): string {
  return lines(`../../../shared/spec/${name}.md`).join("\n")
}

/** The lines of a text file. */
export function lines(path: string): string[] {
  const text = texts[path]
  if (text === undefined) throw new Error(`no text ${path}`)
  return text.split("\n")
}

/** The code with which reading is refused, or "". */
export async function codeOf(reading: () => unknown): Promise<string> {
  try {
    await reading()
    return ""
  } catch (e) {
    if (e instanceof Refused) return e.code
    throw e
  }
}
