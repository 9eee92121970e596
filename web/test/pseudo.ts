/**
 * The languages of the app and one more, "qps": English made 40 % longer with marks on its letters, so that a text
 * that is cut off, or that no catalog holds, is seen at once. Only test/look.config.ts puts it in the place of
 * i18n/catalogs.ts.
 */
import { isLanguage as isReal, type Language, languages as real } from "../src/i18n/catalogs.ts"
import { type Catalog, en } from "../src/i18n/en.ts"

export type { Language }

const marked: Readonly<Record<string, string>> = { a: "å", e: "é", i: "ï", o: "ö", u: "ü", n: "ñ", c: "ç" }

/** Text with marked vowels and 40 % more of it, in brackets that show where it ends. */
export function longer(text: string): string {
  const body = text.replace(/[aeiounc]/g, (letter) => marked[letter] ?? letter)
  const more = "lorem ipsum ".repeat(Math.ceil(text.length / 25)).slice(0, Math.ceil(text.length * 0.4) - 2)
  return `[${body}${more === "" ? "" : " "}${more.trim()}]`
}

/** A catalog of the same shape, every text longer; functions stay functions. */
export function pseudo<T>(part: T): T
export function pseudo(part: unknown): unknown {
  if (typeof part === "string") return longer(part)
  if (typeof part === "function")
    return (...args: unknown[]) => pseudo(Reflect.apply(part, undefined, args) as unknown)
  if (typeof part !== "object" || part === null) return part
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, pseudo(value as unknown)]))
}

const pseudoLanguage = {
  qps: { name: "[Pseudo]", locale: "en-GB", dir: "ltr", load: () => Promise.resolve<Catalog>(pseudo(en)) },
}

/** It can be chosen only where the address asks for it with "?qps", so that all else looks as it is built. */
const asked = typeof location === "object" && new URLSearchParams(location.search).has("qps")

export const languages: typeof real = { ...real, ...(asked ? pseudoLanguage : {}) }

export const isLanguage = (name: string): name is Language => isReal(name) || (asked && name === "qps")
