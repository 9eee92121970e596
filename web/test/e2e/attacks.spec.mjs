// Attacks that only a browser can show: the ways into somebody's folder that go through a link, a code or a stranger.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import * as e from "./lib.mjs"
import { sampleFile } from "./sample.mjs"

let server, amina, lin, owner, reader
before(async () => {
  server = await e.relay()
  amina = await e.profile(server.origin)
  lin = await e.profile(server.origin)
  owner = amina.page
  reader = lin.page
  await e.createFolder(owner, server.origin, "Amina Haddad")
  await e.importFile(owner, sampleFile())
  await e.createReader(reader, server.origin, "Dr. Lin Wei")
})
after(async () => {
  await amina?.end()
  await lin?.end()
  await server?.end()
})

test("attack A19: a code that links a device is refused where a doctor joins", async () => {
  const { link } = await e.showCode(owner)
  const forged = link.replace("#/join/", "#/link/")
  assert.notEqual(forged, link)
  await e.enterCode(reader, forged)
  await e.seen(reader, "error")
  assert.equal(await e.errorCode(reader), "meet/wrong-kind")
  assert.equal(await owner.getByTestId("meet-digits").count(), 0)
  await e.press(owner, "meet-cancel")
})

test('attack A18: who says "No match" is granted nothing, whatever the other side presses', async () => {
  const { words } = await e.showCode(owner)
  await e.enterCode(reader, words)
  await e.seen(reader, "meet-digits")
  await e.seen(owner, "meet-digits")
  await e.press(reader, "no-match")
  await e.press(owner, "they-match")
  await owner.waitForTimeout(1500)
  assert.equal(await owner.getByTestId("share-done").count(), 0)
  await e.dismissMeeting(owner)
  assert.equal(await owner.getByTestId("grant-row").count(), 0)
  await e.goto(reader, "#/patients")
  assert.equal(await reader.getByTestId("folder-row").count(), 0)
})

test("a third person who has the code too burns it, for everybody", async (t) => {
  const eve = await e.profile(server.origin)
  t.after(() => eve.end())
  await e.createReader(eve.page, server.origin, "Dr. Lin Wei") // the same name
  await e.dismissMeeting(owner)
  const { words } = await e.showCode(owner)
  await e.enterCode(reader, words)
  await e.seen(owner, "meet-digits")
  await e.enterCode(eve.page, words)
  await e.seen(owner, "meet-over")
  assert.equal(await e.at(owner, "meet-over").getAttribute("data-code"), "meet/burnt")
  assert.equal(await owner.getByTestId("they-match").count(), 0)
  assert.deepEqual(eve.faults, [])
})

test("attack A36: a link that scanners load is not used up, and leaves no trace but a click", async () => {
  await e.dismissMeeting(owner)
  const { link } = await e.showCode(owner)
  const secret = link.split("/").at(-1)
  await reader.goto("about:blank")
  const asked = []
  reader.on("request", (request) => asked.push(request.url(), ...Object.values(request.headers())))
  for (let i = 0; i < 50; i++) {
    const answer = await fetch(link)
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer")
    await answer.arrayBuffer()
  }
  await reader.goto(link) // a scanner that runs scripts
  await e.seen(reader, "unlock")
  await e.unlock(reader)
  await e.seen(reader, "join")
  await reader.waitForTimeout(500)
  assert.equal(await owner.getByTestId("meet-digits").count(), 0)
  assert.ok(!(await reader.evaluate(() => location.href)).includes(secret))
  await reader.goBack()
  await reader.goForward()
  assert.ok(!(await reader.evaluate(() => location.href)).includes(secret), "not in the history")
  assert.deepEqual(
    asked.filter((each) => each.includes(secret)),
    [],
  )
  assert.ok(!server.log().includes(secret))
  await e.seen(reader, "unlock") // the page was loaded anew: the held code went with it
  await e.unlock(reader)
  await e.enterCode(reader, link)
  await e.compare(owner, reader)
})

test("nothing that a person typed or was given lies readable in the relay's folder", async () => {
  await e.until(async () => /^All sent/.test(await e.text(owner, "status")), "everything is sent")
  assert.deepEqual(
    await server.holds(["Amina", "Haddad", "Lin Wei", "HbA1c", "Hemoglobin", e.passphrase]),
    [],
  )
})

test("no page asked a foreign host, broke its policy or threw", () => {
  assert.deepEqual([...amina.faults, ...lin.faults], [])
})
