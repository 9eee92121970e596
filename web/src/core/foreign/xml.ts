/**
 * A reader of XML as a stream of tags, for files of any size: it holds one tag at a time. It knows no entities but the
 * five of the standard, follows nothing, and refuses a DOCTYPE or, where a format has one, steps over it unread.
 * Source: threats.md A32.
 */
import { tagMax, xmlDepthMax } from "./limits.ts"
import { Refused } from "./refused.ts"

export type Attributes = ReadonlyMap<string, string>

export interface Handler {
  /** An element begins; its attributes are read only where they are asked for. */
  open(name: string, attributes: () => Attributes): void
  close(name: string): void
}

const tag = /<(\/?)([^\s/>"'<=]+)((?:[^>"'<]|"[^"<]*"|'[^'<]*')*)>/y
const attribute = /\s([^\s="'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g
const doctypeEnd = /<!DOCTYPE[^>[]*(?:\[(?:[^\]"']|"[^"]*"|'[^']*')*\]\s*)?>/y

const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" }

/** Text with the five entities and character references resolved; any other stays as it is written. */
export function unescaped(text: string): string {
  return text.replace(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/gi,
    (all, hex?: string, dec?: string, name?: string) => {
      if (name !== undefined) return named[name.toLowerCase()] ?? all
      const code = hex === undefined ? Number(dec) : parseInt(hex, 16)
      return code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : all
    },
  )
}

export class TagReader {
  readonly #handler: Handler
  readonly #doctype: "refuse" | "skip"
  #rest = ""
  #open: string[] = []
  #seen = false

  constructor(handler: Handler, doctype: "refuse" | "skip") {
    this.#handler = handler
    this.#doctype = doctype
  }

  /** Takes the next piece of the text. @throws Refused import/xml-… */
  take(text: string): void {
    this.#rest += text
    let at = 0
    for (;;) {
      const start = this.#rest.indexOf("<", at)
      if (start < 0) {
        at = this.#rest.length
        break
      }
      const end = this.#one(start)
      if (end < 0) {
        at = start
        break
      }
      at = end
    }
    this.#rest = this.#rest.slice(at)
    if (this.#rest.length > tagMax) throw new Refused("import/xml", "a tag without an end")
  }

  /** @throws Refused import/xml when elements are still open, or there was none */
  end(): void {
    if (this.#rest !== "" || this.#open.length > 0 || !this.#seen)
      throw new Refused("import/xml", "the end is missing")
  }

  /** Reads what begins at start and gives where it ends, or -1 when more is needed. */
  #one(start: number): number {
    const rest = this.#rest
    if (rest.startsWith("<!--", start)) return after(rest, "-->", start + 4)
    if (rest.startsWith("<?", start)) return after(rest, "?>", start)
    if (rest.startsWith("<![CDATA[", start)) return after(rest, "]]>", start)
    if (rest.startsWith("<!DOCTYPE", start)) return this.#skipDoctype(start)
    if (rest.startsWith("<!", start) && rest.length > start + 9)
      throw new Refused("import/xml", "a declaration")
    tag.lastIndex = start
    const found = tag.exec(rest)
    if (found === null) return -1
    const [all, slash = "", name = "", inside = ""] = found
    this.#seen = true
    if (slash !== "") this.#close(name)
    else {
      this.#open.push(name)
      if (this.#open.length > xmlDepthMax) throw new Refused("import/xml-depth", String(xmlDepthMax))
      this.#handler.open(name, () => attributesOf(inside))
      if (inside.endsWith("/")) this.#close(name)
    }
    return start + all.length
  }

  #close(name: string): void {
    if (this.#open.pop() !== name) throw new Refused("import/xml", `</${name}>`)
    this.#handler.close(name)
  }

  #skipDoctype(start: number): number {
    if (this.#doctype === "refuse" || this.#seen) throw new Refused("import/xml-doctype")
    doctypeEnd.lastIndex = start
    const found = doctypeEnd.exec(this.#rest)
    if (found === null) return -1
    if (/<!ENTITY|\b(?:SYSTEM|PUBLIC)\b/.test(found[0])) throw new Refused("import/xml-doctype")
    return start + found[0].length
  }
}

/** @throws Refused import/xml for two of one name */
function attributesOf(inside: string): Attributes {
  const found = new Map<string, string>()
  for (const [, key = "", double, single] of ` ${inside}`.matchAll(attribute)) {
    if (found.has(key)) throw new Refused("import/xml", `two of ${key}`)
    found.set(key, unescaped(double ?? single ?? ""))
  }
  return found
}

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  return at < 0 ? -1 : at + mark.length
}

/** Reads a whole text, for what it refuses. @throws Refused import/xml-… */
export function checkXML(text: string): void {
  const nothing: Handler = { open: (_, attributes) => void attributes(), close: () => undefined }
  const reader = new TagReader(nothing, "refuse")
  const step = 1 << 16
  for (let at = 0; at < text.length; at += step) reader.take(text.slice(at, at + step))
  reader.end()
}
