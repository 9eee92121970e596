// Bringing files in, with the real core and the real Worker without keys: foreign formats, several files, codes seen by
// a camera, and files made to harm. Nothing leaves the device, nothing is dropped, nothing known is called new.
import assert from "node:assert/strict"
import { deflateRawSync } from "node:zlib"
import { after, before, test } from "node:test"
import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose"
import { chromium } from "playwright-core"
import encodeQR from "qr"
import { cameraArgs, film } from "./camera.mjs"
import * as e from "./lib.mjs"
import { bundle } from "./sample.mjs"

const resource = (id, more = "") =>
  `{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"${id}"},"valueQuantity":{"value":6.30}${more}}`
const ndjson = `${resource("one")}\r\n${resource("two")}\n`
const csv = "Date;Glucose;Unit\r\n2026-03-05;5,60;mmol/L\r\n2026-03-06;=HYPERLINK(1);mmol/L\r\n"
const apple = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [<!ELEMENT HealthData (Record*)>]>
<HealthData locale="en_US"><Record type="HKQuantityTypeIdentifierBodyMass" sourceName="Scale" unit="kg" startDate="2026-03-05 07:12:33 +0100" value="61.50"/></HealthData>
`
const ccda = `<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><id root="2.16.840.1.113883.19.5" extension="made-here"/><code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>Summary &lt;script&gt;alert(1)&lt;/script&gt;</title><effectiveTime value="20260105"/><recordTarget><patientRole><id root="2.16.840.1.113883.19.5.2" extension="9"/><patient><name><given>Amina</given><family>Haddad</family></name><birthTime value="19920327"/></patient></patientRole></recordTarget><component><structuredBody><component><section><code code="11450-4" codeSystem="2.16.840.1.113883.6.1"/><title>Problems</title><text><paragraph onclick="alert(1)">hello</paragraph></text></section></component></structuredBody></component></ClinicalDocument>
`

/** A card, its issuer's key file, and the same card with another's signature. */
async function cards() {
  const issuer = async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true })
    const jwk = { ...(await exportJWK(publicKey)), use: "sig", alg: "ES256" }
    return { privateKey, jwk: { ...jwk, kid: await calculateJwkThumbprint(jwk) } }
  }
  const payload = (text) =>
    `{"iss":"https://clinic.example","nbf":1700000000,"vc":{"type":["https://smarthealth.cards#health-card"],"credentialSubject":{"fhirVersion":"4.0.1","fhirBundle":{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Immunization","status":"completed","vaccineCode":{"text":"${text}"},"patient":{"reference":"resource:0"},"occurrenceDateTime":"2021-01-01"}}]}}}}`
  const { privateKey, jwk } = await issuer()
  const sign = (text) =>
    new CompactSign(deflateRawSync(payload(text)))
      .setProtectedHeader({ alg: "ES256", zip: "DEF", kid: jwk.kid })
      .sign(privateKey)
  const [good, other] = [await sign("MMR"), await sign("BCG")]
  const bad = [...good.split(".").slice(0, 2), other.split(".")[2]].join(".")
  return { good, bad, other, jwks: JSON.stringify({ keys: [jwk] }) }
}
const digits = (jws) => [...jws].map((one) => String(one.charCodeAt(0) - 45).padStart(2, "0")).join("")

/** A ZIP of stored and packed files. */
function zip(files) {
  const parts = []
  const list = []
  let at = 0
  for (const [name, text, size] of files) {
    const data = Buffer.from(text)
    const packed = deflateRawSync(data)
    const head = Buffer.alloc(26)
    head.writeUInt16LE(20, 0)
    head.writeUInt16LE(8, 4)
    head.writeUInt32LE(crc(data), 10)
    head.writeUInt32LE(packed.length, 14)
    head.writeUInt32LE(size ?? data.length, 18)
    head.writeUInt16LE(Buffer.byteLength(name), 22)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(at, 10)
    list.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), head, rest, Buffer.from(name))
    parts.push(Buffer.from("PK\x03\x04", "latin1"), head, Buffer.from(name), packed)
    at += 30 + Buffer.byteLength(name) + packed.length
  }
  const directory = Buffer.concat(list)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(files.length, 4)
  end.writeUInt16LE(files.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(at, 12)
  return Buffer.concat([...parts, directory, Buffer.from("PK\x05\x06", "latin1"), end])
}
function crc(data) {
  let c = 0xffffffff
  for (const byte of data) {
    c ^= byte
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  }
  return (c ^ 0xffffffff) >>> 0
}

let server, amina, page, made
before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  page = amina.page
  await e.createFolder(page, server.origin, "Amina Haddad")
  made = await cards()
})
after(async () => {
  await amina?.end()
  await server?.end()
})

const file = (name, content) => ({ name, mimeType: "", buffer: Buffer.from(content) })
/** The screen on which files are chosen, whatever was there before. */
const choosing = async () => {
  await e.goto(page, "#/")
  await e.goto(page, "#/import")
  const another = e.at(page, "import-another")
  if (await another.isVisible()) await another.click()
}
const offer = async (...files) => {
  await choosing()
  await e.at(page, "import-file").setInputFiles(files)
}
const results = async () => {
  await e.seen(page, "import-result")
  return page
    .getByTestId("import-result")
    .evaluateAll((all) => all.map((each) => [each.dataset.kind, each.dataset.code ?? ""]))
}
const refusal = async () => {
  await e.seen(page, "error")
  const code = await e.errorCode(page)
  await page.getByTestId("error").locator("button").click()
  return code
}
/** The imported file of a name, as it comes out. */
async function exported(name) {
  await e.goto(page, "#/files")
  const row = page.getByTestId("source-row").filter({ hasText: name }).first()
  return (await e.download(page, () => e.twice(page, row.getByTestId("export-source")))).bytes
}

test("C-CDA, Apple Health, NDJSON and a table in one go; every file comes back byte for byte", async () => {
  await offer(
    file("summary.xml", ccda),
    file("export.xml", apple),
    file("all.ndjson", ndjson),
    file("glucose.csv", csv),
  )
  await e.seen(page, "import-converted")
  await e.press(page, "import-start-all")
  await e.seen(page, "csv-go")
  assert.equal(await page.getByTestId("csv-date").inputValue(), "0")
  await e.press(page, "csv-go")
  await e.seen(page, "import-saved")
  assert.deepEqual(
    (await results()).map(([kind]) => kind),
    ["saved", "saved", "saved", "saved"],
  )
  for (const [name, text] of [
    ["summary.xml", ccda],
    ["export.xml", apple],
    ["all.ndjson", ndjson],
    ["glucose.csv", csv],
  ])
    assert.equal((await exported(name)).toString(), text, name)
})

test("what was made from a file says so, and its script is text", async () => {
  await e.goto(page, "#/")
  await e.fill(page, "search", "Summary")
  await page.getByTestId("timeline-item").first().waitFor()
  await e.goto(page, "#/")
  await e.fill(page, "search", "Body weight")
  await page.getByTestId("timeline-item").first().locator("a").first().click()
  await e.seen(page, "record-converted")
  assert.equal(await e.at(page, "record-converted").getAttribute("data-format"), "apple-health")
  assert.ok((await e.text(page, "record-view")).includes("61.50"))
})

test("the same files again are known, and nothing is called new", async () => {
  await offer(file("renamed.xml", ccda), file("all.ndjson", ndjson))
  assert.deepEqual(
    (await results()).map(([kind]) => kind),
    ["known", "known"],
  )
  await e.press(page, "import-another")
  await offer(file("more.ndjson", ndjson + resource("three") + "\n"))
  await e.press(page, "import-start")
  await e.seen(page, "import-saved")
  assert.match(await e.text(page, "import-known"), /^2 /)
})

test("a ZIP: its files one by one, the archive kept, odd names shown and followed nowhere", async () => {
  const archive = zip([
    ["../../evil\u202egnp.json", resource("zipped")],
    ["folder/b.ndjson", `${resource("b1")}\n${resource("b2")}\n`],
    ["letter.txt", "Dear Amina"],
  ])
  await offer(file("all.zip", archive))
  await e.seen(page, "import-start")
  assert.ok((await page.locator("main").innerText()).includes("U+202E"))
  await e.press(page, "import-start-all")
  await e.seen(page, "import-saved")
  assert.deepEqual(
    (await results()).map(([kind]) => kind),
    ["archive", "saved", "saved", "saved", "saved"],
  )
  assert.ok((await exported("all.zip")).equals(archive))
})

test("A31, A32: bombs, entities and depth are refused at once, and the next file is read", async () => {
  const began = Date.now()
  await offer(
    file("bomb.zip", zip([["a.json", Buffer.alloc(20 << 20)]])),
    file("liar.zip", zip([["a.json", Buffer.alloc(900_000), 10]])),
    file(
      "entities.xml",
      ccda.replace("<ClinicalDocument", '<!DOCTYPE a [<!ENTITY b "c">]><ClinicalDocument'),
    ),
    file("deep.json", `{"resourceType":"Basic","x":${"[".repeat(5000)}${"]".repeat(5000)}}`),
    file("twice.json", '{"resourceType":"Basic","id":"a","id":"b"}'),
  )
  await e.press(page, "import-skip") // the archive itself, whose file was none
  assert.deepEqual(await results(), [
    ["refused", "import/zip-bomb"],
    ["archive", ""],
    ["refused", "import/zip-bomb"],
    ["skipped", ""],
    ["refused", "import/xml-doctype"],
    ["refused", "import/depth"],
    ["refused", "import/duplicate-key"],
  ])
  assert.ok(Date.now() - began < 15_000)
})

test("cards: unchecked without keys, checked with them, and a false signature is refused aloud", async () => {
  await offer(file("card.smart-health-card", JSON.stringify({ verifiableCredential: [made.good] })))
  await e.seen(page, "import-start")
  assert.equal(await page.locator("[data-code='card-unchecked']").count(), 1)
  await page.getByRole("button", { name: "Cancel" }).click()
  await offer(file("jwks.json", made.jwks), file("card.txt", made.good))
  await page.locator("[data-code='card-checked']").waitFor()
  await e.press(page, "import-start")
  await e.seen(page, "import-saved")
  await offer(file("forged.txt", made.bad))
  assert.equal(await refusal(), "import/card-signature")
  assert.equal((await exported("card.txt")).toString(), made.good)
})

test("a health link says where its file lies and asks for nothing", async () => {
  const payload = { url: "https://elsewhere.example/7", key: "A".repeat(43), flag: "P", label: "Summary" }
  await choosing()
  await page.locator("summary", { hasText: "Or paste its text" }).click()
  await e.fill(page, "import-paste", `shlink:/${Buffer.from(JSON.stringify(payload)).toString("base64url")}`)
  await e.press(page, "import-paste-read")
  assert.equal(await e.text(page, "link-where"), payload.url)
  await page.getByRole("button", { name: "Cancel" }).click()
})

test("what cannot be read can be kept as a document", async () => {
  const broken = "<ClinicalDocument><open></ClinicalDocument>"
  await offer(file("broken.xml", broken))
  await e.seen(page, "error")
  assert.equal(await e.errorCode(page), "import/xml")
  await e.press(page, "import-keep")
  await e.press(page, "import-start")
  await e.seen(page, "import-saved")
  assert.equal((await exported("broken.xml")).toString(), broken)
})

test("what FHIR's rules say is shown, and nothing is dropped", async () => {
  const odd = resource("odd", ',"status2":1').replace('"final"', '"final","category":"x"')
  await offer(file("odd.json", odd))
  await e.seen(page, "import-warned")
  assert.ok((await page.getByTestId("import-warning").count()) >= 1)
  await e.press(page, "import-start")
  await e.seen(page, "import-saved")
  assert.equal((await exported("odd.json")).toString(), odd)
})

test("cancel in the middle leaves what was saved, and nothing half done", async () => {
  const before = Number((await (await e.goto(page, "#/"), e.text(page, "timeline-total"))).split(" ")[0])
  await offer(
    file("c1.json", resource("c1")),
    file("c2.json", resource("c2")),
    file("c3.json", resource("c3")),
  )
  await e.press(page, "import-start")
  await page.getByText("c2.json").first().waitFor()
  await page.getByRole("button", { name: "Stop", exact: true }).click()
  await e.seen(page, "import-saved")
  await e.goto(page, "#/")
  assert.equal(Number((await e.text(page, "timeline-total")).split(" ")[0]), before + 1)
})

test("axe finds nothing on the new states", async () => {
  const faults = []
  await offer(file("glucose2.csv", csv.replace("5,60", "5,70")))
  await e.seen(page, "csv-go")
  faults.push(...(await e.axeFaults(page, "table")))
  await e.press(page, "csv-go")
  await e.seen(page, "import-start")
  faults.push(...(await e.axeFaults(page, "converted")))
  await page.getByRole("button", { name: "Cancel" }).click()
  assert.deepEqual(faults, [])
})

test("no page asked a foreign host, broke its policy or threw", () => {
  assert.deepEqual(amina.faults, [])
})

test("a camera reads a card's code; without one a photo does; a person's no is no dead end", async () => {
  const code = `shc:/${digits(made.other)}`
  const shown = await film(code)
  const dir = await e.profile(server.origin)
  await dir.end()
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", ...cameraArgs(shown.path)],
  })
  const faults = []
  try {
    const context = await browser.newContext({ permissions: ["camera"], reducedMotion: "reduce" })
    const own = await context.newPage()
    own.setDefaultTimeout(e.patienceMS)
    own.on("pageerror", (thrown) => faults.push(thrown.message))
    own.on("console", (m) => m.type() === "error" && faults.push(m.text()))
    own.on(
      "request",
      (r) => /^https?:/.test(r.url()) && !r.url().startsWith(server.origin) && faults.push(r.url()),
    )
    await e.createFolder(own, server.origin, "Karim Benali")
    await e.goto(own, "#/import")
    await e.press(own, "import-scan")
    await e.seen(own, "import-start", 30_000)
    assert.equal(await own.locator("[data-code='card-unchecked']").count(), 1)
    assert.equal(await own.locator("video").count(), 0) // the camera is off again
    await own.getByRole("button", { name: "Cancel" }).click()
    assert.deepEqual(faults, [])
  } finally {
    await browser.close()
    await shown.end()
  }
  // No camera in this browser: a photo, drawn by the page itself, and the typed twin.
  const rows = encodeQR(
    "shlink:/" +
      Buffer.from('{"url":"https://x.example/","key":"' + "A".repeat(43) + '"}').toString("base64url"),
    "raw",
    { border: 4 },
  )
  const png = await page.evaluate(async (matrix) => {
    const canvas = new OffscreenCanvas(matrix.length * 4, matrix.length * 4)
    const draw = canvas.getContext("2d")
    draw.fillStyle = "white"
    draw.fillRect(0, 0, canvas.width, canvas.height)
    draw.fillStyle = "black"
    matrix.forEach((row, y) => row.forEach((dark, x) => dark && draw.fillRect(x * 4, y * 4, 4, 4)))
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())]
  }, rows)
  await choosing()
  await e.press(page, "import-scan")
  await e.seen(page, "scan-no-camera")
  await e
    .at(page, "scan-photo")
    .setInputFiles({ name: "p.png", mimeType: "image/png", buffer: Buffer.from(bundle()) })
  await e.seen(page, "scan-said")
  await e
    .at(page, "scan-photo")
    .setInputFiles({ name: "p.png", mimeType: "image/png", buffer: Buffer.from(png) })
  await e.seen(page, "link-where")
  await page.getByRole("button", { name: "Cancel" }).click()
  await e.press(page, "import-scan")
  await e.press(page, "scan-type")
  await e.seen(page, "import-paste")
})
