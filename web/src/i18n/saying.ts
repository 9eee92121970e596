import type { Catalog } from "#i18n/en.ts"
import { fhirDate, size } from "#i18n/format.ts"

/** What ui/fhir needs to say a record in the language of t. */
export const saying = (t: Catalog) => ({ words: t.fhir, tree: t.record, date: fhirDate, size })
