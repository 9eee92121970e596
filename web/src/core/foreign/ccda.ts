/** C-CDA documents to FHIR. What comes out is somebody's reading of the document; the document itself is kept. */
import { convertCcdaToFhir, convertXmlToCcda } from "@medplum/ccda"
import { ccdaMax } from "./limits.ts"
import { sha256 } from "./made.ts"
import { Refused } from "./refused.ts"
import { checkXML } from "./xml.ts"

export const looksLikeCcda = (head: string): boolean => /<(?:\w+:)?ClinicalDocument[\s>]/.test(head)

const uuid = /[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}/g

/**
 * The FHIR resources that can be read from a document, as NDJSON. The same document makes the same bytes.
 * @throws Refused import/xml-…, import/ccda for a document that cannot be read
 */
export async function fromCcda(text: string): Promise<string> {
  if (text.length > ccdaMax) throw new Refused("import/too-large", String(ccdaMax))
  checkXML(text)
  const made = converted(text.replace(/^\ufeff/, ""))
  const lines = made.map((resource) => JSON.stringify(resource)).join("\n") + "\n"
  const sum = await sha256(text)
  // The converter makes up ids; these come from the document, so that it is recognized when it comes again.
  const known = new Map<string, string>()
  for (const [id] of lines.matchAll(uuid)) {
    if (known.has(id) || text.includes(id)) continue
    const hex = await sha256(`${sum}/${String(known.size)}`)
    known.set(
      id,
      `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    )
  }
  return lines.replace(uuid, (id) => known.get(id) ?? id)
}

function converted(text: string): unknown[] {
  let resources: unknown[]
  try {
    resources = (convertCcdaToFhir(convertXmlToCcda(text)).entry ?? []).map((entry) => entry.resource)
  } catch (thrown) {
    throw new Refused("import/ccda", thrown instanceof Error ? thrown.message.slice(0, 200) : "")
  }
  const found = resources.filter((resource) => resource !== undefined)
  if (found.length === 0) throw new Refused("import/ccda", "nothing")
  return found
}
