// Every FHIR file of the public samples goes in by the page and comes out by the page as the same bytes; and files
// that are none get a clear refusal. The samples are read where they lie (ANAMNESIS_DATA) and never copied.
import assert from "node:assert/strict"
import { readFile, readdir } from "node:fs/promises"
import { join } from "node:path"
import { after, before, test } from "node:test"
import * as e from "./lib.mjs"
import { bundle, sampleFile, sampleRecords } from "./sample.mjs"

const folder = join(
  process.env.ANAMNESIS_DATA ?? new URL("../../../../shared/data", import.meta.url).pathname,
  "fhir-synthea",
)

let server, amina, page
before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  page = amina.page
  await e.createFolder(page, server.origin, "Amina Haddad")
})
after(async () => {
  await amina?.end()
  await server?.end()
})

const offer = async (file) => {
  await e.goto(page, "#/")
  await e.goto(page, "#/import")
  await page.getByTestId("import-file").setInputFiles(file)
}
const json = (text, name = "file.json") => ({ name, mimeType: "application/json", buffer: Buffer.from(text) })
const wrong = {
  "JSON that is not FHIR": json('{"name": "not a resource"}'),
  "cut off": json(bundle().slice(0, 900)),
  "invalid UTF-8": {
    ...json(""),
    buffer: Buffer.concat([
      Buffer.from('{"resourceType":"Patient","id":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ]),
  },
  "a name twice": json('{"resourceType":"Patient","id":"a","id":"b"}'),
  "too deep": json(`{"resourceType":"Patient","x":${"[".repeat(2000)}${"]".repeat(2000)}}`),
}

test("what is no FHIR is refused with a reason, and nothing is stored", async () => {
  for (const [what, file] of Object.entries(wrong)) {
    await offer(file)
    await page.getByTestId("error").or(page.getByTestId("import-start")).first().waitFor()
    assert.equal(await page.getByTestId("error").count(), 1, what)
    assert.match(await e.errorCode(page), /^import\//, what)
    await page.getByTestId("error").locator("button").click()
  }
  await e.goto(page, "#/")
  assert.equal(await page.getByTestId("timeline-item").count(), 0)
})

test("the same file twice adds nothing twice", async () => {
  await e.importFile(page, sampleFile())
  await offer(sampleFile())
  await e.seen(page, "import-known")
  assert.match(await e.text(page, "import-known"), new RegExp(`^${sampleRecords} `))
  await e.press(page, "import-another")
  await e.goto(page, "#/")
  assert.match(await e.text(page, "timeline-total"), new RegExp(`^${sampleRecords} `))
})

const names = await readdir(folder).then(
  (all) => all.filter((name) => name.endsWith(".json")),
  () => [],
)
test(
  "every Synthea file comes back byte for byte",
  { skip: names.length === 0 && `no public samples: ${folder} is not there` },
  async () => {
    for (const name of names) await e.importFile(page, join(folder, name))
    await e.goto(page, "#/files")
    for (const name of names) {
      const row = page
        .getByTestId("source-row")
        .filter({ hasText: name.slice(0, 12) })
        .filter({ hasText: name.slice(-20) })
      await row.first().waitFor()
      const file = await e.download(page, () => e.twice(page, row.first().getByTestId("export-source")))
      assert.ok(file.bytes.equals(await readFile(join(folder, name))), name)
    }
  },
)

test("no page asked a foreign host, broke its policy or threw", () => {
  assert.deepEqual(amina.faults, [])
})
