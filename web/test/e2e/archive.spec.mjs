// A backup is saved, read back, and only then counted; with the kit it is the folder again in another browser, while the
// relay is gone; bad files are refused and change nothing. And everything comes out as it came in, in one ZIP.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as e from "./lib.mjs"
import { bundle, sampleFile, sampleRecords } from "./sample.mjs"

let server, amina, fresh, page, kit, archive, name
const records = sampleRecords + 1

before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  page = amina.page
  kit = await e.createFolder(page, server.origin, "Amina Haddad")
  await e.importFile(page, sampleFile({ big: true }))
  await e.goto(page, "#/note")
  await e.fill(page, "note-text", "Dizzy in the mornings.")
  await e.press(page, "note-save")
  await page.getByTestId("timeline-item").first().waitFor()
})
after(async () => {
  await amina?.end()
  await fresh?.end()
  await server?.end()
})

const file = (bytes, called = "backup.tar") => ({
  name: called,
  mimeType: "application/x-tar",
  buffer: bytes,
})
const changed = (at) => {
  const out = Buffer.from(archive)
  out[at] ^= 1
  return out
}

test("a backup counts only once it was read back", async () => {
  await e.goto(page, "#/files")
  await e.seen(page, "backup-state")
  assert.match(await e.text(page, "backup-state"), /No backup yet/)
  const saved = await e.download(page, () => e.press(page, "backup-make"))
  archive = saved.bytes
  name = saved.name
  assert.match(name, /^anamnesis-backup-\d{4}-\d\d-\d\d\.tar$/)
  for (const secret of ["Amina", "HbA1c", "Dizzy"]) assert.equal(archive.includes(secret), false, secret)
  assert.match(await e.text(page, "backup-state"), /No backup yet/)

  for (const [bytes, code] of [
    [archive.subarray(0, archive.length / 2), "archive/truncated"],
    [changed(archive.length >> 1), "archive/damaged"],
    [Buffer.from("not a backup at all".repeat(100)), "archive/format"],
  ]) {
    await page.getByTestId("backup-check").setInputFiles(file(bytes))
    await e.seen(page, "error")
    assert.equal(await e.errorCode(page), code)
    await page.getByTestId("error").locator("button").first().click()
    assert.match(await e.text(page, "backup-state"), /No backup yet/, code)
  }
  await page.getByTestId("backup-check").setInputFiles(file(archive, name))
  await e.until(
    async () => (await e.at(page, "backup-state").getAttribute("data-records")) === String(records),
    "the backup counts",
    30_000,
  )
  assert.match(await e.text(page, "backup-state"), /^Backup made .*, 13 records\.$/)
  assert.deepEqual(await e.axeFaults(page, "files"), [])
  await e.goto(page, "#/me")
  await e.seen(page, "me-backup")
  assert.match(await e.text(page, "me-backup"), /13 records/)
})

test("everything comes out as it came in", async () => {
  await e.goto(page, "#/files")
  const zip = await e.download(page, () => e.twice(page, page.getByTestId("export-all")))
  assert.match(zip.name, /\.zip$/)
  assert.ok(zip.bytes.includes(Buffer.from(bundle({ big: true }))), "the file, byte for byte")
  assert.ok(zip.bytes.includes("Dizzy in the mornings."), "what was added by hand")
  assert.ok(
    zip.bytes.includes('{"resourceType":"Bundle","type":"collection","entry":[{"resource":'),
    "one Bundle",
  )
})

test("kit and backup are the folder, with no relay", async () => {
  fresh = await e.profile(server.origin)
  const other = fresh.page
  await other.goto(server.origin)
  await e.press(other, "start-kit")
  await e.seen(other, "restore-from-file")
  await other.evaluate(() => navigator.serviceWorker.ready) // every screen is here before the relay goes
  await server.kill()
  await e.press(other, "restore-from-file")
  await e.fill(other, "kit-word-input", kit.words.join(" "))
  await e.press(other, "kit-check")
  await other.getByTestId("restore-file").setInputFiles(file(changed(archive.length - 5000)))
  await e.seen(other, "error")
  assert.equal(await e.errorCode(other), "archive/damaged")
  await other.getByTestId("error").locator("button").first().click()
  await other.getByTestId("restore-file").setInputFiles(file(archive))
  await e.seen(other, "restore-offline", 30_000)
  assert.equal(await other.getByTestId("lost-yes").count(), 0)
  await e.choosePassphrase(other, "another long sentence")
  await e.until(
    async () => new RegExp(`\\b${records}\\b`).test(await e.text(other, "timeline-total")),
    "every record is there",
    30_000,
  )
  await e.goto(other, "#/files")
  const out = await e.download(other, () => e.twice(other, other.getByTestId("export-source").first()))
  assert.equal(out.bytes.toString(), bundle({ big: true }))
  await server.start()
  await e.until(async () => /^All sent/.test(await e.text(other, "status")), "the relay has it again", 60_000)
  assert.deepEqual(fresh.faults, [])
  assert.deepEqual(amina.faults, [])
})
