// The first two minutes of somebody who only wants to look: sample data, the proof, the tricks, a clinician beside, and
// gone without a trace. All of it in the real binary and the real Chromium; the program of the sample is the real one.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as e from "./lib.mjs"

/** A newcomer, unaided, has seen a proof and shared within this. Source: the goals of the app. */
const valueMaxMS = 120_000

let server
before(async () => {
  server = await e.relay()
})
after(() => server?.end())

/** What this origin keeps on the device: files, databases, and names in storage. */
const kept = (page) =>
  page.evaluate(async () => {
    const names = async (folder) => {
      const out = []
      for await (const [name, entry] of folder.entries())
        out.push(name, ...(entry.kind === "directory" ? (await names(entry)).map((n) => `${name}/${n}`) : []))
      return out.sort()
    }
    const databases = (await indexedDB.databases()).map((each) => each.name)
    return {
      files: await names(await navigator.storage.getDirectory()),
      databases,
      local: Object.keys(localStorage),
    }
  })

const pane = (page) => page.getByTestId("beside")
/** The patient's app: the other one has a main part of its own where it is alone on the screen. */
const mine = (page) => page.locator("main#main")

/** Both They match, the two apps being in one page. */
async function match(page, front = () => undefined) {
  await pane(page).getByTestId("meet-digits").waitFor()
  const theirs = await pane(page).getByTestId("meet-digits").innerText()
  await pane(page).getByTestId("they-match").click()
  await front("patient")
  assert.equal(await mine(page).getByTestId("meet-digits").innerText(), theirs)
  await mine(page).getByTestId("they-match").click()
  await e.seen(page, "share-done")
}

test("the first two minutes", async (t) => {
  const p = await e.profile(server.origin)
  const { page } = p
  const asked = []
  // What the service worker fetches for itself is the app's code, not this page's doing.
  p.context().on("request", (request) => {
    if (request.serviceWorker() === null) asked.push(new URL(request.url()))
  })
  try {
    await page.goto(server.origin)
    await e.seen(page, "start-sample")
    const before = await kept(page)
    const faults = await e.axeFaults(page, "start")
    const from = Date.now()
    const times = {}
    const note = (what) => (times[what] = Date.now() - from)
    asked.length = 0

    await e.press(page, "start-sample")
    await e.seen(page, "shape")
    note("painted")
    assert.equal(await page.getByTestId("shape").locator("li").count(), 24)
    await e.seen(page, "timeline-item", 60_000)
    note("live")
    assert.match(await e.text(page, "sample-band"), /Sample data: nothing here is real/)
    assert.match(await e.text(page, "needs-you-link"), /\(1\)/)
    faults.push(...(await e.axeFaults(page, "home")))

    await e.press(page, "hint-result")
    await e.press(page, "to-proof")
    await page.getByTestId("proof-panel").and(page.locator('[data-standing="checked"]')).waitFor()
    note("proof")

    await e.press(page, "hint-next")
    await e.press(page, "to-cheat")
    await e.press(page, "trick-edit")
    await page.locator('[data-testid="proof-panel"][data-failed="payload"]').waitFor()
    note("caught")
    faults.push(...(await e.axeFaults(page, "caught")))
    await e.press(page, "cheat-undo")
    await page.locator('[data-testid="proof-panel"][data-standing="checked"]').waitFor()

    await e.press(page, "open-beside")
    await pane(page).getByTestId("meet-digits").waitFor()
    faults.push(...(await e.axeFaults(page, "compare")))
    await match(page)
    note("shared")
    await pane(page).getByTestId("beside-ask").click()
    await pane(page).locator('li[data-opened="true"]').first().waitFor()
    await pane(page).getByTestId("beside-prescribe").click()
    await pane(page).getByTestId("beside-sign").click()
    await pane(page).getByTestId("beside-signed").waitFor()
    faults.push(...(await e.axeFaults(page, "beside")))
    note("prescribed")

    await e.goto(page, "#/needs")
    const row = page.getByTestId("proposed-row").filter({ hasText: "Metformin 1000 mg" })
    await row.getByTestId("accept").click()
    await row.waitFor({ state: "detached" })
    note("accepted")
    await e.goto(page, "#/who")
    await e.until(
      async () => (await page.getByTestId("who-looked-row").count()) === 4,
      "Who looked gains a row",
    )
    await e.goto(page, "#/share")
    await page.locator("main button.primary").first().click() // puts the meeting's result away
    await e.twice(
      page,
      page.locator('[data-testid="grant-row"][data-state="active"]').getByTestId("stop-sharing"),
    )
    await pane(page).getByTestId("beside-ended").waitFor()
    assert.match(
      await pane(page).getByTestId("beside-ended").innerText(),
      /Amina Haddad.* stopped sharing at \d/,
    )
    assert.equal(await pane(page).getByTestId("beside-records").count(), 0)
    note("stopped")
    faults.push(...(await e.axeFaults(page, "stopped")))

    for (const [what, ms] of Object.entries(times)) t.diagnostic(`${what} after ${(ms / 1000).toFixed(1)} s`)
    assert.ok(times.shared < valueMaxMS, `proof and grant took ${times.shared} ms`)
    // The sample is a page of its own: no core, no network's genesis, no socket; one program.
    const paths = asked.map((url) => url.pathname)
    assert.ok(!paths.some((path) => path === "/core.wasm" || path.startsWith("/v1/")), paths.join(" "))
    assert.ok(paths.includes("/sample.wasm"))

    await e.press(page, "sample-wipe")
    await e.seen(page, "start-sample")
    assert.equal(new URL(page.url()).search, "")
    assert.deepEqual(await kept(page), before)
    assert.deepEqual([...faults, ...p.faults], [])
  } finally {
    await p.end()
  }
})

test("each trick is caught at its own step, and the lie is not", async () => {
  const p = await e.profile(server.origin)
  const { page } = p
  try {
    await page.goto(`${server.origin}/?sample#/cheat`)
    const want = { edit: "payload", swap: "signature", hide: "complete", false: "" }
    for (const [trick, step] of Object.entries(want)) {
      await e.press(page, `trick-${trick}`)
      await page
        .locator(`[data-testid="cheat-result"][data-trick="${trick}"][data-failed="${step}"]`)
        .waitFor()
      const marks = await page.locator('[data-testid="proof-panel"] [data-mark="tick"]').count()
      assert.equal(marks, step === "" ? 1 : 0, `${trick}: ticks beside a failed check`)
      assert.match(await e.text(page, "proof-panel"), /does not prove/)
      await e.press(page, "cheat-undo")
      if (step === "") await e.gone(page, "cheat-result")
      else await page.locator('[data-testid="proof-panel"][data-standing="checked"]').waitFor()
    }
    await e.goto(page, "#/")
    await e.until(
      async () => (await page.getByTestId("timeline-item").count()) === 24,
      "the folder is as it was",
    )
    assert.deepEqual(p.faults, [])
  } finally {
    await p.end()
  }
})

test("on a phone the two apps are two tabs, in Arabic too", async () => {
  const p = await e.profile(server.origin, { width: 390, language: "ar", scheme: "dark" })
  const { page } = p
  const front = (who) => e.press(page, `tab-${who}`)
  try {
    await page.goto(`${server.origin}/?sample`)
    await e.seen(page, "hint-next", 60_000)
    const faults = await e.axeFaults(page, "home")
    await e.press(page, "hint-skip")
    await e.press(page, "open-beside")
    await front("clinician")
    await match(page, front)
    await front("clinician")
    await pane(page).getByTestId("beside-ask").click()
    await pane(page).locator('li[data-opened="true"]').first().waitFor()
    assert.equal(await mine(page).isVisible(), false)
    faults.push(...(await e.axeFaults(page, "clinician's tab")))
    await page.keyboard.press("Tab")
    await page.getByTestId("tab-clinician").focus()
    await page.keyboard.press("ArrowLeft")
    await mine(page).waitFor()
    assert.equal(await pane(page).isVisible(), false)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(wide <= 0, `${wide} px too wide`)
    assert.deepEqual([...faults, ...p.faults], [])
  } finally {
    await p.end()
  }
})

test("it starts without a relay once it was there, and leaves nothing where nothing was", async () => {
  const own = await e.relay()
  const p = await e.profile(own.origin)
  const { page } = p
  try {
    await page.goto(`${own.origin}/?sample`)
    await e.seen(page, "timeline-item", 60_000)
    const has = () => page.evaluate(async () => (await caches.match("/sample.wasm")) !== undefined)
    await e.until(has, "the program is kept", 60_000)
    assert.deepEqual(await kept(page), { files: [], databases: [], local: [] })
    await own.kill()
    await page.reload()
    await e.seen(page, "timeline-item", 60_000)
    await e.press(page, "hint-next")
    await e.press(page, "to-cheat")
    await e.press(page, "trick-swap")
    await page.locator('[data-testid="proof-panel"][data-failed="signature"]').waitFor()
    assert.deepEqual(await kept(page), { files: [], databases: [], local: [] })
    assert.deepEqual(p.faults, [])
  } finally {
    await p.end()
    await own.end()
  }
})
