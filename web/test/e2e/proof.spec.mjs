// How a person knows that a record is real: the panel one press away, the proof file checked by the page without a
// folder, by a stranger's browser, and by the command line; altered ones name what did not fit.
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { promisify } from "node:util"
import * as e from "./lib.mjs"
import { sampleFile } from "./sample.mjs"

const run = promisify(execFile)
let server, amina, stranger, page, dir, proof, block

before(async () => {
  server = await e.relay()
  dir = await mkdtemp(join(tmpdir(), "anamnesis-proof-"))
  amina = await e.profile(server.origin)
  page = amina.page
  await e.createFolder(page, server.origin, "Amina Haddad")
  await e.importFile(page, sampleFile())
})
after(async () => {
  await amina?.end()
  await stranger?.end()
  await server?.end()
  await rm(dir, { recursive: true, force: true })
})

const file = (name, bytes) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) })
const flipped = (bytes, at) => {
  const out = Buffer.from(bytes)
  out[at < 0 ? out.length + at : at] ^= 1
  return out
}

test("the panel says what was checked, and nothing is final", async () => {
  const record = await page.getByTestId("timeline-item").first().getAttribute("data-record")
  await e.goto(page, `#/record/${record}`)
  await e.press(page, "to-proof")
  await e.seen(page, "proof-panel")
  assert.equal(await e.at(page, "proof-panel").getAttribute("data-standing"), "checked")
  assert.match(await e.text(page, "proof-sentence"), /^Nobody has changed this since you brought it in\.$/)
  assert.match(await e.text(page, "proof-not-final"), /Not final yet/)
  assert.match(await e.text(page, "proof-who"), /Amina Haddad/)
  assert.equal(await e.at(page, "proof-who").getAttribute("data-mark"), "tick")
  for (const step of ["proof-when", "proof-agree"])
    assert.equal(await e.at(page, step).getAttribute("data-mark"), "dash")
  assert.equal(await page.getByTestId("proof-step").first().isVisible(), false, "details begin closed")
  await e.at(page, "proof-details").locator("summary").click()
  assert.equal(await page.locator('[data-testid="proof-step"][data-state="failed"]').count(), 0)
  const unknown = page.locator('[data-testid="proof-step"][data-state="unknown"]')
  assert.deepEqual(await unknown.evaluateAll((all) => all.map((each) => each.dataset.step)), ["final"])
  assert.deepEqual(await e.axeFaults(page, "proof"), [])

  proof = (await e.download(page, () => e.press(page, "proof-save"))).bytes
  block = (await e.download(page, () => e.press(page, "proof-block"))).bytes
  for (const bytes of [proof, block])
    for (const secret of ["Amina", "HbA1c", "Observation"])
      assert.equal(bytes.includes(secret), false, secret)
})

test("a stranger's browser without a folder checks the file, offline", async () => {
  stranger = await e.profile(server.origin)
  const other = stranger.page
  await other.goto(`${server.origin}/#/verify`)
  await e.seen(other, "verify-proof", 30_000)
  await stranger.context().setOffline(true)
  const verdict = async (bytes, with_) => {
    await e.goto(other, "#/help")
    await e.goto(other, "#/verify")
    if (with_) await other.getByTestId("verify-block").setInputFiles(file("r.block", with_))
    await other.getByTestId("verify-proof").setInputFiles(file("r.proof", bytes))
    await other.getByTestId("verify-verdict").or(other.getByTestId("error")).first().waitFor()
    if (await other.getByTestId("error").count()) return e.errorCode(other)
    return e.at(other, "verify-verdict").getAttribute("data-failed")
  }
  assert.equal(await verdict(proof), "")
  assert.equal(await verdict(proof, block), "")
  assert.match(await e.text(other, "verify-verdict"), /the sealed record is the one that was signed/)
  assert.doesNotMatch(await e.text(other, "verify-verdict"), /Amina/)
  assert.equal(await verdict(flipped(proof, -9)), "signature")
  assert.equal(await verdict(flipped(proof, 10)), "network")
  assert.equal(await verdict(proof, flipped(block, 900)), "payload")
  assert.equal(await verdict(proof.subarray(0, -1)), "proof/format")
  assert.equal(await verdict(Buffer.from("%PDF-1.7")), "proof/format")
  assert.deepEqual(await e.axeFaults(other, "verify"), [])
  await stranger.context().setOffline(false)
  const offline = /ERR_INTERNET_DISCONNECTED|ERR_ADDRESS_UNREACHABLE/ // the browser says by itself that it is offline
  assert.deepEqual(
    stranger.faults.filter((fault) => !offline.test(fault)),
    [],
  )
})

test("a locked browser checks too, and shows nothing else", async () => {
  await e.goto(page, "#/me")
  await e.press(page, "lock")
  await e.seen(page, "passphrase")
  await page.evaluate(() => (location.hash = "#/verify"))
  await e.seen(page, "verify-proof")
  await page.getByTestId("verify-proof").setInputFiles(file("r.proof", proof))
  await e.seen(page, "verify-verdict")
  assert.equal(await page.getByText("Amina").count(), 0)
  assert.deepEqual(amina.faults, [])
})

test("the command line says the same", async () => {
  const keep = async (name, bytes) => {
    await writeFile(join(dir, name), bytes)
    return join(dir, name)
  }
  const good = await keep("r.proof", proof)
  const args = [
    "check",
    "--network",
    join(server.data, "network"),
    "--block",
    await keep("r.block", block),
    good,
  ]
  const { stdout } = await run(e.binary, args)
  assert.match(stdout, /ok +signature/)
  assert.match(stdout, /ok +payload/)
  assert.match(stdout, /unknown +final/)
  const bad = await keep("bad.proof", flipped(proof, -9))
  await assert.rejects(run(e.binary, ["check", bad]), /the proof does not hold: signature/)
})
