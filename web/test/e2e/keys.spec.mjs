// How a device opens and is forgotten: passkey, another passphrase, the kit tried again, a browser that forgets.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as app from "./lib.mjs"

let relay
let amina
let page
let kit

/** Passkeys need an address with a name. */
const named = () => relay.origin.replace("127.0.0.1", "localhost")

before(async () => {
  relay = await app.relay()
  amina = await app.profile(named())
  page = amina.page
  kit = await app.createFolder(page, named(), "Amina Haddad")
})
after(async () => {
  await amina?.end()
  await relay?.end()
})

/** A made-up authenticator of this page; PRF secrets last as long as it does. */
async function authenticator(more = {}) {
  const cdp = await amina.context().newCDPSession(page)
  await cdp.send("WebAuthn.enable")
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      hasPrf: true,
      automaticPresenceSimulation: true,
      ...more,
    },
  })
  return {
    verified: (is) => cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: is }),
    end: async () => {
      await cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId })
      await cdp.detach()
    },
  }
}

async function add(phrase) {
  await app.goto(page, "#/keys")
  const field = app.at(page, "passkey-add-passphrase")
  if (!(await field.isVisible())) await page.locator("summary").first().click()
  await field.fill(phrase)
  await app.press(page, "passkey-add")
}

async function problem(code) {
  await app.seen(page, "error")
  assert.equal(await app.errorCode(page), code)
  await app.at(page, "error").getByRole("button").first().click()
}

const lock = async () => {
  await app.goto(page, "#/me")
  await app.press(page, "lock")
  await app.seen(page, "unlock")
}

const state = () => app.at(page, "passkey-state").getAttribute("data-set")

test("a passkey that lacks PRF, or a wrong passphrase, adds nothing", async () => {
  const plain = await authenticator({ hasPrf: false })
  await add(app.passphrase)
  await problem("passkey/no-prf")
  await plain.end()
  const good = await authenticator()
  await add("not the passphrase")
  await problem("vault/passphrase")
  assert.equal(await state(), "false")
  await good.end()
})

test("a passkey opens beside the passphrase; refused, missing or removed it opens nothing, and the passphrase does", async () => {
  const finger = await authenticator()
  await add(app.passphrase)
  await app.until(async () => (await state()) === "true", "the passkey is set")
  await lock()
  await app.press(page, "unlock-passkey")
  await app.seen(page, "status")
  await lock()
  await finger.verified(false)
  await app.press(page, "unlock-passkey")
  await problem("passkey/cancelled")
  await finger.end()
  const other = await authenticator()
  await app.press(page, "unlock-passkey")
  await problem("passkey/cancelled") // the browser does not say that the passkey is elsewhere
  await other.end()
  await app.unlock(page)
  await app.seen(page, "status")
  await app.goto(page, "#/keys")
  await app.twice(page, app.at(page, "passkey-remove"))
  await app.until(async () => (await state()) === "false", "the passkey is removed")
  await lock()
  assert.equal(await page.getByTestId("unlock-passkey").count(), 0)
  await app.unlock(page)
  await app.seen(page, "status")
})

test("another passphrase opens, and the old one does not", async () => {
  await app.goto(page, "#/keys")
  await app.fill(page, "old-passphrase", "not the passphrase")
  await app.choosePassphrase(page, "quite another sentence")
  await problem("vault/passphrase")
  await app.fill(page, "old-passphrase", app.passphrase)
  await app.choosePassphrase(page, "quite another sentence")
  await app.until(async () => (await app.text(page, "said")) !== "", "it is said")
  await lock()
  await app.unlock(page)
  await problem("vault/passphrase")
  await app.unlock(page, "quite another sentence")
  await app.seen(page, "status")
})

test("the kit is tried again, and a wrong one is refused", async () => {
  await app.goto(page, "#/recovery")
  await app.seen(page, "kit-proven")
  await app.fill(page, "kit-word-input", kit.words.toReversed().join(" "))
  await app.press(page, "kit-check")
  await app.seen(page, "error")
  assert.match(await app.errorCode(page), /^kit\/(checksum|foreign)$/)
  await app.at(page, "error").getByRole("button").first().click()
  await app.fill(page, "kit-word-input", kit.words.join(" "))
  await app.press(page, "kit-check")
  await app.until(async () => (await app.text(page, "said")) !== "", "the kit works")
  assert.deepEqual(await app.axeFaults(page, "recovery"), [])
  await app.goto(page, "#/keys")
  assert.deepEqual(await app.axeFaults(page, "keys"), [])
})

test("a browser that forgets keeps nothing", async () => {
  await relay.kill()
  await app.goto(page, "#/note")
  await app.fill(page, "note-text", "never sent")
  await app.press(page, "note-save")
  await app.until(() => !page.url().includes("#/note"), "the note is saved")
  await app.goto(page, "#/me")
  await app.until(
    async () => /1 thing/.test(await app.text(page, "unsent")),
    "what was never sent is counted",
  )
  await app.seen(page, "kit-read")
  await app.twice(page, app.at(page, "delete-device"))
  await app.seen(page, "forgotten")
  const left = await page.evaluate(async () => {
    const files = []
    const root = await navigator.storage.getDirectory()
    for await (const [name, handle] of root.entries()) {
      if (handle.kind === "file" && name !== "network") files.push([name, (await handle.getFile()).size])
    }
    return {
      files: files.filter(([, size]) => size > 0),
      caches: await caches.keys(),
      local: Object.keys(localStorage),
      workers: (await navigator.serviceWorker.getRegistrations()).length,
    }
  })
  assert.deepEqual(left, { files: [], caches: [], local: [], workers: 0 })
  assert.deepEqual(amina.faults, [])
})
