// What every browser test needs: the real binary, separate browser profiles, and the app's screens in a person's words.
import { spawn } from "node:child_process"
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium } from "playwright-core"

const web = new URL("../..", import.meta.url).pathname
export const binary = process.env.ANAMNESIS_BINARY ?? join(web, "../build/anamnesis")
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/** A screen answers within this on a loaded machine. */
export const patienceMS = 15_000
/** Two gestures of a destructive action are at least 500 ms apart. */
const gesturesApartMS = 600

export const passphrase = "a long enough sentence"

/** The browser that the Makefile asks for. */
export const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium"
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]

async function freePort() {
  const server = createServer()
  await new Promise((done) => server.listen(0, "127.0.0.1", done))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}

/**
 * The real binary on a folder of its own, as a try-out, or closed as a clinic runs it. kill is a power cut, start serves
 * the same folder on the same port again.
 */
export async function relay({ closed = false } = {}) {
  const data = await mkdtemp(join(tmpdir(), "anamnesis-e2e-"))
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  let child
  let log = ""
  const begin = async (...args) => {
    child = spawn(binary, [...args, "--listen", `127.0.0.1:${port}`])
    const hear = (part) => (log += part)
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    await until(async () => (await fetch(`${origin}/v1/network`)).ok, "the relay answers")
  }
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((done) => child.once("exit", done))
    child.kill("SIGKILL")
    await gone
  }
  const dev = () => begin("dev", "--data", data)
  const alone = () => {
    const of = (name) => join(data, name)
    return begin("relay", "--network", of("network"), "--key", of("relay.key"), "--data", of("closed"))
  }
  await dev()
  if (closed) {
    await kill() // it has made a network and its keys
    await alone()
  }
  return {
    origin,
    data,
    start: closed ? alone : dev,
    kill,
    log: () => log,
    /** Which of the words lie as they are in any file of the relay. */
    async holds(words) {
      const entries = await readdir(data, { recursive: true, withFileTypes: true })
      const found = []
      for (const entry of entries.filter((each) => each.isFile())) {
        const bytes = await readFile(join(entry.parentPath ?? entry.path, entry.name))
        found.push(...words.filter((word) => bytes.includes(word)).map((word) => `${entry.name}: ${word}`))
      }
      return found
    },
    async end() {
      await kill()
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** Asks until the answer is true; what throws meanwhile is a no. */
export async function until(question, what, maxMS = patienceMS) {
  const from = Date.now()
  let last
  for (;;) {
    try {
      if (await question()) return Date.now() - from
    } catch (e) {
      last = e
    }
    if (Date.now() - from > maxMS) throw new Error(`not within ${maxMS} ms: ${what}`, { cause: last })
    await new Promise((done) => setTimeout(done, 25))
  }
}

/**
 * One person's browser: a profile folder of its own. Everything that a page must not do is kept in faults: a request
 * to another host, a refused script, an error on the console, a page that throws.
 */
export async function profile(origin, { language = "en", scheme = "light", width = 1280 } = {}) {
  const dir = await mkdtemp(join(tmpdir(), "anamnesis-profile-"))
  const faults = []
  let context
  const watch = (page) => {
    page.setDefaultTimeout(patienceMS)
    page.on("pageerror", (e) => faults.push(`page: ${e.message}`))
    page.on("console", (m) => {
      // A stopped relay is a refused connection, which the browser reports by itself.
      if (m.type() === "error" && !m.text().includes("ERR_CONNECTION_REFUSED"))
        faults.push(`console: ${m.text()}`)
    })
  }
  const open = async () => {
    context = await chromium.launchPersistentContext(dir, {
      executablePath,
      args: flags,
      locale: language,
      colorScheme: scheme,
      viewport: { width, height: 844 },
      reducedMotion: "reduce",
      acceptDownloads: true,
    })
    context.on("request", (request) => {
      const url = new URL(request.url())
      if (/^(https?|wss?):$/.test(url.protocol) && url.host !== new URL(origin).host)
        faults.push(`foreign request: ${url.href}`)
    })
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (e) => {
        console.error(`CSP: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`)
      })
    })
    for (const page of context.pages()) watch(page)
    context.on("page", watch)
  }
  await open()
  const it = {
    dir,
    faults,
    origin,
    page: context.pages()[0] ?? (await context.newPage()),
    context: () => context,
    newPage: () => context.newPage(),
    close: () => context.close(),
    async reopen() {
      await context.close()
      await open()
      it.page = context.pages()[0] ?? (await context.newPage())
    },
    async end() {
      await context.close()
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return it
}

// What a person does, screen by screen. Each takes a page.

export const at = (page, testid) => page.getByTestId(testid).first()
export const press = (page, testid) => at(page, testid).click()
export const fill = (page, testid, text) => at(page, testid).fill(text)
export const text = async (page, testid) => (await at(page, testid).innerText()).trim()
export const seen = (page, testid, timeout = patienceMS) => at(page, testid).waitFor({ timeout })
export const gone = (page, testid, timeout = patienceMS) =>
  at(page, testid).waitFor({ state: "detached", timeout })

export async function twice(page, locator) {
  await locator.click()
  await page.waitForTimeout(gesturesApartMS)
  await locator.click()
}

export async function goto(page, hash) {
  await page.evaluate((to) => {
    location.hash = to
  }, hash)
  await page.locator("main h1").first().waitFor()
}

export async function choosePassphrase(page, phrase = passphrase) {
  await fill(page, "passphrase", phrase)
  await fill(page, "passphrase-again", phrase)
  await press(page, "passphrase-submit")
}

/** Makes a folder, reading the kit back; returns the kit. */
export async function createFolder(page, origin, name) {
  await page.goto(origin)
  await press(page, "start-own")
  await fill(page, "person-name", name)
  await press(page, "kit-make")
  return finishFolder(page)
}

/** From the kit's sheet on. */
export async function finishFolder(page) {
  await seen(page, "kit-words")
  const words = await page.getByTestId("kit-word").allInnerTexts()
  const qr = (await page.getByTestId("kit-qr").textContent()).trim()
  await press(page, "kit-printed")
  await fill(page, "kit-word-input", words.join(" "))
  await press(page, "kit-check")
  await choosePassphrase(page)
  await seen(page, "to-import")
  return { words, qr }
}

export async function createReader(page, origin, name) {
  await page.goto(origin)
  await press(page, "start-reader")
  await fill(page, "person-name", name)
  await choosePassphrase(page)
  await seen(page, "join-code")
}

export async function unlock(page, phrase = passphrase) {
  await fill(page, "passphrase", phrase)
  await press(page, "unlock")
}

/** Imports a file ({name, mimeType, buffer} or a path) and waits until it is saved; returns how many records it has. */
export async function importFile(page, file, maxMS = 120_000) {
  await goto(page, "#/import")
  await page.getByTestId("import-file").setInputFiles(file)
  await seen(page, "import-start", maxMS)
  const start = at(page, "import-start")
  if (await page.getByTestId("other-person").isVisible()) await twice(page, start)
  else await start.click()
  await seen(page, "import-saved", maxMS)
  const saved = await text(page, "import-saved")
  await page.locator("main a.button.primary").first().click()
  return saved
}

/** The owner shows a code under terms: "quick" or {sections, hours, write}. */
export async function showCode(page, terms = "quick") {
  await goto(page, "#/share")
  if (terms === "quick") await press(page, "share-quick")
  else {
    await press(page, "share-choose")
    for (const section of [1, 2, 3, 4, 5, 6]) {
      await page.getByTestId(`share-section-${section}`).setChecked(terms.sections.includes(section))
    }
    await press(page, `share-hours-${terms.hours ?? 1}`)
    await page.getByTestId("share-can-write").setChecked(terms.write ?? true)
    await press(page, "share-code")
  }
  await seen(page, "meet-words")
  return {
    words: await text(page, "meet-words"),
    link: (await page.getByTestId("meet-link").textContent()).trim(),
    digits: await text(page, "meet-code-digits"),
  }
}

/** Ends whatever meeting the owner's screen still shows. */
export async function dismissMeeting(page) {
  await goto(page, "#/share")
  const over = page.getByTestId("meet-over").locator("..").locator("button.primary")
  for (const button of [over, page.getByTestId("no-match"), page.getByTestId("meet-cancel")]) {
    if (await button.first().isVisible()) await button.first().click()
  }
  await seen(page, "share-quick")
}

export const errorCode = async (page) => (await at(page, "error-code").textContent()).trim()

export async function enterCode(page, code) {
  await goto(page, "#/join")
  await fill(page, "join-code", code)
  await press(page, "join")
}

/** Both sides see the same digits and pictures, and press. Returns what they saw. */
export async function compare(owner, reader) {
  await Promise.all([seen(owner, "meet-digits"), seen(reader, "meet-digits")])
  const saw = async (page) => ({
    digits: await text(page, "meet-digits"),
    emoji: (await page.getByTestId("meet-emoji").locator(".drawn").allTextContents()).join(" "),
    name: await text(page, "meet-name"),
  })
  const [a, b] = await Promise.all([saw(owner), saw(reader)])
  if (a.digits !== b.digits || a.emoji !== b.emoji) throw new Error(`compare: ${JSON.stringify([a, b])}`)
  await press(reader, "they-match")
  await press(owner, "they-match")
  await Promise.all([seen(owner, "share-done"), seen(reader, "open-folder")])
  await owner.locator("main button.primary").first().click()
  await press(reader, "open-folder")
  return { owner: a, reader: b }
}

/** The reader's screen shows everything that is not opened: only that is asked for. */
export async function showAllUnopened(reader) {
  const more = reader.getByTestId("ask-more")
  while (await more.isVisible()) {
    const count = await reader.getByTestId("unopened").getAttribute("data-count")
    await more.click()
    await until(
      async () => (await reader.getByTestId("unopened").getAttribute("data-count")) !== count,
      "more is shown",
    )
  }
}

/** The reader asks for what it has not opened, and it is released. */
export async function askAndOpen(reader, maxMS = patienceMS) {
  await seen(reader, "ask", maxMS)
  await showAllUnopened(reader)
  await press(reader, "ask")
  await seen(reader, "all-open", maxMS)
}

export async function download(page, act) {
  const [file] = await Promise.all([page.waitForEvent("download"), act()])
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) }
}

/** Violations of axe on the screen as it is. */
export async function axeFaults(page, where) {
  await page.evaluate(axe) // through the debugger: the page's policy stands
  const { violations } = await page.evaluate(() => window.axe.run())
  return violations.map((v) => `${where}: ${v.id}: ${v.nodes[0].html.slice(0, 160)}`)
}

/** Looks at pages by name; see picture. */
export function pictures(pages) {
  return (who, what) => picture(pages[who], `${who}-${what}`)
}

/** One picture of a screen into the folder PICTURES, when it is set. */
export async function picture(page, name) {
  const dir = process.env.PICTURES
  if (dir) await page.screenshot({ path: join(dir, `${name.replaceAll(" ", "-")}.png`) }) // makes the folder
}

/** Tab until something has the focus, and press a key on it. A thing that Tab never reaches fails. */
export function keyboard(page) {
  const reachable = 80
  const tabTo = async (selector, key) => {
    for (let i = 0; i < reachable; i++) {
      await page.keyboard.press("Tab")
      if (await page.evaluate((want) => document.activeElement?.matches(want) ?? false, selector)) {
        if (key) await page.keyboard.press(key)
        return
      }
    }
    throw new Error(`Tab does not reach ${selector}`)
  }
  return {
    to: async (testid, key) => {
      await seen(page, testid)
      await tabTo(`[data-testid="${testid}"]`, key)
    },
    toText: tabTo,
  }
}
