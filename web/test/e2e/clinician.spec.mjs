// A clinician opens what the screen shows, adds, corrects and takes out; the owner decides.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as e from "./lib.mjs"
import { bundle, sampleFile } from "./sample.mjs"

let server, amina, lin, owner, reader
const mine = (label) => owner.getByTestId("timeline-item").filter({ hasText: label })
const theirs = (label) => reader.getByTestId("timeline-item").filter({ hasText: label })

before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  lin = await e.profile(server.origin)
  ;[owner, reader] = [amina.page, lin.page]
  await e.createFolder(owner, server.origin, "Amina Haddad")
  await e.importFile(owner, sampleFile())
  await e.createReader(reader, server.origin, "Dr. Lin Wei")
  const { words } = await e.showCode(owner)
  await e.enterCode(reader, words)
  await e.compare(owner, reader)
})
after(async () => {
  await amina?.end()
  await lin?.end()
  await server?.end()
})

test("asks for what the screen shows, and says what that is", async () => {
  await e.seen(reader, "asked-for", 30_000)
  await e.until(async () => /12/.test(await e.text(reader, "asked-for")), "all have arrived", 30_000)
  await e.askAndOpen(reader, 30_000)
  await theirs("HbA1c 2024").first().waitFor()
})

test("a measurement and a FHIR resource are proposed", async () => {
  await e.press(reader, "to-add")
  await e.press(reader, "add-measurement")
  await e.fill(reader, "add-value", "71")
  await e.press(reader, "add-save")
  await theirs("Weight").first().waitFor()
  await e.press(reader, "to-add")
  await e.press(reader, "add-fhir")
  await e.fill(reader, "add-text", '{"resourceType":"Bundle","type":"collection","entry":[]}')
  await e.press(reader, "add-save")
  assert.equal(await e.errorCode(reader), "write/bundle")
  await e.fill(reader, "add-text", '{"resourceType": "Condition", "code": {"text": "Type 2 diabetes"}}')
  await e.press(reader, "add-save")
  await theirs("Type 2 diabetes").first().waitFor()
  await e.until(
    async () => /Needs you \(2\)/.test(await owner.locator("body").innerText()),
    "the owner is told",
    30_000,
  )
})

test("a correction is shown before and after, and counts once it is accepted", async () => {
  await theirs("HbA1c 2024").getByRole("link").first().click()
  await e.press(reader, "to-amend")
  await reader.getByLabel("Value").fill("6.30")
  await e.press(reader, "amend-save")
  await e.goto(owner, "#/needs")
  const row = owner.getByTestId("proposed-row").filter({ hasText: "correct" })
  await row.waitFor({ timeout: 30_000 })
  assert.match(await row.getByTestId("before-after").innerText(), /7\.60[\s\S]*6\.30/)
  await row.getByTestId("accept").click()
  await e.goto(owner, "#/")
  await mine("Replaced by a newer version").first().waitFor()
})

test("takes the opened records out, byte for byte", async () => {
  await e.seen(reader, "export-clinic")
  await reader.getByTestId("export-clinic").click()
  await reader.waitForTimeout(600) // two gestures, A26
  const { name, bytes } = await e.download(reader, () => reader.getByTestId("export-clinic").click())
  assert.equal(name, "Amina Haddad.zip")
  assert.equal(bytes.readUInt32LE(0), 0x04034b50)
  const received = /\{"resourceType":"Observation","id":"hba1c-2024"[\s\S]*?"unit":"%"\}\}/.exec(bundle())[0]
  assert.ok(bytes.includes(Buffer.from(received)), "the resource as received is in the ZIP")
})
