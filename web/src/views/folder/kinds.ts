import type { Facet } from "#core/api.gen.ts"
import type { Catalog } from "#i18n/en.ts"
import { named } from "#i18n/lookup.ts"

/** What a kind of record is called; a FHIR type without words of its own keeps its name. */
export const kindName = (t: Catalog, kind: string): string => named(t.find.kinds, kind) ?? kind

/** As people type it: lower case, without accents and Arabic vowel signs. */
export const plain = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/[\p{Mn}\u0640]/gu, "")
    .replace(/[أإآٱ]/g, "ا")
    .toLowerCase()

/** How many letters of a word's beginning stand in a kind's name: "medicin" is near "Medicines". */
function likeness(text: string, name: string): number {
  const words = plain(name).split(/[^\p{L}\p{N}]+/u)
  const typed = plain(text).split(/[^\p{L}\p{N}]+/u)
  let best = 0
  for (const word of words) {
    for (const part of typed) {
      let same = 0
      while (same < part.length && same < word.length && part[same] === word[same]) same += 1
      best = Math.max(best, same)
    }
  }
  return best
}

/** Fewer equal letters at the beginning are chance. */
const likeMin = 3
const nearestMax = 3

/** The kinds to look at when text matches nothing: those whose name begins like it, then the most frequent. */
export function nearestKinds(t: Catalog, text: string, kinds: readonly Facet[]): readonly Facet[] {
  const like = (kind: Facet) => {
    const letters = Math.max(likeness(text, kindName(t, kind.name)), likeness(text, kind.name))
    return letters >= likeMin ? letters : 0
  }
  return [...kinds].sort((a, b) => like(b) - like(a) || b.count - a.count).slice(0, nearestMax)
}
