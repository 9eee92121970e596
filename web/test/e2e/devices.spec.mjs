// One folder on two devices: linked by words, written by both, and one of them removed.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as app from "./lib.mjs"

let relay
let phone
let tablet

before(async () => {
  relay = await app.relay()
  ;[phone, tablet] = await Promise.all([app.profile(relay.origin), app.profile(relay.origin)])
  await app.createFolder(phone.page, relay.origin, "Amina Haddad")
  await tablet.page.goto(relay.origin)
})
after(async () => {
  await Promise.all([phone?.end(), tablet?.end()])
  await relay?.end()
})

async function note(page, text) {
  await app.goto(page, "#/note")
  await app.fill(page, "note-text", text)
  await app.press(page, "note-save")
  await app.until(() => !page.url().includes("#/note"), "the note is saved")
}

async function reads(page, text) {
  await app.goto(page, "#/")
  await page.getByText(text).first().waitFor({ timeout: 30_000 })
}

async function code(page) {
  await app.goto(page, "#/devices")
  await app.press(page, "link-device")
  return prove(page)
}

async function prove(page) {
  await app.fill(page, "link-prove-passphrase", app.passphrase)
  await app.press(page, "link-prove")
  await app.seen(page, "link-words")
  return { words: await app.text(page, "link-words"), link: await app.text(page, "link-text") }
}

test("a device code is refused where sharing codes belong, and the other way round", async () => {
  const { link } = await code(phone.page)
  await app.press(phone.page, "link-cancel")
  await app.enterCode(phone.page, link)
  await app.seen(phone.page, "error")
  assert.equal(await app.errorCode(phone.page), "meet/wrong-kind")
  await app.press(tablet.page, "start-link")
  await app.fill(tablet.page, "link-code", link.replace("#/link/", "#/join/"))
  await app.press(tablet.page, "link-join")
  await app.seen(tablet.page, "error")
  assert.equal(await app.errorCode(tablet.page), "meet/wrong-kind")
  await app.at(tablet.page, "error").getByRole("button").first().click()
})

test("two devices compare, and both write one folder", async () => {
  await note(phone.page, "written on the phone")
  await app.goto(phone.page, "#/devices")
  await app.press(phone.page, "link-device")
  await app.fill(phone.page, "link-prove-passphrase", "not the passphrase")
  await app.press(phone.page, "link-prove")
  await app.seen(phone.page, "error")
  assert.equal(await app.errorCode(phone.page), "vault/passphrase")
  await app.at(phone.page, "error").getByRole("button").first().click()
  const { words } = await prove(phone.page)
  await app.fill(tablet.page, "link-code", words)
  await app.press(tablet.page, "link-join")
  await Promise.all([app.seen(phone.page, "meet-digits"), app.seen(tablet.page, "meet-digits")])
  assert.equal(await app.text(phone.page, "meet-digits"), await app.text(tablet.page, "meet-digits"))
  assert.equal(await app.text(phone.page, "meet-emoji"), await app.text(tablet.page, "meet-emoji"))
  assert.deepEqual(await app.axeFaults(phone.page, "compare"), [])
  await app.press(tablet.page, "they-match")
  await app.fill(phone.page, "device-name", "Kitchen tablet")
  await app.press(phone.page, "they-match")
  await app.seen(phone.page, "link-done")
  await app.seen(tablet.page, "passphrase")
  await app.choosePassphrase(tablet.page, "the tablet has its own")
  await reads(tablet.page, "written on the phone")
  await note(tablet.page, "written on the tablet")
  await reads(phone.page, "written on the tablet")
  await phone.page.locator('[data-testid="notice"][data-code="device/linked"]').waitFor()
  await app.goto(tablet.page, "#/devices")
  await app.seen(tablet.page, "only-writer")
  assert.deepEqual(await app.axeFaults(tablet.page, "devices"), [])
})

test("a removed device goes blank, says why, and does not open again", async () => {
  await app.goto(phone.page, "#/devices")
  if (await phone.page.getByTestId("link-close").isVisible()) await app.press(phone.page, "link-close")
  await app.press(phone.page, "device-remove")
  await app.fill(phone.page, "remove-prove-passphrase", app.passphrase)
  await app.press(phone.page, "remove-prove")
  await app.twice(phone.page, app.at(phone.page, "remove-device"))
  await app.until(async () => (await phone.page.getByTestId("device").count()) === 1, "one device is left")
  await app.seen(tablet.page, "removed-here", 40_000)
  assert.equal(await tablet.page.getByText("written on the phone").count(), 0)
  await app.unlock(tablet.page, "the tablet has its own")
  await app.until(async () => (await tablet.page.getByTestId("status").count()) === 0, "it stays locked")
  await note(phone.page, "after the removal")
  await reads(phone.page, "after the removal")
  assert.deepEqual([...phone.faults, ...tablet.faults], [])
})
