// Public samples, read where they lie (ANAMNESIS_DATA) and never copied: FHIR goes through unchanged; cards are checked
// with the keys of their issuer; each card that must not pass is refused with its reason.
import "../../src/core/foreign/alone.ts"
import { readFileSync, readdirSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { beforeAll, describe, expect, test, vi } from "vitest"
import { keysIn } from "../../src/core/foreign/cards.ts"
import type { CardKey, Found, How } from "../../src/core/foreign/found.ts"
import { readLink } from "../../src/core/foreign/links.ts"
import { read } from "../../src/core/foreign/read.ts"
import { card, how } from "./made.ts"

vi.setConfig({ testTimeout: 120_000 })

const folder =
  process.env["ANAMNESIS_DATA"] ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url))

/** The files below topic whose names fit; none when the samples are not here. */
function files(topic: string, fits: RegExp): string[] {
  try {
    return readdirSync(join(folder, topic), { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile() && fits.test(each.name))
      .map((each) => join(each.parentPath, each.name))
  } catch {
    console.warn(`third-party samples not found at ${join(folder, topic)}; set ANAMNESIS_DATA`)
    return []
  }
}

const bring = (path: string, more: Partial<How> = {}): Promise<Found> =>
  read(new Blob([readFileSync(path)]), basename(path), { ...how, ...more }, () => undefined)

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "accepted",
    (thrown: unknown) => (thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown)),
  )

const fhir = ["fhir-synthea", "fhir-r4-examples", "ips"].flatMap((topic) => files(topic, /\.json$/))
test.skipIf(fhir.length === 0)(`${String(fhir.length)} FHIR files go through byte for byte`, async () => {
  const warned: string[] = []
  for (const path of fhir) {
    const found = await bring(path)
    if (found.kind !== "part") throw new Error(`${path}: ${found.kind}`)
    expect(found.part.original, path).toBe(0)
    expect(Buffer.compare(found.part.bytes, readFileSync(path)), path).toBe(0)
    for (const warning of found.part.warnings)
      warned.push(`${basename(path)} ${String(warning.index)}: ${warning.text}`)
  }
  // The validator is a help: where it warns of hundreds of HL7's own examples, it is wrong and not they.
  expect(warned.length, warned.join("\n")).toBeLessThan(20)
})

const spec = files("smart-health-cards/spec", /(?:jws|numeric-value-0)\.txt$|\.smart-health-card$/)
const issuer = files("smart-health-cards/spec", /^jwks\.json$/)
const negatives = files(
  "smart-health-cards/dev-tools/testdata",
  /d-jws-|qr-code-numeric|\.smart-health-card$|wrong-extension$/,
)
const payloads = files("smart-health-cards/dev-tools/testdata", /payload-expanded/)
let keys: CardKey[] = []
beforeAll(async () => {
  for (const path of issuer) keys = [...keys, ...(await keysIn(readFileSync(path, "utf8"), basename(path)))]
})

/** Why a card of the developers' tools must not pass; those without a reason are good, or odd in harmless ways. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/der-signature/, "import/card-signature-form"],
  [/invalid-signature/, "import/card-signature"],
  [/no_deflate|no_jws_header_zip/, "import/card-packing"],
  [/utf8_bom_prefix/, "import/card-payload"],
  [/jws_too_long/, "import/card-type"],
  [/odd-count/, "import/card-digits"],
  [/chunk_too/, "import/card-missing"],
  [/milliseconds|pre-expired/, "import/card-dates"],
  [/not_yet_valid/, "import/card-early"],
  [/missing-shc-vc-type/, "import/card-type"],
]
const reasonOf = (path: string) => reasons.find(([name]) => name.test(path))?.[1] ?? "accepted"

describe.skipIf(spec.length === 0)("cards", () => {
  test("of the specification: all signatures hold", async () => {
    for (const path of spec) {
      const text = readFileSync(path, "utf8")
      if (/^shc:\/\d+\/\d+\//.test(text)) continue // one code of several
      const found = await bring(path, { keys })
      if (found.kind !== "part") throw new Error(path)
      expect(found.part.notes[0]?.code, path).toBe("card-checked")
      expect(
        Buffer.compare(found.part.bytes.subarray(0, found.part.original), readFileSync(path)),
        path,
      ).toBe(0)
    }
  })

  test("that must not pass do not, each with its reason", async () => {
    expect(negatives.length).toBeGreaterThan(0)
    let refused = 0
    for (const path of negatives) {
      const code = await codeOf(bring(path, { keys }))
      expect(code, path).toBe(reasonOf(path))
      if (code !== "accepted") refused++
    }
    expect(refused).toBeGreaterThan(5)
  })

  test("whose content is wrong, under a good signature", async () => {
    expect(payloads.length).toBeGreaterThan(0)
    for (const path of payloads) {
      const made = await card({ payload: readFileSync(path, "utf8") })
      const bringing = read(new Blob([made.jws]), "card.txt", { ...how, keys: made.keys }, () => undefined)
      expect(await codeOf(bringing), path).toBe(reasonOf(path))
    }
  })

  test("key files of the wrong kind are none", async () => {
    for (const path of files("smart-health-cards/dev-tools/testdata", /^wrong_.*_key\.json$/))
      expect(await codeOf(bring(path)), path).toBe("import/keys")
  })
})

const links = files("smart-health-links", /-shl\.txt$/)
describe.skipIf(links.length === 0)("links", () => {
  test("open the files that were sealed for them", async () => {
    let opened = 0
    for (const path of links) {
      const found = await bring(path)
      expect(found.kind, path).toBe("link")
      const sealed = path.replace("-shl.txt", "-enc.txt")
      const link = readLink(readFileSync(path, "utf8"))
      const inside = await bring(sealed, { link })
      if (inside.kind !== "part") throw new Error(inside.kind)
      if (inside.part.original > 0) continue // a card that only looks sealed
      const want: unknown = JSON.parse(readFileSync(path.replace("-shl.txt", ".json"), "utf8"))
      expect(JSON.parse(new TextDecoder().decode(inside.part.bytes))).toEqual(want)
      opened++
    }
    expect(opened).toBeGreaterThan(0)
  })
})
