// What is given is seen before and chosen: some records alone, the time, a code scanned from a picture; sharing again
// replaces; leaving and No match are told.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as e from "./lib.mjs"
import { sampleFile, sampleRecords } from "./sample.mjs"

let server, amina, lin, owner, reader
let shot

before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  lin = await e.profile(server.origin)
  owner = amina.page
  reader = lin.page
  shot = e.pictures({ owner, reader })
  await e.createFolder(owner, server.origin, "Amina Haddad")
  await e.importFile(owner, sampleFile())
  await e.createReader(reader, server.origin, "Dr. Lin Wei")
})
after(async () => {
  assert.deepEqual([...amina.faults, ...lin.faults], [])
  await amina?.end()
  await lin?.end()
  await server?.end()
})

test("the form says what they will see, and refuses what is nothing", async () => {
  await e.goto(owner, "#/share")
  await e.press(owner, "share-choose")
  assert.match(await e.text(owner, "section-count"), new RegExp(`\\b${sampleRecords} records`))
  await owner.getByTestId("share-section-1").uncheck()
  await e.press(owner, "share-create")
  await owner.getByText("Choose at least one section.").first().waitFor()
  await owner.getByTestId("share-section-1").check()
  await owner.getByTestId("share-hours-date").check()
  await e.press(owner, "share-create")
  await owner.getByText("Enter a day from today on").first().waitFor()
  assert.equal(await owner.getByTestId("link-text").count(), 0)
})

test("two chosen records are given until a date, and no others", async () => {
  const next = new Date(Date.now() + 9 * 86_400_000)
  for (const [label, part] of [
    ["Day", next.getDate()],
    ["Month", next.getMonth() + 1],
    ["Year", next.getFullYear()],
  ])
    await owner.getByLabel(label, { exact: true }).fill(String(part))
  await owner.getByTestId("see-chosen").check()
  await e.press(owner, "share-code")
  await owner.getByText("Choose at least one record").first().waitFor()
  for (const name of ["HbA1c 2024", "HbA1c 2020"])
    await owner.getByTestId("see-record").filter({ hasText: name }).getByTestId("see-pick").check()
  assert.match(await e.text(owner, "see-count"), /2 records chosen/)
  await shot("owner", "chosen")
  await e.press(owner, "share-code")
  await e.seen(owner, "meet-words")
  await e.enterCode(reader, await e.text(owner, "meet-words"))
  await e.seen(owner, "meet-digits")
  assert.equal(await e.text(owner, "meet-guest"), "Guest, not accredited")
  assert.match(await e.text(owner, "will-give"), /2 chosen records \(General\)/)
  await e.compare(owner, reader)
  await e.askAndOpen(reader)
  assert.equal(await reader.getByTestId("timeline-item").count(), 2)
  assert.match(await e.text(owner, "grant-row"), /2 chosen records/)
})

test("a meeting goes on after both pages were reloaded", async () => {
  const { words } = await e.showCode(owner, { sections: [1], hours: 168, write: false })
  await owner.reload()
  await e.unlock(owner)
  await e.goto(owner, "#/share")
  assert.equal(await e.text(owner, "meet-words"), words)
  await e.enterCode(reader, words)
  await e.seen(reader, "meet-digits")
  await reader.reload()
  await e.unlock(reader)
  await e.goto(reader, "#/join")
  await e.seen(reader, "meet-digits")
})

test("sharing again replaces, and says so before", async () => {
  await e.seen(owner, "replaces")
  assert.match(await e.text(owner, "replaces"), /You already share with this person: 2 chosen records/)
  await shot("owner", "replaces")
  await e.compare(owner, reader)
  await e.askAndOpen(reader)
  assert.equal(await reader.getByTestId("timeline-item").count(), sampleRecords)
  const states = await owner
    .getByTestId("grant-row")
    .evaluateAll((rows) => rows.map((row) => row.getAttribute("data-state")))
  assert.deepEqual(states, ["active", "stopped"])
})

test("No match is told to the other side", async () => {
  const { words } = await e.showCode(owner)
  await e.enterCode(reader, words)
  await Promise.all([e.seen(owner, "meet-digits"), e.seen(reader, "meet-digits")])
  await e.press(reader, "no-match")
  await e.seen(owner, "meet-over")
  assert.equal(await e.at(owner, "meet-over").getAttribute("data-code"), "meet/no-match")
  await e.dismissMeeting(owner)
  assert.equal(await owner.locator('[data-testid="grant-row"][data-state="active"]').count(), 1)
})

test("the code is read from a picture", async () => {
  await e.showCode(owner)
  const code = await owner.locator("svg[role=img]").first().screenshot()
  await e.goto(reader, "#/join")
  const over = reader.getByTestId("meet-over").locator("..").locator("button.primary")
  if (await over.isVisible()) await over.click()
  await e.press(reader, "join-scan")
  await reader
    .locator("input[type=file]")
    .setInputFiles({ name: "code.png", mimeType: "image/png", buffer: code })
  await Promise.all([e.seen(owner, "meet-digits", 30_000), e.seen(reader, "meet-digits", 30_000)])
  await e.press(owner, "no-match")
  await e.seen(reader, "meet-over")
})

test("after stopping, the reader is told when, and can ask again in words", async () => {
  await e.dismissMeeting(owner)
  await e.twice(owner, owner.getByTestId("stop-sharing").first())
  await e.goto(reader, "#/patients")
  await reader.getByTestId("folder-row").locator("a").first().click()
  await e.seen(reader, "sharing-ended", 30_000)
  assert.match(await e.text(reader, "ask-again-text"), new RegExp(`${server.origin}/#/share$`))
  await shot("reader", "ended")
})
