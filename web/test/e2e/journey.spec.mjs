// The main job, in two browsers against the real binary: a folder is made and filled, another person meets its owner,
// reads, writes back, is seen, and is stopped.
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { after, before, test } from "node:test"
import * as e from "./lib.mjs"
import { sampleFile, sampleRecords } from "./sample.mjs"

let server, amina, lin, owner, reader
let shot
const note = "Seen today. HbA1c is falling; go on as before."

before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  lin = await e.profile(server.origin)
  owner = amina.page
  reader = lin.page
  shot = e.pictures({ owner, reader })
})
after(async () => {
  await amina?.end()
  await lin?.end()
  await server?.end()
})

test("a folder is made under a passphrase, its kit read back", async () => {
  await owner.goto(server.origin)
  await e.seen(owner, "start-own")
  await shot("owner", "start")
  await e.press(owner, "start-own")
  await e.press(owner, "kit-make")
  await owner.getByText("Enter a name.").first().waitFor()
  const { words, qr } = await e.createFolder(owner, server.origin, "Amina Haddad")
  assert.equal(words.length, 24)
  assert.match(qr, /^\S{20,}$/)
  assert.match(await e.text(owner, "whose"), /Amina Haddad/)
})

test("a bundle is previewed, imported and sent", async () => {
  await e.goto(owner, "#/import")
  await owner.getByTestId("import-file").setInputFiles(sampleFile({ big: true }))
  await e.seen(owner, "import-item")
  await shot("owner", "import-preview")
  assert.equal(await owner.getByTestId("import-item").count(), sampleRecords)
  // One record is moved to another section before anything is stored.
  await owner.getByTestId("import-item").filter({ hasText: "HbA1c 2024" }).locator("select").selectOption("2")
  await e.press(owner, "import-start")
  await e.seen(owner, "import-saved")
  await owner.locator("main a.button.primary").first().click()
  assert.match(await e.text(owner, "timeline-total"), new RegExp(`\\b${sampleRecords}\\b`))
  await e.until(async () => /^All sent/.test(await e.text(owner, "status")), "everything is sent")
  await shot("owner", "timeline")
})

test("a record shows the fields and the bytes that came in", async () => {
  await owner.getByTestId("timeline-item").filter({ hasText: "HbA1c 2020" }).locator("a").click()
  await e.seen(owner, "record-view")
  await owner.getByTestId("all-details").locator("> summary").click()
  await owner.locator("summary", { hasText: "received" }).click()
  const shown = await owner.getByTestId("as-received").textContent()
  assert.ok(shown.includes('"valueQuantity":{"value":8.00,"unit":"%"}'), shown)
  await shot("owner", "record")
})

test("they meet by six words, compare and share two sections", async () => {
  await e.createReader(reader, server.origin, "Dr. Lin Wei")
  await shot("reader", "join")
  const { words } = await e.showCode(owner, { sections: [1, 5], hours: 168, write: true })
  await shot("owner", "code")
  await e.enterCode(reader, words)
  await e.seen(owner, "meet-digits")
  await shot("owner", "compare")
  const saw = await e.compare(owner, reader)
  assert.equal(saw.owner.name, "Dr. Lin Wei")
  assert.equal(saw.reader.name, "Amina Haddad")
  await reader
    .getByText(`${sampleRecords - 1} `, { exact: false })
    .first()
    .waitFor()
})

test("nothing opens while the owner's device is locked; it is released once it is back", async () => {
  await e.goto(owner, "#/me")
  await e.press(owner, "lock")
  await e.seen(owner, "unlock")
  await shot("owner", "unlock")
  await e.press(reader, "ask")
  await e.seen(reader, "waiting")
  assert.match(await e.text(reader, "waiting"), /Waiting for .*Amina Haddad.*device/)
  await shot("reader", "waiting")
  await reader.waitForTimeout(1500)
  assert.equal(await reader.locator('[data-testid="timeline-item"][data-opened="true"]').count(), 0)
  await e.unlock(owner, "not the passphrase")
  await e.seen(owner, "error")
  await shot("owner", "wrong-passphrase")
  await e.unlock(owner)
  await e.seen(owner, "lock")
  await e.seen(reader, "all-open", 30_000)
  await e.until(
    async () =>
      (await reader.locator('[data-testid="timeline-item"][data-opened="true"]').count()) ===
      sampleRecords - 1,
    "every shared record is open, the one of another section is not there",
  )
  await shot("reader", "chart")
})

test("the reader opens the big record, byte for byte", async () => {
  await reader.getByTestId("timeline-item").filter({ hasText: "Letter" }).locator("a").click()
  await e.seen(reader, "record-view", 30_000)
  const text = await reader.getByTestId("record-view").textContent()
  assert.ok(text.includes("U+202E"), "a hidden character is shown")
  const bundle = sampleFile({ big: true }).buffer.toString()
  const from = bundle.indexOf('{"resourceType": "DocumentReference"')
  const resource = bundle.slice(from, bundle.indexOf("}}]}", from) + 4)
  const sum = createHash("sha256").update(resource).digest("hex")
  const shown = (await reader.getByTestId("record-sha256").textContent()).trim()
  assert.equal(shown, sum)
})

test("a note comes back as proposed; the owner accepts one and disputes another", async () => {
  const folder = (await reader.evaluate(() => location.hash)).split("/")[2]
  for (const [text, answer] of [
    [note, "accept"],
    ["Penicillin allergy.", "dispute"],
  ]) {
    await e.goto(reader, `#/folder/${folder}/note`)
    await e.fill(reader, "note-text", text)
    await e.press(reader, "note-save")
    await e.seen(owner, "needs-you-link", 30_000)
    await e.press(owner, "needs-you-link")
    await e.seen(owner, "proposed-row")
    assert.match(await e.text(owner, "proposed-row"), /Dr\. Lin Wei/)
    await shot("owner", `proposed-${answer}`)
    if (answer === "accept") await e.press(owner, "accept")
    else {
      await e.press(owner, "dispute")
      await e.fill(owner, "dispute-reason", "I have no allergies.")
      await e.press(owner, "dispute-send")
    }
    await e.gone(owner, "proposed-row")
  }
  await e.goto(reader, `#/folder/${folder}`)
  await e.askAndOpen(reader) // an answer is a record of its section, opened like any other
  await reader.locator('[data-testid="timeline-item"][data-standing="accepted"]').waitFor()
  await reader.locator('[data-testid="timeline-item"][data-standing="disputed"]').waitFor()
  await reader.getByText("I have no allergies.").first().waitFor()
  await e.goto(owner, "#/")
  await owner.locator('[data-testid="timeline-item"][data-standing="disputed"]').waitFor()
  await shot("owner", "answered")
})

test("the owner sees who looked, and why", async () => {
  await e.goto(owner, "#/who")
  await e.seen(owner, "who-looked-row")
  const row = owner.getByTestId("who-looked-row").last() // newest first: below the answers it asked for since
  const said = await row.innerText()
  assert.match(said, /Dr\. Lin Wei/)
  assert.match(said, /Visit today/)
  assert.match(said, /Guest, not accredited/)
  assert.match(said, /11 records/)
  assert.equal(await row.getAttribute("data-state"), "given")
  await shot("owner", "who")
})

test("with the relay cut off both keep working, and what waits is sent when it is back", async () => {
  await server.kill()
  await e.until(
    async () => (await e.at(owner, "status").getAttribute("data-link")) !== "online",
    "the owner's browser notices",
  )
  await e.goto(owner, "#/note")
  await e.fill(owner, "note-text", "Written without a relay.")
  await e.press(owner, "note-save")
  await e.until(
    async () => /Saved, waiting to send \(\d+\)/.test(await e.text(owner, "status")),
    "it says saved",
  )
  await e.goto(owner, "#/outbox")
  await e.seen(owner, "outbox-row")
  await shot("owner", "outbox-offline")
  await reader.getByTestId("timeline-item").filter({ hasText: "HbA1c 2021" }).locator("a").click()
  await e.seen(reader, "record-view")
  await reader.goBack()
  await owner.reload() // the app itself comes from the browser's cache
  await e.unlock(owner)
  await e.seen(owner, "outbox-row")
  await server.start()
  await e.until(async () => /^All sent/.test(await e.text(owner, "status")), "it is sent", 40_000)
  await e.seen(reader, "ask", 40_000) // the new note is known to the reader
  await e.press(reader, "ask")
  await reader
    .getByTestId("timeline-item")
    .filter({ hasText: "Written without a relay." })
    .waitFor({ timeout: 20_000 })
})

test("stopping the sharing blanks the other screen within two seconds", async () => {
  await e.goto(owner, "#/share")
  await e.seen(owner, "stop-sharing")
  await shot("owner", "share")
  await e.twice(owner, e.at(owner, "stop-sharing"))
  const from = Date.now()
  await e.seen(reader, "sharing-ended")
  const took = Date.now() - from
  await shot("reader", "stopped")
  assert.ok(took < 2000, `${took} ms`)
  assert.equal(await reader.getByTestId("timeline-item").count(), 0)
  assert.match(await e.text(reader, "sharing-ended"), /stopped sharing/)
  assert.match(await e.text(owner, "grant-row"), /opened 1[0-9] records|12 records/i)
})

test("by link the same two meet again: joining takes a click, and the code is used once", async () => {
  const { link } = await e.showCode(owner)
  await reader.goto("about:blank")
  await reader.goto(link)
  await e.seen(reader, "unlock")
  assert.ok(
    !(await reader.evaluate(() => location.href)).includes(link.split("/").at(-1)),
    "the code left the address",
  )
  await e.unlock(reader)
  await e.seen(reader, "join")
  await reader.waitForTimeout(1000)
  assert.equal(await owner.getByTestId("meet-digits").count(), 0)
  await e.press(reader, "join")
  await e.compare(owner, reader)
  await shot("reader", "again")
  await e.askAndOpen(reader)
  await e.enterCode(reader, link)
  await reader.getByTestId("meet-over").or(reader.getByTestId("error")).first().waitFor({ timeout: 40_000 })
})

test("no page asked a foreign host, broke its policy or threw", () => {
  assert.deepEqual([...amina.faults, ...lin.faults], [])
})
