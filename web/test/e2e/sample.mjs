// A bundle of the project's own: one patient, ten years of one laboratory test, something of every way a file can be odd.

const patient = `    {
      "fullUrl": "urn:uuid:0b1f0a5e-1d3c-4f0a-9a51-2f6d4c1e0001",
      "resource": {"resourceType": "Patient", "id": "amina", "name": [{"family": "Haddad", "given": ["Amina"]}], "birthDate": "1992-03-27", "gender": "female"}
    }`

const observation = (year) => `    {"resource":
\t{"resourceType":"Observation","id":"hba1c-${year}","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"4548-4","display":"Hemoglobin A1c"}],"text":"HbA1c ${year}"},
\t"subject":{"reference":"Patient/amina"},"effectiveDateTime":"${year}-05-04","valueQuantity":{"value":${((90 - (year - 2010)) / 10).toFixed(2)},"unit":"%"}}}`

const note = `    {"resource": {"resourceType": "DocumentReference", "id": "letter", "status": "current", "date": "2014-02-03T10:00:00Z",
      "description": "Letter, \\u202E حرف", "content": [{"attachment": {"contentType": "text/plain", "data": "`

/** A FHIR bundle as text: 12 resources, one of them over 600 KB when `big`, with the line ends of another system. */
export function bundle({ big = false } = {}) {
  const years = Array.from({ length: 10 }, (_, i) => 2015 + i)
  const data = "QW1pbmE=".repeat(big ? 80_000 : 40)
  const entries = [patient, ...years.map(observation), `${note}${data}"}}]}}`]
  return `{\r\n  "resourceType": "Bundle",\r\n  "type": "collection",\r\n  "entry": [\r\n${entries.join(",\r\n")}\r\n  ]\r\n}\r\n`
}

export const sampleFile = (options) => ({
  name: "amina.json",
  mimeType: "application/fhir+json",
  buffer: Buffer.from(bundle(options)),
})
export const sampleRecords = 12
