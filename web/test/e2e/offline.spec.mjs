// The service worker and the installed app: what is kept, what is refused, and when a newer build takes over.
import assert from "node:assert/strict"
import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { build } from "vite"
import { buildOf, drop, filesOf, front } from "./front.mjs"
import * as e from "./lib.mjs"

let server, site, amina, page
const builds = {}
before(async () => {
  server = await e.relay()
  builds.one = await buildOf("one")
  builds.two = await buildOf("two")
  builds.three = await buildOf("three")
  builds.torn = await buildOf("torn", (folder) => rm(join(folder, "assets/torn.js")))
  builds.altered = await buildOf("altered", (folder) =>
    writeFile(join(folder, "assets/altered.js"), "something else"),
  )
  site = await front(server.origin, builds.one)
  amina = await e.profile(site.origin)
  page = amina.page
  await e.createFolder(page, site.origin, "Amina Haddad")
})
after(async () => {
  await amina?.end()
  await site?.end()
  await server?.end()
  for (const folder of Object.values(builds)) await drop(folder)
})

/** Every cache with the path and SHA-256 of all that it keeps. */
const kept = () =>
  page.evaluate(async () => {
    const found = {}
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      found[name] = {}
      for (const request of await cache.keys()) {
        const bytes = await (await cache.match(request)).arrayBuffer()
        const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
        found[name][new URL(request.url).pathname] = [...sum]
          .map((b) => b.toString(16).padStart(2, "0"))
          .join("")
      }
    }
    return found
  })

/** Exactly the files of this build are kept, in one cache. */
async function keepsExactly(folder) {
  const files = Object.fromEntries(await filesOf(folder))
  await e.until(
    async () => Object.keys(Object.values(await kept())[0] ?? {}).length === Object.keys(files).length,
    "kept",
  )
  const found = await kept()
  assert.equal(Object.keys(found).length, 1, `caches: ${Object.keys(found)}`)
  assert.deepEqual(Object.values(found)[0], files)
}

const running = (of = page) => of.locator("meta[name=build]").getAttribute("content")
const askForUpdate = () =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration()
    await registration.update().catch(() => undefined)
    const installing = registration.installing
    if (installing === null) return
    await new Promise((done) => {
      installing.addEventListener("statechange", () => {
        if (installing.state !== "installing") done()
      })
      if (installing.state !== "installing") done()
    })
  })
const waits = () =>
  page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).waiting !== null)

test("the browser finds nothing that keeps the app from being installed", { timeout: 60_000 }, async () => {
  await page.reload()
  await page.evaluate(() => navigator.serviceWorker.ready)
  const session = await page.context().newCDPSession(page)
  // A profile that leaves no trace, as tests have, may never install; anything else must be right.
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors")
  assert.deepEqual(
    installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito"),
    [],
  )
  const { errors, data } = await session.send("Page.getAppManifest")
  assert.deepEqual(errors, [])
  const manifest = JSON.parse(data)
  assert.deepEqual([manifest.id, manifest.scope, manifest.start_url], ["/", "/", "/"])
})

test(
  "every file of the app is kept, and no record and nothing that the relay answers",
  { timeout: 60_000 },
  async () => {
    await keepsExactly(builds.one)
    await e.unlock(page)
    await e.seen(page, "to-import")
    await e.goto(page, "#/note")
    await e.fill(page, "note-text", "A secret for the cache.")
    await e.press(page, "note-save")
    await e.until(async () => site.seen.some((path) => path.startsWith("/v1/")), "the relay was asked")
    await keepsExactly(builds.one)
  },
)

test("Me says with real counts that everything is here, and what is not", { timeout: 60_000 }, async () => {
  const files = (await filesOf(builds.one)).size
  await e.goto(page, "#/me")
  await e.press(page, "get-ready")
  await e.seen(page, "offline-found")
  const said = await e.text(page, "offline-found")
  assert.match(said, new RegExp(`\\b${files} files\\b`))
  assert.match(said, /1 record/)
  // One entry goes and the relay with it: it is missing, and says so.
  site.silent(true)
  await page.evaluate(async () => (await caches.open((await caches.keys())[0])).delete("/icon-512.png"))
  await e.press(page, "get-ready")
  await e.until(
    async () => /1 file of the app is missing/.test(await e.text(page, "offline-found")),
    "missing",
  )
  site.silent(false)
  await e.press(page, "get-ready")
  await e.until(
    async () => new RegExp(`\\b${files} files\\b`).test(await e.text(page, "offline-found")),
    "back",
  )
  await keepsExactly(builds.one)
})

test(
  "attack A35: a poisoned entry is refused at the next load, and fetched anew",
  { timeout: 60_000 },
  async () => {
    const evil = "document.documentElement.dataset.evil = 'yes'"
    await page.evaluate(async (text) => {
      const cache = await caches.open((await caches.keys())[0])
      for (const request of await cache.keys()) {
        const kind = (await cache.match(request)).headers.get("Content-Type")
        await cache.put(request, new Response(text, { headers: { "Content-Type": kind } }))
      }
    }, evil)
    site.seen.length = 0
    await page.reload()
    await e.seen(page, "unlock")
    assert.equal(await page.locator("html").getAttribute("data-evil"), null)
    assert.ok(site.seen.includes("/core.wasm"), "the core was fetched anew")
    await e.unlock(page)
    await e.goto(page, "#/me")
    await e.press(page, "get-ready")
    await e.seen(page, "offline-found")
    await keepsExactly(builds.one)
  },
)

test(
  "attack A35: without a connection a poisoned entry is no answer at all",
  { timeout: 60_000 },
  async () => {
    await page.evaluate(async () => {
      const cache = await caches.open((await caches.keys())[0])
      await cache.put(
        "/icon.svg",
        new Response("<svg></svg>", { headers: { "Content-Type": "image/svg+xml" } }),
      )
    })
    site.silent(true)
    assert.equal(
      await page.evaluate(() =>
        fetch("/icon.svg").then(
          () => "an answer",
          () => "none",
        ),
      ),
      "none",
    )
    site.silent(false)
  },
)

test(
  "with nothing answering at all the app starts and opens the folder, after a restart of the browser too",
  { timeout: 60_000 },
  async () => {
    await keepsExactly(builds.one).catch(() => e.press(page, "get-ready"))
    await keepsExactly(builds.one)
    site.silent(true)
    await amina.reopen()
    page = amina.page
    await page.goto(site.origin)
    await e.unlock(page)
    await page.getByTestId("timeline-item").filter({ hasText: "A secret for the cache." }).waitFor()
    // Every screen is here, although most were never looked at.
    for (const screen of ["share", "who", "needs", "outbox", "files", "import", "note", "me", "help"]) {
      await e.goto(page, `#/${screen}`)
      assert.equal(await page.getByTestId("error").count(), 0, screen)
    }
    site.silent(false)
    amina.faults.length = 0 // a page without a relay reports what it could not reach
    await e.goto(page, "#/")
  },
)

for (const [name, what] of [
  ["torn", "lacks a file"],
  ["altered", "has a file that is not the one meant"],
]) {
  test(
    `a build that ${what} is not installed at all, and the one before goes on`,
    { timeout: 60_000 },
    async () => {
      site.serve(builds[name])
      await askForUpdate()
      assert.equal(await waits(), false)
      await keepsExactly(builds.one)
      await page.reload()
      await e.seen(page, "unlock")
      assert.equal(await running(), "one")
    },
  )
}

test(
  "a build that the disk has no room for is not installed, and the one before goes on",
  { timeout: 60_000 },
  async () => {
    const session = await page.context().newCDPSession(page)
    const { usage } = await page.evaluate(() => navigator.storage.estimate())
    await session.send("Storage.overrideQuotaForOrigin", { origin: site.origin, quotaSize: usage + 1000 })
    site.serve(builds.two)
    await askForUpdate()
    assert.equal(await waits(), false)
    await session.send("Storage.overrideQuotaForOrigin", { origin: site.origin })
    await keepsExactly(builds.one)
  },
)

test(
  "a newer build waits, says so, and never takes over during a form, in this tab or another",
  { timeout: 60_000 },
  async () => {
    await e.unlock(page)
    await e.goto(page, "#/note")
    await e.fill(page, "note-text", "Half a sentence")
    site.serve(builds.two)
    await askForUpdate()
    assert.equal(await waits(), true)
    assert.equal(await page.getByTestId("update").count(), 0, "not beside a form")
    const second = await amina.newPage()
    await second.goto(site.origin)
    await e.seen(second, "update")
    await e.press(second, "update-now")
    await e.seen(second, "update-busy")
    assert.equal(await running(), "one")
    assert.equal(await page.getByTestId("note-text").inputValue(), "Half a sentence")
    await second.close()
  },
)

test(
  "two tabs: both are told of, and both start anew when a person says so",
  { timeout: 60_000 },
  async () => {
    await e.fill(page, "note-text", "")
    await e.goto(page, "#/")
    const second = await amina.newPage()
    await second.goto(site.origin)
    await e.seen(page, "update")
    await e.press(page, "update-now")
    await e.seen(page, "update-tabs")
    assert.match(await e.text(page, "update-tabs"), /2 tabs/)
    assert.equal(await running(), "one")
    await e.press(page, "update-now")
    await e.until(async () => (await running()) === "two" && (await running(second)) === "two", "both run it")
    await e.seen(page, "unlock")
    await keepsExactly(builds.two)
    await second.close()
  },
)

test("a newer build takes over at the next cold start by itself", { timeout: 60_000 }, async () => {
  site.serve(builds.three)
  await askForUpdate()
  assert.equal(await waits(), true)
  await page.reload()
  await e.seen(page, "unlock")
  assert.equal(await running(), "two", "a reload is no cold start")
  await amina.reopen()
  page = amina.page
  await page.goto(site.origin)
  await e.seen(page, "unlock")
  assert.equal(await running(), "three")
  await keepsExactly(builds.three)
})

test("attack A35: a stuck worker whose build is gone gets out of the way", { timeout: 60_000 }, async () => {
  await page.evaluate(async () =>
    (await caches.open((await caches.keys())[0])).put("/", new Response("poison")),
  )
  site.serve(builds.one)
  await page.reload()
  await e.seen(page, "unlock")
  assert.equal(await running(), "one")
  await keepsExactly(builds.one)
})

test(
  "attack A35: the kill switch takes worker and files out, and touches no record",
  { timeout: 60_000 },
  async () => {
    const folder = await buildOf("killed")
    builds.killed = folder
    process.env.KILL_SWITCH = "1"
    const root = new URL("../..", import.meta.url).pathname
    const out = `${folder}-worker`
    builds.killer = out
    await build({
      root,
      configFile: join(root, "vite.config.ts"),
      logLevel: "error",
      build: { outDir: out, emptyOutDir: true },
    })
    delete process.env.KILL_SWITCH
    const { copyFile } = await import("node:fs/promises")
    await copyFile(join(out, "sw.js"), join(folder, "sw.js"))
    site.serve(folder)
    await page.reload()
    await e.until(
      () =>
        page.evaluate(
          async () =>
            (await caches.keys()).length === 0 && !(await navigator.serviceWorker.getRegistration()),
        ),
      "nothing is left",
    )
    await page.reload()
    assert.equal(await running(), "killed")
    await e.unlock(page)
    await page.getByTestId("timeline-item").filter({ hasText: "A secret for the cache." }).waitFor()
  },
)

test("no page asked a foreign host, broke its policy or threw", () => {
  assert.deepEqual(
    amina.faults.filter((each) => !/status of 404|ERR_(EMPTY_RESPONSE|FAILED|CONNECTION_RESET)/.test(each)),
    [],
  )
})
