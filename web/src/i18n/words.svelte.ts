import { type Catalog, en } from "#i18n/en.ts"

export type Language = "en" | "ar"

let catalog = $state.raw<Catalog>(en)
let language = $state<Language>("en")

/** The words now on screen. */
export const words = {
  get t() {
    return catalog
  },
  get language() {
    return language
  },
}

/** Speaks next from now on, and turns the page to its direction. */
export async function speak(next: Language): Promise<void> {
  catalog = next === "ar" ? (await import("#i18n/ar.ts")).ar : en
  language = next
  document.documentElement.lang = next
  document.documentElement.dir = next === "ar" ? "rtl" : "ltr"
}

/** The language to begin with: the one kept, else the first of the browser's that we have, else English. */
export function firstLanguage(kept: string, wanted: readonly string[]): Language {
  if (kept === "en" || kept === "ar") return kept
  for (const tag of wanted) {
    const primary = tag.split("-")[0]?.toLowerCase()
    if (primary === "en" || primary === "ar") return primary
  }
  return "en"
}
