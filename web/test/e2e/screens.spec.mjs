// Every main screen, of the owner and of a reader, with the real core behind it: no violation of axe in light and
// dark, English and Arabic, on a phone and on a desktop; nothing wider than the window. And the main job by keyboard alone.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as e from "./lib.mjs"
import { sampleFile, sampleRecords } from "./sample.mjs"

let server, amina, lin
before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  lin = await e.profile(server.origin)
})
after(async () => {
  await amina?.end()
  await lin?.end()
  await server?.end()
})

const settings = [390, 1280].flatMap((width) =>
  ["light", "dark"].flatMap((scheme) => ["en", "ar"].map((language) => ({ width, scheme, language }))),
)

/** Looks at the present screen in every setting; leaves it as it was. */
async function look(page, name, faults) {
  for (const { width, scheme, language } of settings) {
    const where = `${name} ${width} ${scheme} ${language}`
    await page.setViewportSize({ width, height: 844 })
    await page.emulateMedia({ colorScheme: scheme })
    if ((await page.locator("html").getAttribute("lang")) !== language)
      await page.getByTestId("language").selectOption(language)
    await page.locator(`html[lang="${language}"][dir="${language === "ar" ? "rtl" : "ltr"}"]`).waitFor()
    faults.push(...(await e.axeFaults(page, where)))
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    if (wide > 0) faults.push(`${where}: ${wide} px too wide`)
    await e.picture(page, where)
  }
  await page.setViewportSize({ width: 1280, height: 844 })
  await page.getByTestId("language").selectOption("en")
}

test("the main job by keyboard alone: a folder, a file, a record, a code", async () => {
  const page = amina.page
  await page.goto(server.origin)
  await e.seen(page, "start-own")
  const keys = e.keyboard(page)
  await keys.to("start-own", "Enter")
  await keys.to("person-name")
  await page.keyboard.type("Amina Haddad")
  await page.keyboard.press("Enter")
  await e.seen(page, "kit-words")
  const words = await page.getByTestId("kit-word").allInnerTexts()
  await keys.to("kit-printed", "Enter")
  await keys.to("kit-word-input")
  await page.keyboard.type(words.join(" "))
  await keys.to("kit-check", "Enter")
  await keys.to("passphrase")
  await page.keyboard.type(e.passphrase)
  await keys.to("passphrase-again")
  await page.keyboard.type(e.passphrase)
  await page.keyboard.press("Enter")
  await e.seen(page, "to-import")
  await keys.to("to-import", "Enter")
  await keys.toText("summary", "Enter")
  await keys.to("import-paste")
  await page.keyboard.insertText(sampleFile().buffer.toString())
  await keys.to("import-paste-read", "Enter")
  await e.seen(page, "import-start")
  await keys.to("import-start", "Enter")
  await e.seen(page, "import-saved")
  await keys.toText("a.button.primary", "Enter")
  await e.seen(page, "timeline-item")
  await keys.toText('[data-testid="timeline-item"] a', "Enter")
  await e.seen(page, "record-view")
  await keys.toText('nav a[href="#/share"]', "Enter")
  await e.seen(page, "share-quick")
  await keys.to("share-quick", "Enter")
  await e.seen(page, "meet-words")
  await keys.to("meet-cancel", "Enter")
  await e.seen(page, "share-quick")
})

test("no screen before a folder is open has a violation", async () => {
  const faults = []
  const page = lin.page
  await page.goto(server.origin)
  for (const [name, hash, ready] of [
    ["start", "#/", "start-own"],
    ["create", "#/create", "kit-make"],
    ["reader", "#/reader", "person-name"],
    ["restore", "#/restore", "kit-check"],
  ]) {
    await e.goto(page, hash)
    await e.seen(page, ready)
    await look(page, name, faults)
  }
  assert.deepEqual(faults, [])
})

test("no screen of an owner has a violation", async () => {
  const faults = []
  const page = amina.page
  await e.goto(page, "#/")
  await e.seen(page, "timeline-item")
  await look(page, "folder", faults)
  await page.getByTestId("timeline-item").filter({ hasText: "HbA1c 2020" }).locator("a").click()
  await e.seen(page, "record-view")
  await look(page, "record", faults)
  for (const [name, hash, ready] of [
    ["import", "#/import", "import-file"],
    ["note", "#/note", "note-save"],
    ["files", "#/files", "source-row"],
    ["me", "#/me", "lock"],
  ]) {
    await e.goto(page, hash)
    await page.getByTestId(ready).first().waitFor({ state: "attached" })
    await look(page, name, faults)
  }
  assert.deepEqual(faults, [])
})

test("no screen of a meeting, of sharing and of a reader has a violation", async () => {
  const faults = []
  const [owner, reader] = [amina.page, lin.page]
  await e.createReader(reader, server.origin, "Dr. Lin Wei")
  await look(reader, "join", faults)
  const { words } = await e.showCode(owner)
  await look(owner, "code", faults)
  await e.enterCode(reader, words)
  await e.seen(owner, "meet-digits")
  await look(owner, "compare", faults)
  await e.compare(owner, reader)
  await e.seen(reader, "ask")
  await look(reader, "ask", faults)
  await e.askAndOpen(reader)
  const listed = async () => (await reader.getByTestId("timeline-item").count()) === sampleRecords
  await e.until(listed, "every record is listed") // the list is drawn after the line that says so
  await look(reader, "chart", faults)
  await e.press(reader, "to-note")
  await e.fill(reader, "note-text", "Seen today.")
  await e.press(reader, "note-save")
  await e.seen(owner, "needs-you-link")
  await e.press(owner, "needs-you-link")
  await e.seen(owner, "proposed-row")
  await look(owner, "needs", faults)
  for (const [name, hash, ready] of [
    ["share", "#/share", "grant-row"],
    ["who", "#/who", "who-looked-row"],
    ["outbox", "#/outbox", "outbox-row"],
  ]) {
    await e.goto(owner, hash)
    await e.seen(owner, ready)
    await look(owner, name, faults)
  }
  await e.goto(owner, "#/me")
  await e.press(owner, "lock")
  await e.seen(owner, "unlock")
  await look(owner, "unlock", faults)
  assert.deepEqual(faults, [])
})

test("no page asked a foreign host, broke its policy or threw", () => {
  assert.deepEqual([...amina.faults, ...lin.faults], [])
})
