// A closed relay, as a clinic runs it: who is not let in sends nothing, and one answer of the clinic's mends that.
import { execFile } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as lib from "./lib.mjs"

const run = promisify(execFile)
let server
let amina
let lin

before(async () => {
  server = await lib.relay({ closed: true })
  amina = await lib.profile(server.origin)
  lin = await lib.profile(server.origin)
})
after(async () => {
  await amina?.end()
  await lin?.end()
  await server?.end()
})

/** What the clinic's clerk does with a list. */
async function signed(list) {
  const of = (name) => join(server.data, name)
  await writeFile(of("list.txt"), list)
  const args = ["--network", of("network"), "--key", of("member.key"), "--keys", of("list.txt")]
  return (await run(lib.binary, ["admit", ...args])).stdout
}

const list = (page) => page.getByTestId("admission-list").inputValue()

async function answer(page, text) {
  await lib.fill(page, "admission-answer", text)
  await lib.press(page, "admission-take")
}

async function allSent(page) {
  await lib.until(async () => (await lib.text(page, "status")) === "All sent", "all is sent")
}

test("a folder is made, shared and restored where the relay is closed", async () => {
  const page = amina.page
  await page.goto(server.origin)
  await lib.press(page, "start-own")
  await lib.fill(page, "person-name", "Amina Haddad")
  await lib.press(page, "kit-make")
  await lib.seen(page, "admission-answer")
  const keys = await list(page)
  assert.equal(keys.trim().split("\n").length, 32)
  await answer(page, "Welcome, dear patient")
  assert.equal(await lib.errorCode(page), "admission/format")
  assert.deepEqual(await lib.axeFaults(page, "admission"), [])
  await answer(page, await signed(keys))
  const kit = await lib.finishFolder(page)
  await allSent(page)

  await lib.createReader(lin.page, server.origin, "Dr. Lin Wei")
  const code = await lib.showCode(page)
  await lib.enterCode(lin.page, code.words)
  await lib.compare(page, lin.page)
  await lib.goto(page, "#/admission")
  await page.getByTestId("admission-left").filter({ hasText: "27" }).waitFor()

  const fresh = await lib.profile(server.origin)
  try {
    await fresh.page.goto(server.origin)
    await lib.press(fresh.page, "start-kit")
    await lib.fill(fresh.page, "kit-word-input", kit.words.join(" "))
    await lib.press(fresh.page, "kit-check")
    await lib.press(fresh.page, "lost-yes")
    await lib.choosePassphrase(fresh.page)
    await lib.seen(fresh.page, "notice")
    await lib.goto(fresh.page, "#/admission")
    await lib.press(fresh.page, "admission-more")
    await lib.seen(fresh.page, "admission-answer")
    await answer(fresh.page, await signed(await list(fresh.page)))
    await allSent(fresh.page)
    assert.deepEqual(fresh.faults, [])
  } finally {
    await fresh.end()
  }
  assert.deepEqual([...amina.faults, ...lin.faults], [])
})
