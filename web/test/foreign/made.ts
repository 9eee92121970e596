/** Files for tests of reading foreign formats: archives, cards and documents, made here. */
import { deflateRawSync } from "node:zlib"
import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose"
import type { CardKey, How } from "../../src/core/foreign/found.ts"

export const how: How = {
  entry: null,
  mapping: null,
  link: null,
  keys: [],
  nowMS: Date.UTC(2026, 10, 20),
  asDocument: false,
}

const bytes = (text: string | Uint8Array) =>
  typeof text === "string" ? new TextEncoder().encode(text) : text

export interface Packed {
  readonly name: string
  readonly data: string | Uint8Array
  /** Packed bytes to use instead of data's own. */
  readonly packed?: Uint8Array
  readonly size?: number
  readonly method?: number
  readonly crc?: number
  readonly flags?: number
  /** Unix mode, for symbolic links. */
  readonly mode?: number
  /** Where the directory says that it begins, instead of where it does. */
  readonly at?: number
}

/** A ZIP archive, as right or wrong as its entries say. */
export function zip(entries: readonly Packed[], more: { count?: number; comment?: string } = {}): Blob {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let at = 0
  for (const entry of entries) {
    const data = bytes(entry.data)
    const method = entry.method ?? 8
    const packed = entry.packed ?? (method === 8 ? deflateRawSync(data) : data)
    const name = bytes(entry.name)
    const both = Buffer.alloc(26)
    both.writeUInt16LE(20, 0)
    both.writeUInt16LE(entry.flags ?? 0, 2)
    both.writeUInt16LE(method, 4)
    both.writeUInt32LE(entry.crc ?? crc32(data), 10)
    both.writeUInt32LE(packed.length, 14)
    both.writeUInt32LE(entry.size ?? data.length, 18)
    both.writeUInt16LE(name.length, 22)
    const central = Buffer.alloc(16)
    central.writeUInt32LE((entry.mode ?? 0o100644) * 0x10000, 6)
    central.writeUInt32LE(entry.at ?? at, 10)
    directory.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), both, central.subarray(0, 14), name)
    parts.push(Buffer.from("PK\x03\x04", "latin1"), both, name, packed)
    at += 30 + name.length + packed.length
  }
  const listed = Buffer.concat(directory)
  const comment = bytes(more.comment ?? "")
  const end = Buffer.alloc(18)
  end.writeUInt16LE(more.count ?? entries.length, 4)
  end.writeUInt16LE(more.count ?? entries.length, 6)
  end.writeUInt32LE(listed.length, 8)
  end.writeUInt32LE(at, 12)
  end.writeUInt16LE(comment.length, 16)
  return new Blob([Buffer.concat([...parts, listed, Buffer.from("PK\x05\x06", "latin1"), end, comment])])
}

function crc32(data: Uint8Array): number {
  let c = 0xffffffff
  for (const byte of data) {
    c ^= byte
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  }
  return (c ^ 0xffffffff) >>> 0
}

export const cardBundle =
  '{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"resource:0","resource":{"resourceType":"Patient","name":[{"family":"Haddad","given":["Amina"]}],"birthDate":"1992-03-27"}},' +
  '{"fullUrl":"resource:1","resource":{"resourceType":"Immunization","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"207"}]},"patient":{"reference":"resource:0"},"occurrenceDateTime":"2021-01-01","doseQuantity":{"value":1.00}}}]}'

export interface Made {
  readonly jws: string
  readonly keys: CardKey[]
  /** The issuer's key file. */
  readonly jwks: string
}

/** A card as an issuer makes it. */
export async function card(
  more: { payload?: string; header?: Record<string, unknown>; claims?: Record<string, unknown> } = {},
): Promise<Made> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), use: "sig", alg: "ES256" }
  const kid = await calculateJwkThumbprint(jwk)
  const claims = {
    iss: "https://clinic.example/issuer",
    nbf: 1_700_000_000,
    vc: {
      type: ["https://smarthealth.cards#health-card"],
      credentialSubject: { fhirVersion: "4.0.1", fhirBundle: "%" },
    },
    ...more.claims,
  }
  const payload = more.payload ?? JSON.stringify(claims).replace('"%"', cardBundle)
  const header = { alg: "ES256", zip: "DEF", kid, ...more.header }
  const jws = await new CompactSign(deflateRawSync(Buffer.from(payload)))
    .setProtectedHeader(header)
    .sign(privateKey)
  const full = { ...jwk, kid }
  return { jws, keys: [{ jwk: full, from: "jwks.json" }], jwks: JSON.stringify({ keys: [full] }) }
}

/** A card's digits as its QR codes have them, in so many codes. */
export function digits(jws: string, codes = 1): string[] {
  const size = Math.ceil(jws.length / codes)
  return Array.from({ length: codes }, (_, i) => {
    const text = jws.slice(i * size, (i + 1) * size)
    const head = codes === 1 ? "shc:/" : `shc:/${String(i + 1)}/${String(codes)}/`
    return head + Array.from(text, (one) => String(one.charCodeAt(0) - 45).padStart(2, "0")).join("")
  })
}

/** A C-CDA document with one allergy and one problem, and what else is put in. */
export function ccda(more: { narrative?: string; before?: string; title?: string } = {}): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
${more.before ?? ""}<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdtc="urn:hl7-org:sdtc">
  <realmCode code="US"/>
  <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <templateId root="2.16.840.1.113883.10.20.22.1.2" extension="2015-08-01"/>
  <id root="2.16.840.1.113883.19.5.99999.1" extension="made-here"/>
  <code code="34133-9" codeSystem="2.16.840.1.113883.6.1" displayName="Summarization of Episode Note"/>
  <title>${more.title ?? "Summary"}</title>
  <effectiveTime value="20260105120000+0000"/>
  <confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
  <languageCode code="en-US"/>
  <recordTarget><patientRole>
    <id root="2.16.840.1.113883.19.5.99999.2" extension="998991"/>
    <patient><name use="L"><given>Amina</given><family>Haddad</family></name><administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19920327"/></patient>
  </patientRole></recordTarget>
  <author><time value="20260105120000+0000"/><assignedAuthor><id root="2.16.840.1.113883.4.6" extension="1234567890"/><assignedPerson><name><given>Lin</given><family>Wei</family></name></assignedPerson></assignedAuthor></author>
  <custodian><assignedCustodian><representedCustodianOrganization><id root="2.16.840.1.113883.19.5" extension="1"/><name>Clinic</name></representedCustodianOrganization></assignedCustodian></custodian>
  <component><structuredBody><component><section>
    <templateId root="2.16.840.1.113883.10.20.22.2.5.1" extension="2015-08-01"/>
    <code code="11450-4" codeSystem="2.16.840.1.113883.6.1" displayName="Problem list"/>
    <title>Problems</title>
    <text>${more.narrative ?? "<paragraph>Type 2 diabetes</paragraph>"}</text>
    <entry typeCode="DRIV"><act classCode="ACT" moodCode="EVN">
      <templateId root="2.16.840.1.113883.10.20.22.4.3" extension="2015-08-01"/>
      <id root="2.16.840.1.113883.19.5.99999.3" extension="p1"/>
      <code code="CONC" codeSystem="2.16.840.1.113883.5.6"/>
      <statusCode code="active"/>
      <effectiveTime><low value="20190304"/></effectiveTime>
      <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">
        <templateId root="2.16.840.1.113883.10.20.22.4.4" extension="2015-08-01"/>
        <id root="2.16.840.1.113883.19.5.99999.4" extension="p1o"/>
        <code code="55607006" codeSystem="2.16.840.1.113883.6.96" displayName="Problem"/>
        <statusCode code="completed"/>
        <effectiveTime><low value="20190304"/></effectiveTime>
        <value xsi:type="CD" code="44054006" codeSystem="2.16.840.1.113883.6.96" displayName="Diabetes mellitus type 2"/>
      </observation></entryRelationship>
    </act></entry>
  </section></component></structuredBody></component>
</ClinicalDocument>
`
}

/** An Apple Health export with so many heart rates. */
export function appleHealth(beats = 3, more = ""): string {
  const record = (type: string, unit: string, value: string, minute: number) =>
    ` <Record type="HKQuantityTypeIdentifier${type}" sourceName="Amina&#39;s Watch" sourceVersion="10" unit="${unit}" creationDate="2026-03-05 07:12:33 +0100" startDate="2026-03-05 ${String(7 + Math.floor(minute / 3600)).padStart(2, "0")}:${String(Math.floor(minute / 60) % 60).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")} +0100" endDate="2026-03-05 07:12:33 +0100" value="${value}"/>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 13 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation)*)>
<!ATTLIST HealthData locale CDATA #REQUIRED>
]>
<HealthData locale="en_US">
 <ExportDate value="2026-03-05 07:12:33 +0100"/>
 <Me HKCharacteristicTypeIdentifierDateOfBirth="1992-03-27"/>
${record("BodyMass", "kg", "61.50", 0)}
${record("OxygenSaturation", "%", "0.975", 1)}
${record("BloodPressureSystolic", "mmHg", "128", 2)}
${record("BloodPressureDiastolic", "mmHg", "82", 2)}
 <Correlation type="HKCorrelationTypeIdentifierBloodPressure" startDate="2026-03-05 07:00:02 +0100">
${record("BloodPressureSystolic", "mmHg", "999", 2)}
 </Correlation>
${record("BloodGlucose", "mmol&lt;180.1558800000541&gt;/L", "5.6", 3)}
${record("DietaryWater", "mL", "200", 4)}
${Array.from({ length: beats }, (_, i) => record("HeartRate", "count/min", String(60 + (i % 40)), 10 + i)).join("\n")}
${more}</HealthData>
`
}
