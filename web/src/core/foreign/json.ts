/**
 * Where the parts of a JSON text lie, so that a resource inside a card can be taken as its issuer wrote it. It makes
 * nothing of the values; the core checks what is taken again.
 */
import { Refused } from "./refused.ts"

/** Arrays and objects open at once. Source: spec/record.md §5. */
const depthMax = 64

const space = /[ \t\r\n]*/y
const scalar = /"(?:[^"\\\u0000-\u001f]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y // eslint-disable-line no-control-regex -- JSON has none of them in strings

/**
 * The texts at path of a JSON text: a name leads into an object, "*" into each element of an array.
 * @throws Refused import/json, import/depth, import/duplicate-key for a name twice in an object on the way
 */
export function partsAt(text: string, path: readonly string[]): string[] {
  const found: string[] = []
  let at = 0

  const skip = (): void => {
    space.lastIndex = at
    space.test(text)
    at = space.lastIndex
  }
  const expect = (one: string): void => {
    skip()
    if (text[at] !== one) throw new Refused("import/json", String(at))
    at += 1
  }
  const name = (): string => {
    skip()
    scalar.lastIndex = at
    const token = scalar.exec(text)?.[0]
    if (token?.[0] !== '"') throw new Refused("import/json", String(at))
    at += token.length
    return String(JSON.parse(token))
  }
  const list = (close: string, one: () => void): void => {
    at += 1
    skip()
    if (text[at] === close) {
      at += 1
      return
    }
    for (;;) {
      one()
      skip()
      if (text[at] === close) break
      expect(",")
    }
    at += 1
  }
  /** Reads a value; steps is what of path is still ahead, or undefined off the path. */
  const value = (steps: readonly string[] | undefined, depth: number): void => {
    skip()
    const from = at
    if (depth > depthMax) throw new Refused("import/depth", String(at))
    if (text[at] === "{") {
      const seen = new Set<string>()
      list("}", () => {
        const key = name()
        if (steps !== undefined && seen.has(key)) throw new Refused("import/duplicate-key", String(at))
        seen.add(key)
        expect(":")
        value(steps?.[0] === key ? steps.slice(1) : undefined, depth + 1)
      })
    } else if (text[at] === "[") {
      list("]", () => {
        value(steps?.[0] === "*" ? steps.slice(1) : undefined, depth + 1)
      })
    } else {
      scalar.lastIndex = at
      const token = scalar.exec(text)?.[0]
      if (token === undefined) throw new Refused("import/json", String(at))
      at += token.length
    }
    if (steps?.length === 0) found.push(text.slice(from, at))
  }

  value(path, 1)
  skip()
  if (at !== text.length) throw new Refused("import/json", String(at))
  return found
}

/** An object of a parsed JSON text, or an empty one for anything else. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {}
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const stringOf = (value: unknown): string => (typeof value === "string" ? value : "")

/** What a JSON text says, undefined when it is none. */
export function tried(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @throws Refused import/json */
export function parsed(text: string): unknown {
  const value = tried(text)
  if (value === undefined) throw new Refused("import/json", "0")
  return value
}
