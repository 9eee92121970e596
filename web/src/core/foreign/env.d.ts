/** A cut of FHIR R4's structure definitions, made at build time by tools/definitions.js. */
declare module "virtual:definitions" {
  import type { StructureDefinition } from "@medplum/fhirtypes"
  export const definitions: StructureDefinition[]
}
