import { isLanguage, type Language, languages } from "#i18n/catalogs.ts"
import { type Catalog, en } from "#i18n/en.ts"

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
  get dir() {
    return languages[language].dir
  },
  get locale() {
    return languages[language].locale
  },
}

/**
 * Speaks next from now on, and turns the page to its direction.
 * @throws when the words cannot be loaded; the page goes on in the language before
 */
export async function speak(next: Language): Promise<void> {
  catalog = await languages[next].load()
  language = next
  document.documentElement.lang = next
  document.documentElement.dir = languages[next].dir
}

/** The language to begin with: the one kept, else the first of the browser's that we have, else English. */
export function firstLanguage(kept: string, wanted: readonly string[]): Language {
  const primary = wanted.map((tag) => tag.split("-")[0]?.toLowerCase() ?? "")
  return [kept, ...primary].find(isLanguage) ?? "en"
}
