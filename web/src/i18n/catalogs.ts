import { type Catalog, en } from "#i18n/en.ts"

/**
 * The languages a person can choose: the name in its own words, the locale that formats dates and numbers, the
 * direction, and where the words are. English comes with the first load, because even "could not be loaded" needs
 * words; each other is a chunk. A language is one file beside en.ts and one line here.
 */
export const languages = {
  en: { name: "English", locale: "en-GB", dir: "ltr", load: () => Promise.resolve<Catalog>(en) },
  ar: { name: "العربية", locale: "ar", dir: "rtl", load: async () => (await import("#i18n/ar.ts")).ar },
} as const

export type Language = keyof typeof languages

export const isLanguage = (name: string): name is Language => Object.hasOwn(languages, name)
