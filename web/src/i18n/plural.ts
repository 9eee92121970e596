/** Words for a count by the plural categories a language has; "#" stands for the number. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string }

/** A function that picks the form of n in language (zero's own where there is one), with the number in Latin digits. */
export function plural(language: string): (n: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language)
  const digits = new Intl.NumberFormat(`${language}-u-nu-latn`)
  return (n, forms) =>
    (forms[n === 0 && forms.zero !== undefined ? "zero" : rules.select(n)] ?? forms.other).replaceAll(
      "#",
      digits.format(n),
    )
}
