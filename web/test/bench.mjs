// Measures the browser's part: one line per reading in the form of `go test -bench`, for `make bench`. Gates nothing.
//   node test/bench.mjs [rounds]
import { readFile, readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { chromium } from "playwright-core"
import { svelte } from "@sveltejs/vite-plugin-svelte"
import { build, preview } from "vite"
import * as e from "./e2e/lib.mjs"
import { sampleFile } from "./e2e/sample.mjs"

const rounds = Number(process.argv[2] ?? 3)
const root = new URL("../..", import.meta.url).pathname
const say = (name, value, unit) =>
  console.log(`Benchmark${name}\t1\t${Math.round(value * 100) / 100} ${unit}`)

say("CoreSize", (await stat(join(root, "build/web/core.wasm.br"))).size, "B-brotli")
say("SampleSize", (await stat(join(root, "build/web/sample.wasm.br"))).size, "B-brotli")

/** The chart of 50,000 results, from what was read to the painted frame. */
const chart = {
  root: join(root, "web/test/chart"),
  configFile: false,
  logLevel: "error",
  plugins: [svelte()],
  build: { outDir: join(root, "web/node_modules/.cache/chart"), emptyOutDir: true },
}
await build(chart)
const charts = await preview(chart)
const browser = await chromium.launch({
  executablePath: e.executablePath,
  args: ["--no-sandbox", "--disable-gpu"],
})
for (let i = 0; i < rounds; i++) {
  const page = await browser.newPage()
  await page.goto(`http://localhost:${charts.httpServer.address().port}/`)
  await page.waitForFunction(() => "drawn" in window)
  say("Chart50000Points", await page.evaluate(() => window.drawn()), "ms")
  await page.close()
}
await browser.close()
await charts.close()

/** The first screen needs the core's answer, so its title is the mark of "core ready". */
async function ready(page, origin) {
  const from = performance.now()
  await page.goto(origin, { waitUntil: "commit" })
  await e.seen(page, "start-own")
  return performance.now() - from
}

/** Time from a navigation to the core's first answer, by the page's own clock. */
const mark = (page) =>
  page.addInitScript(() => {
    new MutationObserver((_, seen) => {
      if (document.querySelector('[data-testid="start-own"], [data-testid="unlock"]') === null) return
      seen.disconnect()
      window.coreReadyMS = performance.now()
    }).observe(document, { subtree: true, childList: true })
  })

const server = await e.relay()
for (let i = 0; i < rounds; i++) {
  const fresh = await e.profile(server.origin)
  await mark(fresh.page)
  await ready(fresh.page, server.origin)
  say("NavigationToCoreReadyCold", await fresh.page.evaluate(() => window.coreReadyMS), "ms")
  for (let j = 0; j < 3; j++) {
    await ready(fresh.page, `${server.origin}/?${j}`)
    say("NavigationToCoreReadyWarm", await fresh.page.evaluate(() => window.coreReadyMS), "ms")
  }
  await fresh.end()
}

/** From the click on "Look around" to the painted folder, and to the live one: a page of its own, timed from outside. */
for (let i = 0; i < rounds; i++) {
  const newcomer = await e.profile(server.origin)
  for (const again of ["Cold", "Warm"]) {
    await newcomer.page.goto(server.origin)
    await e.seen(newcomer.page, "start-sample")
    const from = performance.now()
    await e.press(newcomer.page, "start-sample")
    await e.seen(newcomer.page, "shape")
    say(`ClickToSamplePainted${again}`, performance.now() - from, "ms")
    await e.seen(newcomer.page, "timeline-item", 60_000)
    say(`ClickToSampleLive${again}`, performance.now() - from, "ms")
  }
  await newcomer.end()
}

const data = join(process.env.ANAMNESIS_DATA ?? join(root, "../shared/data"), "fhir-synthea")
const cleo = (await readdir(data).catch(() => [])).find((name) => name.startsWith("Cleo_Friesen"))
const file =
  cleo === undefined
    ? sampleFile({ big: true })
    : { name: cleo, mimeType: "application/fhir+json", buffer: await readFile(join(data, cleo)) }
const what = cleo === undefined ? "Sample" : "Synthea1.5MB"

/** Milliseconds from pressing one button until another thing is on the screen, by the page's own clock. */
const pressUntil = (page, button, thing) =>
  page.evaluate(
    ([press, want]) =>
      new Promise((done) => {
        const find = (id) => document.querySelector(`[data-testid="${id}"]`)
        const from = performance.now()
        const seen = new MutationObserver(() => {
          if (find(want) === null) return
          seen.disconnect()
          done(performance.now() - from)
        })
        seen.observe(document.body, { subtree: true, childList: true })
        find(press).click()
      }),
    [button, thing],
  )

for (let i = 0; i < rounds; i++) {
  const amina = await e.profile(server.origin)
  const lin = await e.profile(server.origin)
  const [owner, reader] = [amina.page, lin.page]
  await e.createFolder(owner, server.origin, "Cleo Friesen")
  await e.createReader(reader, server.origin, "Dr. Lin Wei")
  await e.goto(owner, "#/import")
  await owner.getByTestId("import-file").setInputFiles(file)
  await e.seen(owner, "import-start", 60_000)
  if (await owner.getByTestId("other-person").isVisible()) {
    await e.press(owner, "import-start")
    await owner.waitForTimeout(600)
  }
  say(`Import${what}ToSaved`, await pressUntil(owner, "import-start", "import-saved"), "ms")
  await owner.locator("main a.button.primary").first().click()
  const from = performance.now()
  await e.until(async () => /^All sent/.test(await e.text(owner, "status")), "it is sent", 120_000)
  say(`Import${what}SavedToSent`, performance.now() - from, "ms")
  const { words } = await e.showCode(owner)
  await e.enterCode(reader, words)
  await e.compare(owner, reader)
  await e.seen(reader, "ask", 60_000)
  await reader.waitForTimeout(2000)
  await e.showAllUnopened(reader)
  say(`Read${what}AccessToAllOpen`, await pressUntil(reader, "ask", "all-open"), "ms")
  await e.goto(owner, "#/me")
  await e.press(owner, "lock")
  await e.seen(owner, "unlock")
  await e.goto(owner, "#/")
  await e.fill(owner, "passphrase", e.passphrase)
  say(`Unlock${what}ToNewestPage`, await pressUntil(owner, "unlock", "timeline-item"), "ms")
  await amina.end()
  await lin.end()
}
/** A bundle of n results, small ones, with dates and words of their own. */
function results(n) {
  const entry = (_, i) => ({
    resource: {
      resourceType: "Observation",
      id: `r${i}`,
      status: "final",
      code: { text: `Result ${i} hémoglobine` },
      effectiveDateTime: `20${String(10 + (i % 15))}-0${1 + (i % 9)}-14`,
      valueQuantity: { value: i, unit: "%" },
    },
  })
  const bundle = { resourceType: "Bundle", type: "collection", entry: Array.from({ length: n }, entry) }
  return {
    name: "results.json",
    mimeType: "application/fhir+json",
    buffer: Buffer.from(JSON.stringify(bundle)),
  }
}

/** From a key to the list that answers it, by the page's own clock; and the longest task of the main thread meanwhile. */
const keystrokes = (page, text) =>
  page.evaluate(async (typed) => {
    let longest = 0
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration)
    }).observe({ type: "longtask", buffered: false })
    const field = document.querySelector('[data-testid="search"]')
    const total = () => document.querySelector('[data-testid="timeline-total"]')?.textContent
    const times = []
    for (let i = 1; i <= typed.length; i++) {
      const before = total()
      const from = performance.now()
      field.value = typed.slice(0, i)
      field.dispatchEvent(new InputEvent("input", { bubbles: true }))
      while (total() === before && performance.now() - from < 5000)
        await new Promise((done) => setTimeout(done))
      times.push(performance.now() - from)
    }
    return { times, longest }
  }, text)

// Each letter changes the count, so that the new list can be told from the old one. Source: app.md §9.
const many = Number(process.env.RECORDS ?? 10_000)
const folder = await e.profile(server.origin)
await e.createFolder(folder.page, server.origin, "Amina Haddad")
await e.importFile(folder.page, results(many), 600_000)
await e.goto(folder.page, "#/")
await e.seen(folder.page, "timeline-total", 60_000)
await keystrokes(folder.page, "result") // once for the words to be folded
const emptied = async () => {
  await e.fill(folder.page, "search", "")
  const all = String(many).replace(/(?=(\d{3})+$)(?!^)/g, ",")
  await e.until(
    async () => (await e.text(folder.page, "timeline-total")).startsWith(`${all} `),
    "the whole list",
  )
}
await emptied()
for (let i = 0; i < rounds; i++) {
  const { times, longest } = await keystrokes(folder.page, "987")
  for (const time of times) say(`Search${many}Keystroke`, time, "ms")
  say(`Search${many}LongestTask`, longest, "ms")
  await emptied()
}
await folder.end()
await server.end()
