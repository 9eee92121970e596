/**
 * JSON as received: a tree over the source text that keeps every number's digits, the order of members and
 * members that occur twice. It decides nothing about a record; the core has checked the bytes. It never recurses
 * while reading, so no nesting breaks it. Source: app.md §7, §10.
 */
export type Node = ObjectNode | ArrayNode | StringNode | PlainNode

interface Span {
  /** Where the node stands in the source: [start, end), in UTF-16 units. */
  readonly start: number
  readonly end: number
}
export interface ObjectNode extends Span {
  readonly kind: "object"
  readonly members: readonly Member[]
  readonly height: number
}
export interface ArrayNode extends Span {
  readonly kind: "array"
  readonly items: readonly Node[]
  readonly height: number
}
export interface StringNode extends Span {
  readonly kind: "string"
  readonly text: string
}
/** A number, true, false or null: its characters as received. */
export interface PlainNode extends Span {
  readonly kind: "number" | "word"
  readonly text: string
}
export interface Member {
  readonly key: string
  readonly value: Node
}

/** Thrown at the first character that is not JSON. */
export class JSONError extends Error {
  readonly offset: number
  constructor(offset: number) {
    super(`not JSON at ${String(offset)}`)
    this.offset = offset
  }
}

type Token =
  | { readonly kind: "mark"; readonly text: string; readonly start: number; readonly end: number }
  | StringNode
  | PlainNode

const space = /[ \t\n\r]*/y
const plain = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
// eslint-disable-next-line no-control-regex -- JSON forbids bare controls in strings
const quoted = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y

const escapes: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }

function unescaped(raw: string): string {
  return raw
    .slice(1, -1)
    .replace(/\\(?:u([\dA-Fa-f]{4})|(.))/g, (_, hex: string | undefined, single: string | undefined) =>
      hex !== undefined ? String.fromCharCode(parseInt(hex, 16)) : (escapes[single ?? ""] ?? single ?? ""),
    )
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0]
}

/** The token at or after at, or null at the end of the text. */
function tokenAt(source: string, at: number): Token | null {
  const start = at + (match(space, source, at)?.length ?? 0)
  const first = source[start]
  if (first === undefined) return null
  if ("{}[]:,".includes(first)) return { kind: "mark", text: first, start, end: start + 1 }
  const raw = match(first === '"' ? quoted : plain, source, start)
  if (raw === undefined) throw new JSONError(start)
  const end = start + raw.length
  if (first === '"') return { kind: "string", text: unescaped(raw), start, end }
  return { kind: /[a-z]/.test(first) ? "word" : "number", text: raw, start, end }
}

interface Frame {
  readonly kind: "object" | "array"
  readonly start: number
  readonly members: Member[]
  readonly items: Node[]
  key: string | null
  /** What may come next. */
  wants: "first" | "key" | "colon" | "value" | "comma"
  height: number
}

const heightOf = (node: Node): number => (node.kind === "object" || node.kind === "array" ? node.height : 0)

function closed(frame: Frame, end: number): Node {
  const { kind, start, members, items, height } = frame
  return kind === "object" ? { kind, start, end, members, height } : { kind, start, end, items, height }
}

/** Puts a finished value into its frame. */
function put(frame: Frame, node: Node): void {
  if (frame.kind === "array") frame.items.push(node)
  else frame.members.push({ key: frame.key ?? "", value: node })
  frame.height = Math.max(frame.height, heightOf(node) + 1)
  frame.key = null
  frame.wants = "comma"
}

const wantsValue = (frame: Frame | undefined): boolean =>
  frame === undefined || frame.wants === "value" || (frame.kind === "array" && frame.wants === "first")

/** Takes ":" or "," into the frame; false when it may not stand there. */
function separates(frame: Frame, mark: string): boolean {
  if (mark === ":" && frame.wants === "colon") frame.wants = "value"
  else if (mark === "," && frame.wants === "comma") frame.wants = frame.kind === "object" ? "key" : "value"
  else return false
  return true
}

const closes = (frame: Frame, mark: string): boolean =>
  (frame.wants === "first" || frame.wants === "comma") && mark === (frame.kind === "object" ? "}" : "]")

/** A value where a value may stand, or a member's key where a key may. */
function takes(frame: Frame | undefined, token: StringNode | PlainNode): "value" | "key" | "nothing" {
  if (wantsValue(frame)) return "value"
  const key = frame?.kind === "object" && (frame.wants === "first" || frame.wants === "key")
  return key && token.kind === "string" ? "key" : "nothing"
}

/** What has been read so far: the open objects and arrays, and the finished value. */
class Reading {
  readonly #open: Frame[] = []
  #root: Node | null = null

  /** Takes the next token; false when it does not fit. */
  take(token: Token): boolean {
    if (this.#root !== null) return false
    if (token.kind !== "mark") return this.#leaf(token)
    if (token.text === "{") return this.#begin("object", token.start)
    if (token.text === "[") return this.#begin("array", token.start)
    return this.#end(token.text, token.end)
  }

  /** The finished value, or null when something is missing. */
  root(): Node | null {
    return this.#root
  }

  #leaf(token: StringNode | PlainNode): boolean {
    const frame = this.#open.at(-1)
    const taken = takes(frame, token)
    if (taken === "value") this.#finish(token)
    if (taken === "key" && frame !== undefined) {
      frame.key = token.text
      frame.wants = "colon"
    }
    return taken !== "nothing"
  }

  #begin(kind: "object" | "array", start: number): boolean {
    if (!wantsValue(this.#open.at(-1))) return false
    this.#open.push({ kind, start, members: [], items: [], key: null, wants: "first", height: 0 })
    return true
  }

  #end(mark: string, end: number): boolean {
    const frame = this.#open.at(-1)
    if (frame === undefined) return false
    if (!closes(frame, mark)) return separates(frame, mark)
    this.#open.pop()
    this.#finish(closed(frame, end))
    return true
  }

  #finish(node: Node): void {
    const frame = this.#open.at(-1)
    if (frame === undefined) this.#root = node
    else put(frame, node)
  }
}

/**
 * Reads source, one JSON value with white space (and a byte-order mark) around it, into its tree.
 * @throws JSONError at the first character that does not fit
 */
export function parseJSON(source: string): Node {
  const reading = new Reading()
  let at = source.startsWith("\ufeff") ? 1 : 0
  for (let token = tokenAt(source, at); token !== null; token = tokenAt(source, at)) {
    if (!reading.take(token)) throw new JSONError(token.start)
    at = token.end
  }
  const root = reading.root()
  if (root === null) throw new JSONError(source.length)
  return root
}

/** How many values node holds, itself among them, counted no further than max. It does not recurse. */
export function countUpTo(node: Node, max: number): number {
  const open: Node[] = [node]
  let count = 0
  for (let next = open.pop(); next !== undefined && count < max; next = open.pop()) {
    count++
    if (next.kind === "array") open.push(...next.items.slice(0, max))
    if (next.kind === "object") open.push(...next.members.slice(0, max).map((member) => member.value))
  }
  return count
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
}

function entity(whole: string, name: string): string {
  const code = /^#x([\da-f]{1,6})$/i.exec(name)?.[1]
  const decimal = /^#(\d{1,7})$/.exec(name)?.[1]
  const point = code !== undefined ? parseInt(code, 16) : decimal !== undefined ? parseInt(decimal, 10) : -1
  if (point >= 0) return point <= 0x10ffff ? String.fromCodePoint(point) : whole
  return entities[name] ?? whole
}

/**
 * The words of an XHTML narrative: tags left out, ends of blocks as new lines, entities as characters. The result
 * is only ever shown as text. Source: threats.md A30.
 */
export function narrativeText(markup: string): string {
  return markup
    .replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, "")
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<(?:br|\/p|\/div|\/tr|\/li|\/h[1-6]|\/table|\/caption)\b[^>]*>/gi, "\n")
    .replace(/<\/t[dh]\s*>/gi, "\t")
    .replace(/<[^>]*>/g, "")
    .replace(/&(#?\w{1,8});/g, entity)
    .replace(/[ \r]+/g, " ")
    .replace(/ ?\n[ \n]*/g, "\n")
    .trim()
}
