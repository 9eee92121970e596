import type { Grant, GrantTerms } from "#core/api.gen.ts"
import { clock, list } from "#i18n/format.ts"
import { named, sectionName } from "#i18n/lookup.ts"
import type { Catalog } from "#i18n/en.ts"

/** What is or will be given, in a few words each: which sections or records, how long, whether they may write. */
export function termsWords(t: Catalog, terms: GrantTerms): readonly string[] {
  const sections = list(terms.sections.map((section) => sectionName(t, section)))
  const what =
    terms.records.length === 0 ? sections : `${t.sharing.records(terms.records.length)} (${sections})`
  const time =
    terms.hours > 0
      ? (named(t.share.hourNames, String(terms.hours)) ?? String(terms.hours))
      : t.share.expires(clock(terms.until))
  return [what, time, terms.canWrite ? t.share.mayWrite : t.share.readOnly]
}

/** What a sharing gives: its sections, or how many chosen records of them. */
export function givenWords(t: Catalog, grant: Grant): string {
  const sections = list(grant.sections.map((section) => sectionName(t, section)))
  return grant.records === 0 ? sections : `${t.sharing.records(grant.records)} (${sections})`
}
