// Losing a device, a passphrase, the browser's storage or a tab loses nothing that was saved and sent.
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { promisify } from "node:util"
import * as e from "./lib.mjs"
import { sampleFile, sampleRecords } from "./sample.mjs"

const run = promisify(execFile)
let server, amina, kit, page
const faults = []

before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  page = amina.page
  kit = await e.createFolder(page, server.origin, "Amina Haddad")
  await e.importFile(page, sampleFile({ big: true }))
  await e.until(async () => /^All sent/.test(await e.text(page, "status")), "everything is sent")
})
after(async () => {
  await amina?.end()
  await server?.end()
})

/** Writes a note and waits until the relay has it: the browser is closed right after. */
async function noteSent(on, text) {
  await e.goto(on, "#/note")
  await e.fill(on, "note-text", text)
  await e.press(on, "note-save")
  const delivery = on.getByTestId("timeline-item").filter({ hasText: text }).getByTestId("delivery")
  await e.until(async () => (await delivery.innerText()) === "Sent", "the note is sent", 30_000)
}

async function restore(on, by, lost) {
  await on.goto(server.origin)
  await e.press(on, "start-kit")
  if (by === "words")
    await e.fill(on, "kit-word-input", kit.words.map((word, i) => `${i + 1}. ${word},`).join("\n"))
  else {
    await e.press(on, "kit-switch")
    await e.fill(on, "kit-qr-input", kit.qr)
  }
  await e.press(on, "kit-check")
  await e.seen(on, lost ? "lost-yes" : "lost-no", 30_000)
  await e.press(on, lost ? "lost-yes" : "lost-no")
  await e.choosePassphrase(on, "another long sentence")
  await e.seen(on, "timeline-total", 30_000)
}

const total = async (on, n) =>
  e.until(
    async () => new RegExp(`\\b${n}\\b`).test(await e.text(on, "timeline-total")),
    `${n} records`,
    30_000,
  )

test("a wrong passphrase opens nothing and says so; the right one opens the newest page", async () => {
  await e.goto(page, "#/me")
  await e.press(page, "lock")
  await e.seen(page, "unlock")
  await e.unlock(page, "not this one")
  await e.seen(page, "error")
  assert.equal((await page.getByTestId("error-code").textContent()).trim(), "vault/passphrase")
  assert.equal(await page.getByTestId("timeline-item").count(), 0)
  await e.unlock(page)
  await e.goto(page, "#/")
  await total(page, sampleRecords)
})

test("a reload finds the folder locked and whole", async () => {
  await page.reload()
  await e.seen(page, "unlock")
  await e.unlock(page)
  await total(page, sampleRecords)
})

test("the original file and one record come out as the bytes that went in", async () => {
  await e.goto(page, "#/files")
  await e.seen(page, "export-source")
  const file = await e.download(page, () => e.twice(page, e.at(page, "export-source")))
  assert.equal(file.name, "amina.json")
  assert.ok(file.bytes.equals(sampleFile({ big: true }).buffer))
})

test("the sealed copy opens with the age command, where there is one", async (t) => {
  await e.goto(page, "#/files")
  const file = await e.download(page, () => e.twice(page, e.at(page, "export-sealed")))
  const key = await e.text(page, "sealed-key")
  assert.match(key, /^AGE-SECRET-KEY-PQ-1/)
  await page.locator("main button.primary").last().click()
  const dir = await mkdtemp(join(tmpdir(), "anamnesis-sealed-"))
  t.after(() => rm(dir, { recursive: true, force: true }))
  await writeFile(join(dir, "copy.tar"), file.bytes)
  await writeFile(join(dir, "key"), `${key}\n`)
  const { stdout } = await run("tar", ["-xvf", "copy.tar"], { cwd: dir })
  const names = stdout.split("\n").filter((name) => name.endsWith(".age"))
  assert.ok(names.length >= sampleRecords, stdout)
  const root = new URL("../../..", import.meta.url).pathname
  const go = await run("go", ["build", "-o", join(dir, "age"), "filippo.io/age/cmd/age"], {
    cwd: root,
  }).catch((no) => no)
  if (go instanceof Error) return t.skip(`the age command does not build here: ${go.stderr.split("\n")[0]}`)
  const whole = []
  for (const name of names) {
    const opened = await run(join(dir, "age"), ["-d", "-i", "key", name], {
      cwd: dir,
      encoding: "buffer",
      maxBuffer: 1 << 24,
    })
    whole.push(opened.stdout)
  }
  assert.ok(
    whole.some((bytes) => bytes.includes('"text":"HbA1c 2020"')),
    "a record is in the clear again",
  )
})

for (const [by, lost, count] of [
  ["words", false, sampleRecords],
  ["qr", true, sampleRecords + 1],
]) {
  test(`a fresh browser brings everything back by the kit's ${by}`, async () => {
    const fresh = await e.profile(server.origin)
    try {
      await restore(fresh.page, by, lost)
      await total(fresh.page, count)
      await fresh.page.getByTestId("timeline-item").filter({ hasText: "HbA1c 2020" }).locator("a").click()
      await e.seen(fresh.page, "record-view")
      await e.goto(fresh.page, "#/files")
      await e.seen(fresh.page, "export-source")
      const file = await e.download(fresh.page, () => e.twice(fresh.page, e.at(fresh.page, "export-source")))
      assert.ok(file.bytes.equals(sampleFile({ big: true }).buffer))
      await noteSent(fresh.page, `Written after a restore by ${by}.`)
    } finally {
      faults.push(...fresh.faults)
      await fresh.end()
    }
  })
}

test("attack A37: the origin is cleared; all that was sent comes back by the kit", async () => {
  const fresh = await e.profile(server.origin)
  try {
    await restore(fresh.page, "words", false)
    await total(fresh.page, sampleRecords + 2)
    const session = await fresh.context().newCDPSession(fresh.page)
    await fresh.page.goto("about:blank")
    await session.send("Storage.clearDataForOrigin", { origin: server.origin, storageTypes: "all" })
    await fresh.page.goto(server.origin)
    await e.seen(fresh.page, "start-kit")
    await restore(fresh.page, "words", false)
    await total(fresh.page, sampleRecords + 2)
    await fresh.page.getByText("Written after a restore by qr.").first().waitFor()
  } finally {
    faults.push(...fresh.faults)
    await fresh.end()
  }
})

test("wrong words of a kit find nothing and say so", async () => {
  const fresh = await e.profile(server.origin)
  try {
    await fresh.page.goto(server.origin)
    await e.press(fresh.page, "start-kit")
    await e.fill(fresh.page, "kit-word-input", "abandon ".repeat(24))
    await e.press(fresh.page, "kit-check")
    await e.seen(fresh.page, "error")
  } finally {
    faults.push(...fresh.faults)
    await fresh.end()
  }
})

test("no page asked a foreign host, broke its policy or threw", () => {
  assert.deepEqual([...amina.faults, ...faults], [])
})
