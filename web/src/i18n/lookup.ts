import { type Catalog, en } from "#i18n/en.ts"
import type { ErrorWords } from "#i18n/error.ts"

/** The words of t for name, or undefined: for names that come from the core and may be newer than this page. */
export function named(t: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(t, name) ? t[name] : undefined
}

const isError = (code: string): code is keyof Catalog["errors"] => Object.hasOwn(en.errors, code)

/** The words for an error code: its own, its family's ("kit" for "kit/new-thing"), or those for anything. */
export function errorWords(t: Catalog, code: string, detail: string): ErrorWords {
  const family = code.split("/")[0] ?? ""
  const found = isError(code) ? t.errors[code] : isError(family) ? t.errors[family] : t.errors.unknown
  return { ...found, what: found.what.replace("{}", detail === "" ? "?" : detail) }
}

export function sectionName(t: Catalog, section: number): string {
  return named(t.section.names, String(section)) ?? t.section.newer
}
