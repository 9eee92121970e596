import type { Leaf } from "#ui/leaves.ts"

/** Where resources keep what people know and mistype; places in lists are left out. The words are versions.fields. */
const paths = new Set([
  "valueQuantity.value",
  "valueQuantity.unit",
  "valueString",
  "component.valueQuantity.value",
  "effectiveDateTime",
  "onsetDateTime",
  "occurrenceDateTime",
  "performedDateTime",
  "effectivePeriod.start",
  "code.text",
  "vaccineCode.text",
  "medicationCodeableConcept.text",
  "dosage.text",
  "dosageInstruction.text",
  "reaction.manifestation.text",
  "description",
  "note.text",
])

/** The leaves that an everyday correction is about. */
export const everyday = (all: readonly Leaf[]): readonly Leaf[] =>
  all.filter(
    ({ path, kind }) =>
      kind !== "word" &&
      paths.has(
        path
          .split(".")
          .filter((part) => !/^\d+$/.test(part))
          .join("."),
      ),
  )
