// Looks at every screen: builds the app with a core of made-up answers, serves it under the relay's own policy,
// and goes through every scene in two widths, two themes and two languages with axe. It fails on any violation,
// refused script or error on the console. Pictures go to node_modules/.cache/look-pictures.
//   node test/look.mjs [scene…]        LOOK=320 takes one setting only; CHROMIUM names another browser than /usr/bin/chromium.
import { readFile, mkdir } from "node:fs/promises"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import { extname, join } from "node:path"
import { chromium } from "playwright-core"
import { build } from "vite"
import * as measure from "./measure.mjs"

const root = new URL("..", import.meta.url).pathname
const out = join(root, "node_modules/.cache/look")
// With PICTURES set it takes pictures of every setting into that folder, and judges nothing.
const only = process.env.PICTURES
const pictures = only ?? join(root, "node_modules/.cache/look-pictures")
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types svelte-trusted-html default",
].join("; ")
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" }

const id = (n) => n.toString(16).padStart(64, "0")
const fill = async (page, testid, text) => page.getByTestId(testid).first().fill(text)
const press = async (page, testid) => page.getByTestId(testid).first().click()
const passphrase = async (page) => {
  await fill(page, "passphrase", "correct horse battery")
  await fill(page, "passphrase-again", "correct horse battery")
}
const sheet = async (page) => {
  await fill(page, "person-name", "Amina Haddad")
  await press(page, "kit-make")
}
const file = (name) => ({ name, mimeType: "application/fhir+json", buffer: Buffer.from("{}") })
const csv = Buffer.from("Date,Glucose,Unit\n2026-03-05,5.6,mmol/L\n2026-03-06,=HYPERLINK(1),mmol/L\n")
const link =
  "shlink:/" +
  Buffer.from(
    JSON.stringify({
      url: "https://clinic.example/files/7",
      key: "A".repeat(43),
      exp: 1_700_000_000,
      flag: "P",
      label: "Summary of Amina",
    }),
  ).toString("base64url")
/** Chooses files, and waits until their Worker has read the first. */
const bring = async (page, list) => {
  await page.getByTestId("import-file").setInputFiles(list)
  const read = ["import-start", "error", "csv-go", "link-where"].map((each) => `[data-testid=${each}]`).join()
  await page.locator(read).first().waitFor({ timeout: 30_000 })
}
const files =
  (...list) =>
  (page) =>
    bring(
      page,
      list.map(([name, buffer]) => ({ name, mimeType: "", buffer: Buffer.from(buffer) })),
    )
const choose = (name) => (page) => bring(page, [file(name)])

const chosen = (testid) => async (page) =>
  page.getByTestId(testid).setInputFiles({ ...file("a.proof"), mimeType: "application/octet-stream" })

// name: [query, hash, what to do there]
/** Where a record of each kind stands in fake-records.ts. */
const kinds = {
  result: 0,
  pressure: 5,
  early: 7,
  absent: 8,
  coded: 9,
  patient: 10,
  condition: 11,
  refuted: 12,
  allergy: 13,
  medicine: 14,
  forbidden: 15,
  statement: 16,
  administration: 17,
  dispense: 18,
  report: 19,
  immunization: 20,
  procedure: 21,
  encounter: 22,
  document: 23,
  plan: 24,
  goal: 25,
  imaging: 26,
  composition: 27,
  bundle: 28,
  drug: 29,
  media: 30,
  other: 31,
}

const scenes = {
  loading: ["phase=loading", ""],
  unsupported: ["phase=unsupported", ""],
  start: ["phase=empty", ""],
  "sample-painting": ["sample&phase=loading", ""],
  sample: ["sample", "", (page) => page.getByTestId("hint").waitFor()],
  "sample-skipped": ["sample", "#/who", (page) => press(page, "hint-skip")],
  "sample-locked": ["sample&phase=locked", ""],
  "sample-beside": [
    "sample&pane=compare",
    "#/share",
    async (page) => {
      await press(page, "hint-skip")
      await press(page, "open-beside")
    },
  ],
  "sample-beside-chart": [
    "sample",
    "",
    async (page) => {
      await press(page, "hint-skip")
      await press(page, "open-beside")
      await press(page, "beside-prescribe")
    },
  ],
  cheat: ["sample", "#/cheat"],
  "cheat-caught": ["sample", "#/cheat", (page) => press(page, "trick-edit")],
  "cheat-lie": ["sample", "#/cheat", (page) => press(page, "trick-false")],
  "cheat-off": ["", "#/cheat"],
  create: ["phase=empty", "#/create"],
  "create-wrong": ["phase=empty", "#/create", (page) => press(page, "kit-make")],
  "create-closed": ["phase=empty&step=closed", "#/create", sheet],
  "create-closed-wrong": [
    "phase=empty&step=closed",
    "#/create",
    async (page) => {
      await sheet(page)
      await press(page, "admission-take")
    },
  ],
  admission: ["step=closed", "#/admission"],
  "admission-left": ["step=closed&empty", "#/admission"],
  kit: ["phase=empty", "#/create", sheet],
  prove: [
    "phase=empty",
    "#/create",
    async (page) => {
      await sheet(page)
      await press(page, "kit-printed")
    },
  ],
  "prove-wrong": [
    "phase=empty",
    "#/create",
    async (page) => {
      await sheet(page)
      await press(page, "kit-printed")
      await fill(page, "kit-word-input", "wrong words")
      await press(page, "kit-check")
    },
  ],
  passphrase: [
    "phase=empty",
    "#/create",
    async (page) => {
      await sheet(page)
      await press(page, "kit-printed")
      await fill(page, "kit-word-input", "zoo ".repeat(24))
      await press(page, "kit-check")
      await fill(page, "passphrase", "short")
      await press(page, "passphrase-submit")
    },
  ],
  reader: ["phase=empty", "#/reader"],
  invited: ["phase=empty", "#/join/AAAAAAAAAAA/BBBBBBBBBBB"],
  restore: ["phase=empty", "#/restore"],
  "restore-fetching": ["phase=empty&step=fetching", "#/restore"],
  "restore-ready": ["phase=empty&step=ready", "#/restore"],
  unlock: ["phase=locked", ""],
  "unlock-wrong": [
    "phase=locked",
    "",
    async (page) => {
      await fill(page, "passphrase", "wrong")
      await press(page, "unlock")
    },
  ],
  home: ["", ""],
  "home-empty": ["empty", ""],
  "home-offline": ["step=offline", ""],
  "home-notice": ["step=notice", ""],
  record: ["", `#/record/${id(2)}`],
  "record-large": ["step=large", `#/record/${id(6)}`],
  "record-note": ["", `#/record/${id(6)}`],
  "record-proposed": ["", `#/record/${id(1)}`, (page) => press(page, "dispute")],
  "record-failed": ["", `#/record/${id(5)}`],
  proof: ["", `#/proof/${id(3)}`],
  "proof-details": [
    "",
    `#/proof/${id(8)}`,
    (page) => page.getByTestId("proof-details").locator("summary").click(),
  ],
  "proof-disputed": ["", `#/proof/${id(4)}`],
  "proof-failed": ["", `#/proof/${id(5)}`],
  "proof-unknown": ["", `#/proof/${id(99)}`],
  "proof-unopened": ["role=reader&step=proof-unopened", `#/folder/${id(77)}/proof/${id(1)}`],
  "files-backup": ["step=backup", "#/files"],
  "files-saved": ["", "#/files", (page) => press(page, "backup-make")],
  "files-damaged": ["step=archive-damaged", "#/files", chosen("backup-check")],
  "files-cut": ["step=archive-cut", "#/files", chosen("backup-check")],
  "files-checked": ["", "#/files", chosen("backup-check")],
  "restore-from-file": ["phase=empty", "#/restore", (page) => press(page, "restore-from-file")],
  "restore-file": ["phase=empty&step=file", "#/restore"],
  "restore-offline": ["phase=empty&step=archive-ready", "#/restore"],
  verify: ["phase=empty", "#/verify"],
  "verify-locked": ["phase=locked", "#/verify"],
  "verify-holds": ["phase=locked", "#/verify", chosen("verify-proof")],
  "verify-bad": ["step=proof-bad", "#/verify", chosen("verify-proof")],
  "verify-none": ["step=proof-none", "#/verify", chosen("verify-proof")],
  ...Object.fromEntries(
    Object.entries(kinds).map(([name, place]) => [
      `record-${name}`,
      ["records=full", `#/record/${id(200 + place)}`],
    ]),
  ),
  "home-results": ["records=full", ""],
  results: ["records=full", "#/results"],
  trend: ["records=full", `#/trend/${id(200)}`],
  "trend-parts": ["records=full", `#/trend/${id(205)}`],
  "trend-words": ["records=full", `#/trend/${id(209)}`],
  "trend-none": ["records=full", `#/trend/${id(211)}`],
  summary: ["records=full", "#/summary"],
  "summary-empty": ["empty", "#/summary"],
  "chart-summary": ["role=reader&records=full", `#/folder/${id(77)}/summary`],
  "record-details": [
    "records=full",
    `#/record/${id(200)}`,
    (page) => page.locator("summary").first().click(),
  ],
  import: ["", "#/import"],
  "import-preview": ["", "#/import", choose("amina.json")],
  "import-other": ["", "#/import", choose("other.json")],
  "import-bad": ["", "#/import", choose("bad.json")],
  "import-saved": [
    "",
    "#/import",
    async (page) => {
      await choose("amina.json")(page)
      await press(page, "import-start")
    },
  ],
  "import-table": ["", "#/import", files(["glucose.csv", csv])],
  "import-link": ["", "#/import", files(["link.txt", link])],
  "import-warned": [
    "",
    "#/import",
    files(
      ["amina.json", '{"resourceType":"Observation","status":"final","code":"wrong","unknown":1}'],
      ["b.json", "{}"],
    ),
  ],
  "import-results": [
    "",
    "#/import",
    async (page) => {
      await files(
        ["amina.json", "{}"],
        ["bad.json", "{}"],
        ["empty.json", ""],
        ["evil-\u202Enosj.xml", "<a>"],
      )(page)
      await press(page, "import-start-all")
      await page.getByTestId("import-result").first().waitFor()
    },
  ],
  "import-no-camera": [
    "",
    "#/import",
    async (page) => {
      await press(page, "import-scan")
      await page.getByTestId("scan-no-camera").waitFor()
    },
  ],
  note: ["", "#/note"],
  add: ["", "#/add"],
  "add-measurement": ["", "#/add/measurement"],
  "add-measurement-wrong": ["", "#/add/measurement", (page) => press(page, "add-save")],
  "add-pressure": [
    "",
    "#/add/measurement",
    async (page) => {
      await page.getByTestId("add-what").selectOption("pressure")
      await fill(page, "add-upper", "80")
      await fill(page, "add-lower", "120")
      await press(page, "add-save")
    },
  ],
  "add-medicine": ["", "#/add/medicine"],
  "add-allergy": ["", "#/add/allergy", (page) => fill(page, "add-reaction", "Rash")],
  "add-document": ["", "#/add/document", (page) => press(page, "add-save")],
  "add-fhir": ["", "#/add/fhir"],
  amend: ["", `#/amend/${id(2)}`],
  "amend-note": ["", `#/amend/${id(6)}`],
  "amend-unchanged": ["", `#/amend/${id(2)}`, (page) => press(page, "amend-save")],
  "record-conflict": ["step=conflict", `#/record/${id(2)}`],
  "record-replaced": ["step=replaced", `#/record/${id(2)}`],
  "record-change": ["step=change", `#/record/${id(2)}`],
  "record-attached": ["step=attached", `#/record/${id(2)}`],
  "home-no-match": ["", "", (page) => fill(page, "search", "observat zzz")],
  "home-filters": ["", "", (page) => page.getByTestId("more-filters").locator("summary").click()],
  share: ["", "#/share"],
  "share-choose": ["", "#/share", (page) => press(page, "share-choose")],
  "share-code": ["", "#/share", (page) => press(page, "share-quick")],
  "share-chosen": [
    "",
    "#/share",
    async (page) => {
      await press(page, "share-choose")
      await page.getByTestId("share-hours-date").check()
      await page.getByTestId("see-chosen").check()
      await page.getByTestId("see-pick").first().check()
    },
  ],
  "share-mistakes": [
    "",
    "#/share",
    async (page) => {
      await press(page, "share-choose")
      await page.getByTestId("share-section-1").uncheck()
      await page.getByTestId("share-hours-date").check()
      await press(page, "share-create")
    },
  ],
  "share-link": [
    "",
    "#/share",
    async (page) => {
      await press(page, "share-choose")
      await press(page, "share-create")
    },
  ],
  "share-links": ["step=link-compare", "#/share"],
  "share-compare": ["step=compare", "#/share"],
  "share-done": ["step=done", "#/share"],
  "share-refused": ["step=refused", "#/share"],
  "share-expired": ["step=expired", "#/share"],
  who: ["", "#/who"],
  "who-empty": ["empty", "#/who"],
  needs: ["", "#/needs"],
  "needs-link": ["step=link-compare", "#/needs"],
  "needs-link-done": ["step=link-done", "#/needs"],
  outbox: ["", "#/outbox"],
  files: ["", "#/files"],
  "files-sealed": [
    "",
    "#/files",
    async (page) => {
      await press(page, "export-sealed")
      await page.waitForTimeout(600)
      await press(page, "export-sealed")
    },
  ],
  me: ["", "#/me"],
  "me-offline": ["", "#/me", (page) => press(page, "get-ready")],
  "me-offline-missing": ["files=missing", "#/me", (page) => press(page, "get-ready")],
  "me-offline-none": ["files=none", "#/me", (page) => press(page, "get-ready")],
  keys: ["", "#/keys"],
  "keys-set": ["step=passkey", "#/keys"],
  "keys-wrong": ["", "#/keys", (page) => press(page, "passphrase-submit")],
  "unlock-passkey": ["phase=locked&step=passkey", ""],
  devices: ["", "#/devices"],
  "devices-other": ["step=tablet", "#/devices"],
  "devices-code": [
    "",
    "#/devices",
    async (page) => {
      await press(page, "link-device")
      await fill(page, "link-prove-passphrase", "correct horse battery")
      await press(page, "link-prove")
    },
  ],
  "devices-remove": ["step=passkey", "#/devices", (page) => press(page, "device-remove")],
  link: ["phase=empty", "#/link"],
  "link-compare": ["phase=empty&role=device&step=compare", "#/link"],
  "link-ready": ["phase=empty&step=ready", "#/link"],
  "link-taken": ["", "#/link"],
  recovery: ["", "#/recovery"],
  "recovery-never": ["step=nokit", "#/recovery"],
  forgotten: ["phase=empty", "#/forgotten"],
  update: ["update=ready", ""],
  "update-busy": ["update=busy", "", (page) => press(page, "update-now")],
  "update-tabs": ["update=tabs", "", (page) => press(page, "update-now")],
  help: ["", "#/help"],
  patients: ["role=reader", ""],
  "patients-empty": ["role=reader&empty", ""],
  join: ["role=reader", "#/join"],
  "join-link": ["role=reader", "#/join/AAAAAAAAAAA/BBBBBBBBBBB"],
  "join-scan": ["role=reader", "#/join", (page) => press(page, "join-scan")],
  "join-refused": ["role=reader&step=refused", "#/join"],
  "join-used": ["role=reader&step=failed", "#/join"],
  "needs-reader": ["role=reader&step=link-confirmed", "#/needs"],
  "patients-links": ["role=reader&step=link-compare", ""],
  "join-compare": ["role=reader&step=compare", "#/join"],
  chart: ["role=reader", `#/folder/${id(77)}`],
  "chart-waiting": ["role=reader&step=waiting", `#/folder/${id(77)}`],
  "chart-stopped": ["role=reader&step=stopped", `#/folder/${id(77)}`],
  "chart-closed": ["role=reader&step=closed", `#/folder/${id(77)}/record/${id(2)}`],
  "chart-add": ["role=reader", `#/folder/${id(77)}/add`],
  "chart-amend": ["role=reader", `#/folder/${id(77)}/amend/${id(2)}`],
  "chart-note": ["role=reader", `#/folder/${id(77)}/note`],
}

/** A26: a double click is one gesture, two clicks 500 ms apart are two. */
async function doubleClick(browser, origin, faults) {
  const page = await browser.newPage()
  await page.goto(`${origin}/#/me`)
  const wipe = page.getByTestId("delete-device").first()
  const gone = () => page.getByTestId("forgotten").isVisible()
  await wipe.dblclick()
  await page.waitForTimeout(300)
  if (await gone()) faults.push("A26: a double click deleted everything")
  await page.waitForTimeout(500)
  await wipe.click()
  const start = page.getByTestId("forgotten").waitFor({ timeout: 10_000 })
  await start.catch(() => faults.push("A26: two gestures deleted nothing"))
  await page.close()
}

/** Every screen by keyboard: the skip link is first and leads to the title. */
async function skipLink(browser, origin, faults) {
  const page = await browser.newPage()
  await page.goto(`${origin}/#/who`)
  await page.locator("main h1").waitFor()
  const first = await page.evaluate(() => document.querySelector("a, button, input")?.getAttribute("href"))
  if (first !== "#main") faults.push(`skip link: ${first} comes first`)
  await page.locator("a[href='#main']").focus()
  await page.keyboard.press("Enter")
  const where = await page.evaluate(() => document.activeElement?.tagName)
  if (where !== "H1" || !page.url().endsWith("#/who"))
    faults.push(`skip link: led to ${where} at ${page.url()}`)
  await page.close()
}

/**
 * The last is the hardest: 320 px (a desktop at 400 %), the pseudo-locale, forced colors, and, after a first measure, the
 * text spacing of WCAG. axe says nothing about a language that does not exist, so it does not run there.
 */
const settings = [
  { name: "390-light-en", width: 390, scheme: "light", language: "en" },
  { name: "390-dark-ar", width: 390, scheme: "dark", language: "ar" },
  { name: "1280-dark-en", width: 1280, scheme: "dark", language: "en" },
  { name: "1280-light-ar", width: 1280, scheme: "light", language: "ar" },
  { name: "320-hard", width: 320, scheme: "light", language: "qps", forcedColors: "active" },
]
const everySetting = [390, 1280].flatMap((width) =>
  ["light", "dark"].flatMap((scheme) =>
    ["en", "ar"].map((language) => ({ name: `${width}-${scheme}-${language}`, width, scheme, language })),
  ),
)
/** Screens looked at side by side: most of a look is waiting. */
const atOnce = 3

await build({ root, configFile: join(root, "test/look.config.ts"), logLevel: "error" })
await mkdir(pictures, { recursive: true })

const server = createServer(async (request, response) => {
  const path = new URL(request.url, "http://localhost").pathname
  const name = path === "/" ? "/index.html" : path
  try {
    const body = await readFile(join(out, name))
    const headers = { "Content-Type": types[extname(name)] ?? "application/octet-stream" }
    response.writeHead(200, { ...headers, "Content-Security-Policy": policy }).end(body)
  } catch {
    response.writeHead(404).end()
  }
})
await new Promise((done) => server.listen(0, "127.0.0.1", done))
const origin = `http://localhost:${server.address().port}`

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
})

const wanted = process.argv.slice(2)
const faults = []
let seen = 0

async function lookAt(context, setting, name, [query, hash, act]) {
  const where = `${name} ${setting.name}`
  const tell = (found) => faults.push(...found.map((each) => `${where}: ${each}`))
  const page = await context.newPage()
  page.on("console", (message) => {
    if (message.type() === "error") tell([`console: ${message.text()}`])
  })
  page.on("pageerror", (error) => tell([error.message]))
  try {
    page.setDefaultTimeout(10_000)
    const pseudo = setting.language === "qps" ? "&qps" : ""
    await page.goto(`${origin}/?${query}${pseudo}${hash}`)
    await page.locator("main h1").first().waitFor()
    await page.waitForTimeout(60)
    await act?.(page)
    await page.waitForTimeout(120)
    await page.screenshot({ path: join(pictures, `${setting.name}-${name}.png`), fullPage: true })
    if (only) return await page.close()
    tell(await page.evaluate(measure.cut))
    tell(await page.evaluate(measure.small))
    if (pseudo) {
      tell(await page.evaluate(measure.bare))
      await page.evaluate(measure.spaceText)
      tell((await page.evaluate(measure.cut)).map((each) => `with WCAG text spacing: ${each}`))
    } else {
      await page.evaluate(axe)
      const { violations } = await page.evaluate(() => window.axe.run())
      tell(
        violations.map(
          ({ id, nodes }) =>
            `axe ${id}: ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary?.slice(0, 200)}`,
        ),
      )
    }
    seen++
  } catch (error) {
    tell([error.message])
  }
  await page.close()
}

for (const setting of (only ? everySetting : settings).filter(({ name }) =>
  name.includes(process.env.LOOK ?? ""),
)) {
  const context = await browser.newContext({
    viewport: { width: setting.width, height: 844 },
    colorScheme: setting.scheme,
    locale: setting.language === "qps" ? "en" : setting.language,
    reducedMotion: "reduce",
    forcedColors: setting.forcedColors ?? "none",
  })
  await context.addInitScript((language) => {
    localStorage.setItem("anamnesis.language", language)
  }, setting.language)
  const rest = Object.entries(scenes).filter(([name]) => wanted.length === 0 || wanted.includes(name))
  const lookOn = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift())
      await lookAt(context, setting, next[0], next[1])
  }
  await Promise.all(Array.from({ length: atOnce }, lookOn))
  await context.close()
}
if (!only) {
  await doubleClick(browser, origin, faults)
  await skipLink(browser, origin, faults)
}
await browser.close()
server.close()
console.log(`${seen} screens looked at, ${faults.length} faults`)
for (const fault of faults) console.log(fault)
process.exitCode = faults.length === 0 ? 0 : 1
