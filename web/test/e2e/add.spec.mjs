// An owner adds by hand, finds, corrects and hides.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as e from "./lib.mjs"
import { sampleFile, sampleRecords } from "./sample.mjs"

let server, amina, page
const item = (label) => page.getByTestId("timeline-item").filter({ hasText: label })
const total = (n) =>
  e.until(async () => (await e.text(page, "timeline-total")).startsWith(`${n} `), `${n} records`, 30_000)

before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  page = amina.page
  await e.createFolder(page, server.origin, "Amina Haddad")
  await e.importFile(page, sampleFile())
})
after(async () => {
  await amina?.end()
  await server?.end()
})

test("a measurement: what is wrong stands on top, focused and linked; then it is in the list", async () => {
  await e.goto(page, "#/add/measurement")
  await e.press(page, "add-save")
  const summary = page.locator('form [role="alert"]').first()
  await summary.waitFor()
  assert.ok(await summary.evaluate((box) => box.contains(document.activeElement)))
  await summary.locator("a").first().click()
  assert.equal(await page.evaluate(() => document.activeElement.id), "add-value")
  await e.fill(page, "add-value", "72,50")
  await e.press(page, "add-save")
  await item("Weight").first().waitFor()
  await item("Weight").getByRole("link").first().click()
  await e.seen(page, "record-view")
  assert.match(await page.getByTestId("record-view").innerText(), /72\.50/)
})

test("what was typed survives another screen, and goes with the lock", async () => {
  await e.goto(page, "#/add/medicine")
  await e.fill(page, "add-name", "Metformin 500 mg")
  await e.goto(page, "#/help")
  await e.goto(page, "#/add/medicine")
  assert.equal(await page.getByTestId("add-name").inputValue(), "Metformin 500 mg")
  await e.goto(page, "#/me")
  await e.press(page, "lock")
  await e.unlock(page)
  await e.goto(page, "#/add/medicine")
  assert.equal(await page.getByTestId("add-name").inputValue(), "")
})

test("medicine, allergy and blood pressure", async () => {
  await e.fill(page, "add-name", "Metformin 500 mg")
  await e.press(page, "add-save")
  await item("Metformin 500 mg").first().waitFor()
  await e.goto(page, "#/add/allergy")
  await e.fill(page, "add-to", "Penicillin")
  await e.press(page, "add-save")
  await item("Penicillin").first().waitFor()
  await e.goto(page, "#/add/measurement")
  await page.getByTestId("add-what").selectOption("pressure")
  await e.fill(page, "add-upper", "80")
  await e.fill(page, "add-lower", "120")
  await e.press(page, "add-save")
  await page.locator('form [role="alert"]').first().waitFor() // the other way round
  await e.fill(page, "add-upper", "120")
  await e.fill(page, "add-lower", "80")
  await e.press(page, "add-save")
  await item("Blood pressure").first().waitFor()
})

test("a file with what describes it is one line, and the file hangs on it", async () => {
  await e.goto(page, "#/add/document")
  await page
    .getByTestId("add-file")
    .setInputFiles({ name: "letter.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(300_000, "x") })
  await e.fill(page, "add-title", "Letter from the eye clinic")
  await e.press(page, "add-save")
  await item("Letter from the eye clinic").first().waitFor()
  await total(sampleRecords + 5)
  await item("Letter from the eye clinic").getByRole("link").first().click()
  await e.seen(page, "links")
})

test("search, filters, and no match", async () => {
  await e.goto(page, "#/")
  await e.fill(page, "search", "PÉNICILLIN")
  await total(1)
  await e.fill(page, "search", "observat zzz")
  await e.seen(page, "no-match")
  assert.equal(await page.getByTestId("search").inputValue(), "observat zzz")
  await page.getByTestId("nearest-kind").filter({ hasText: "Measurements" }).click()
  await total(12)
  await e.press(page, "clear-filters")
  await total(sampleRecords + 5)
})

test("a correction: the old version is struck through, and both can be read", async () => {
  await item("HbA1c 2024").getByRole("link").first().click()
  await e.press(page, "to-amend")
  await e.seen(page, "amend-form")
  await e.press(page, "amend-save") // nothing changed
  await page.locator('form [role="alert"]').first().waitFor()
  await page.getByTestId("amend-field").filter({ visible: true }).first().waitFor()
  const value = page.getByLabel("Value")
  await value.fill("6.30")
  await e.press(page, "amend-save")
  await e.until(async () => (await item("HbA1c 2024").count()) === 2, "both versions")
  const old = item("Replaced by a newer version")
  await old.getByRole("link").first().click()
  await e.seen(page, "newer-version")
  await page.getByTestId("newer-version").getByRole("link").click()
  await e.until(async () => /6\.30/.test(await page.getByTestId("record-view").innerText()), "the new value")
})

test("a hidden record leaves the list, and comes back", async () => {
  await e.goto(page, "#/")
  await item("Penicillin").getByRole("link").first().click()
  await e.press(page, "hide")
  await e.until(async () => /again/.test(await e.text(page, "hide")), "it is hidden")
  await e.goto(page, "#/")
  await total(sampleRecords + 5)
  assert.equal(await item("Penicillin").count(), 0)
  await e.press(page, "show-hidden")
  await total(1)
  await item("Penicillin").getByRole("link").first().click()
  await e.press(page, "hide")
  await e.goto(page, "#/")
  await total(sampleRecords + 6)
})
