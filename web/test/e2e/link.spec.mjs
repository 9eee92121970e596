// A link that waits: made by one, opened by another a while later, compared by phone, and what else may become of it.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as e from "./lib.mjs"
import { sampleFile, sampleRecords } from "./sample.mjs"

let server, amina, lin, eve, owner, reader, other
let shot, link

before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  lin = await e.profile(server.origin)
  eve = await e.profile(server.origin)
  owner = amina.page
  reader = lin.page
  other = eve.page
  shot = e.pictures({ owner, reader })
  await e.createFolder(owner, server.origin, "Amina Haddad")
  await e.importFile(owner, sampleFile())
})
after(async () => {
  assert.deepEqual([...amina.faults, ...lin.faults, ...eve.faults], [])
  await amina?.end()
  await lin?.end()
  await eve?.end()
  await server?.end()
})

/** Counts clicks until stop is called. */
async function counting(page) {
  await page.evaluate(() => {
    window.clicks = 0
    addEventListener("click", (event) => (window.clicks += event.isTrusted ? 1 : 0), true)
  })
  return () => page.evaluate(() => window.clicks)
}

/** Puts away what the last meeting ended with, and begins another. */
async function openNext(page, code) {
  await e.goto(page, "#/join")
  const over = page.getByTestId("meet-over").locator("..").locator("button.primary")
  if (await over.isVisible()) await over.click()
  await e.enterCode(page, code)
}

async function open(page, name, code) {
  await e.createReader(page, server.origin, name)
  await e.enterCode(page, code)
}

test("five clicks make a link: Share, Choose, a section, a time, Create", async () => {
  const clicks = await counting(owner)
  await owner.getByRole("link", { name: "Share", exact: true }).click()
  await e.press(owner, "share-choose")
  await e.press(owner, "share-section-6")
  await e.press(owner, "share-hours-168")
  await e.seen(owner, "see-section-6")
  await shot("owner", "choose")
  await e.press(owner, "share-create")
  link = await e.text(owner, "link-text")
  assert.equal(await clicks(), 5)
  assert.match(link, /#\/join\/[\w-]{11}\/[\w-]{11}$/)
  await shot("owner", "link")
  await e.press(owner, "link-done")
  assert.equal(await e.at(owner, "link-row").getAttribute("data-step"), "waiting")
  await owner.reload()
  await e.unlock(owner)
  await e.goto(owner, "#/share")
  await e.press(owner, "link-show")
  assert.equal(await e.text(owner, "link-text"), link, "the link is there after a reload")
})

test("who gets the link makes a profile first; it waits, and outlives a reload", async () => {
  await reader.goto(link)
  assert.ok(
    !(await reader.evaluate(() => location.href)).includes(link.split("/").pop()),
    "the code left the address",
  )
  await e.fill(reader, "person-name", "Dr. Lin Wei")
  await e.choosePassphrase(reader)
  await e.press(reader, "join")
  await e.seen(reader, "link-kept")
  await shot("reader", "kept")
  await reader.reload()
  await e.unlock(reader)
  await e.goto(reader, "#/patients")
  await e.seen(reader, "link-row")
})

test("a second opener is told, and disturbs nobody", async () => {
  await open(other, "Dr. Lin Wei", link)
  await e.seen(other, "meet-over")
  assert.equal(await e.at(other, "meet-over").getAttribute("data-code"), "meet/used")
})

test("Needs you, They match: two clicks, on either side", async () => {
  await e.goto(owner, "#/")
  await e.seen(owner, "needs-you-link", 30_000)
  const clicks = await counting(owner)
  await e.press(owner, "needs-you-link")
  await e.seen(owner, "meet-digits")
  assert.equal(await e.text(owner, "meet-guest"), "Guest, not accredited")
  assert.match(await e.text(owner, "will-give"), /General and Emergency.*1 week/s)
  await shot("owner", "needs")
  await e.seen(reader, "needs-you-link", 30_000)
  await e.press(reader, "needs-you-link")
  assert.equal(await e.text(reader, "meet-digits"), await e.text(owner, "meet-digits"))
  await e.press(owner, "they-match")
  assert.equal(await clicks(), 2)
  await owner.getByText("You said they match").first().waitFor()
  await e.press(reader, "they-match")
  await e.seen(reader, "open-folder", 30_000)
  await e.seen(owner, "share-done", 30_000)
  await e.press(reader, "open-folder")
  await e.askAndOpen(reader)
  assert.equal(await reader.getByTestId("timeline-item").count(), sampleRecords)
  await e.press(owner, "share-done")
  await e.goto(owner, "#/share")
  assert.match(await e.text(owner, "grant-row"), /Guest, not accredited/)
})

test("a link that was taken back opens nothing, and says so", async () => {
  await e.press(owner, "share-choose")
  await e.press(owner, "share-create")
  const second = await e.text(owner, "link-text")
  await e.press(owner, "link-done")
  const row = owner.locator('[data-testid="link-row"][data-step="waiting"]')
  await e.twice(owner, row.getByTestId("link-end"))
  await row.waitFor({ state: "detached" })
  await openNext(other, second)
  await e.seen(other, "meet-over")
  assert.equal(await e.at(other, "meet-over").getAttribute("data-code"), "meet/left")
})

test("No match is told to the other side, and nothing is shared", async () => {
  await e.press(owner, "share-choose")
  await e.press(owner, "share-create")
  const third = await e.text(owner, "link-text")
  await e.press(owner, "link-done")
  await openNext(other, third)
  await e.seen(other, "link-kept")
  await e.seen(other, "link-compare") // the owner's device is here and has answered already
  await e.goto(owner, "#/needs")
  await e.press(owner, "no-match")
  await e.seen(other, "meet-over")
  assert.equal(await e.at(other, "meet-over").getAttribute("data-code"), "meet/no-match")
  await e.goto(owner, "#/share")
  assert.equal(await owner.locator('[data-testid="grant-row"][data-state="active"]').count(), 1)
})
