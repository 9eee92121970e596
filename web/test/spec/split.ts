/** A file of FHIR values, read apart as record.md §5 says. A lone Bundle is left whole: these vectors have none. */
import { type Bytes, Refused } from "./bytes.ts"

const depthMax = 64

/** A refusal at an offset of the file. */
export class RefusedAt extends Refused {
  readonly at: number

  constructor(code: string, at: number) {
    super(code, `at ${String(at)}`)
    this.at = at
  }
}

/** Where each value begins and ends. @throws RefusedAt import/…. */
export function split(file: Bytes): { kind: "resource" | "ndjson"; records: [number, number][] } {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(file)
  } catch {
    throw new RefusedAt("import/utf8", 0)
  }
  // one character for one byte, so that places in the text are offsets of the file
  const scanner = new Scanner(String.fromCharCode(...file))
  if (scanner.text.startsWith("\u00ef\u00bb\u00bf")) scanner.at = 3
  const records: [number, number][] = []
  for (let gap = scanner.gap(); scanner.at < file.length; gap = scanner.gap()) {
    const start = scanner.at
    if (records.length > 0 && !gap.includes("\n")) throw new RefusedAt("import/json", start)
    scanner.value(0)
    if (!isResource(file.slice(start, scanner.at))) throw new RefusedAt("import/not-fhir", start)
    records.push([start, scanner.at])
  }
  if (records.length === 0) throw new RefusedAt("import/json", scanner.at)
  return { kind: records.length === 1 ? "resource" : "ndjson", records }
}

function isResource(bytes: Bytes): boolean {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
  return (
    typeof value === "object" &&
    value !== null &&
    "resourceType" in value &&
    typeof value.resourceType === "string"
  )
}

/** RFC 8259, for the place at which something is wrong. */
class Scanner {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  /** The white space here. */
  gap(): string {
    return this.#match(/[ \t\r\n]*/uy)
  }

  value(depth: number): void {
    const first = this.text[this.at]
    if (first === "{" || first === "[") {
      if (depth === depthMax) throw new RefusedAt("import/depth", this.at)
      this.at++
      this.#members(first === "{" ? "}" : "]", depth + 1)
    } else if (first === '"') this.#string()
    else this.#match(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/uy)
  }

  #members(end: string, depth: number): void {
    const names = new Set<string>()
    this.gap()
    for (let more = this.text[this.at] !== end; more; more = this.#take(",", end)) {
      this.gap()
      if (end === "}") {
        const at = this.at
        const name = this.#string()
        if (names.has(name)) throw new RefusedAt("import/duplicate-key", at)
        names.add(name)
        this.gap()
        this.#match(/:/uy)
        this.gap()
      }
      this.value(depth)
      this.gap()
    }
    this.at++
  }

  /** Whether `next` stands here, which is taken, and not `end`, which is left. */
  #take(next: string, end: string): boolean {
    const here = this.text[this.at]
    if (here !== next && here !== end) throw new RefusedAt("import/json", this.at)
    if (here === next) this.at++
    return here === next
  }

  #string(): string {
    // eslint-disable-next-line no-control-regex -- control characters are what a string may not hold
    const token = this.#match(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy)
    return JSON.parse(token) as string
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found === null) throw new RefusedAt("import/json", this.at)
    this.at = pattern.lastIndex
    return found[0]
  }
}
