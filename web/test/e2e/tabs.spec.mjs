// Tabs, crashes and full disks: what was saved stays, and a page never goes blank.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as e from "./lib.mjs"
import { sampleFile, sampleRecords } from "./sample.mjs"

let server, amina, first
before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  first = amina.page
  await e.createFolder(first, server.origin, "Amina Haddad")
  await e.importFile(first, sampleFile())
})
after(async () => {
  await amina?.end()
  await server?.end()
})

const records = (page, n) =>
  e.until(async () => (await e.text(page, "timeline-total")).startsWith(`${n} `), `${n} records`)

async function writeNote(page, text) {
  await e.goto(page, "#/note")
  await e.fill(page, "note-text", text)
  await e.press(page, "note-save")
  await page.getByTestId("timeline-item").filter({ hasText: text }).waitFor()
}

/** Ends the page's renderer, Worker included, as the system does when memory is short. */
async function crash(page) {
  const session = await page.context().newCDPSession(page)
  const crashed = page.waitForEvent("crash")
  session.send("Page.crash").catch(() => undefined)
  await crashed
}

test("a second tab asks the first, and takes over when it closes", async () => {
  const second = await amina.newPage()
  await second.goto(server.origin)
  await records(second, sampleRecords) // open without a passphrase: the first tab answers
  await writeNote(second, "From the second tab.")
  await first.bringToFront()
  await first.getByTestId("timeline-item").filter({ hasText: "From the second tab." }).waitFor()
  await first.close()
  await e.seen(second, "unlock") // the keys went with the tab that held them
  await e.unlock(second)
  await records(second, sampleRecords + 1)
  first = second
})

test("attack A38: two tabs write at once, and nothing is lost or doubled", async () => {
  const second = await amina.newPage()
  await second.goto(server.origin)
  await records(second, sampleRecords + 1)
  const each = 10
  const many = async (page, name) => {
    for (let i = 0; i < each; i++) await writeNote(page, `${name} ${i}.`)
  }
  await Promise.all([many(first, "left"), many(second, "right")])
  await records(first, sampleRecords + 1 + 2 * each)
  await first.reload()
  await e.seen(second, "unlock")
  await e.unlock(second)
  await records(second, sampleRecords + 1 + 2 * each)
  const texts = await second.getByTestId("timeline-item").locator("a.title").allInnerTexts()
  for (const name of ["left", "right"]) {
    for (let i = 0; i < each; i++)
      assert.equal(texts.filter((text) => text === `${name} ${i}.`).length, 1, `${name} ${i}`)
  }
  assert.equal(await second.getByTestId("notice").count(), 0)
  await first.close()
  first = second
})

test("a tab that dies while it writes loses nothing that was saved", async () => {
  const held = sampleRecords + 21
  let saved = 0
  for (let round = 0; round < 3; round++) {
    const page = await amina.newPage()
    await first.close().catch(() => undefined)
    await page.goto(server.origin)
    await e.unlock(page)
    await e.seen(page, "timeline-total")
    const text = `Before the crash ${round}.`
    await writeNote(page, text)
    saved++
    // An import is under way when the renderer goes.
    await e.goto(page, "#/import")
    const file = { ...sampleFile(), name: `${round}.json` }
    file.buffer = Buffer.from(file.buffer.toString().replaceAll("HbA1c", `Test ${round}`))
    await page.getByTestId("import-file").setInputFiles(file)
    await e.seen(page, "import-start")
    await e.press(page, "import-start")
    await page.waitForTimeout(20 + 60 * round)
    await crash(page)
    first = page
  }
  const page = await amina.newPage()
  await first.close().catch(() => undefined)
  await page.goto(server.origin)
  await e.unlock(page)
  await e.seen(page, "timeline-total")
  for (let round = 0; round < 3; round++) {
    await page
      .getByTestId("timeline-item")
      .filter({ hasText: `Before the crash ${round}.` })
      .waitFor()
  }
  // An import that was cut off is there whole or not at all: ten tests, of a patient and a letter held already.
  const total = Number((await e.text(page, "timeline-total")).match(/^\d+/)[0])
  assert.equal((total - held - saved) % 10, 0, `${total} records`)
  assert.equal(await page.getByTestId("error").count(), 0)
  first = page
})

test("a full disk says so, and reading goes on", async () => {
  const session = await first.context().newCDPSession(first)
  const { usage } = await first.evaluate(() => navigator.storage.estimate())
  await session.send("Storage.overrideQuotaForOrigin", { origin: server.origin, quotaSize: usage + 1000 })
  const before = await e.text(first, "timeline-total")
  await e.goto(first, "#/import")
  const file = sampleFile({ big: true })
  file.buffer = Buffer.from(file.buffer.toString().replaceAll("HbA1c", "Too much"))
  await first.getByTestId("import-file").setInputFiles(file)
  await e.seen(first, "import-start")
  await e.press(first, "import-start")
  await e.seen(first, "error")
  assert.equal((await first.getByTestId("error-code").textContent()).trim(), "storage/quota")
  await e.goto(first, "#/")
  assert.equal(await e.text(first, "timeline-total"), before)
  await first.getByTestId("timeline-item").filter({ hasText: "HbA1c 2020" }).locator("a").first().click()
  await e.seen(first, "record-view")
  await session.send("Storage.overrideQuotaForOrigin", { origin: server.origin })
  await writeNote(first, "There is space again.")
  await first.reload()
  await e.unlock(first)
  await first.getByTestId("timeline-item").filter({ hasText: "There is space again." }).waitFor()
})

test("no page asked a foreign host, broke its policy or threw", () => {
  assert.deepEqual(amina.faults, [])
})
