import { words } from "#i18n/words.svelte.ts"

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/

/**
 * A person's name inside a sentence. A name of the other direction, or any name in a right-to-left sentence, is
 * isolated so that it cannot reorder the words around it. Hidden characters are made visible before, by ui/visible.
 */
export function isolated(name: string): string {
  return words.dir === "rtl" || rightToLeft.test(name) ? `\u2068${name}\u2069` : name
}
