// Attacks that only a browser can show: the ways into somebody's folder that go through a link, a code or a stranger.
import assert from "node:assert/strict"
import { createServer, request } from "node:http"
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
  await e.press(owner, "they-match")
  await e.press(reader, "no-match")
  await e.seen(owner, "meet-over") // told, and with nothing left to press
  assert.equal(await e.at(owner, "meet-over").getAttribute("data-code"), "meet/no-match")
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

test("attack A26: framed by another page, the app stays blank", async (t) => {
  const host = createServer((_, answer) => {
    answer.setHeader("Content-Type", "text/html")
    answer.end(
      `<!doctype html><title>host</title><iframe src="${server.origin}/" width="800" height="600"></iframe>`,
    )
  })
  await new Promise((done) => host.listen(0, "127.0.0.1", done))
  t.after(() => host.close())
  const eve = await e.profile(`http://127.0.0.1:${host.address().port}`)
  t.after(() => eve.end())
  await eve.page.goto(eve.origin)
  await e.until(() => eve.page.frames().length === 2, "the frame is there")
  await eve.page.waitForTimeout(500)
  const [, frame] = eve.page.frames()
  assert.equal(await frame.locator("#app").count(), 0)
})

test("attack A42: nothing that mixes what different people wrote is compressed on the wire", async () => {
  const plain = await fetch(`${server.origin}/v1/network`, {
    headers: { "Accept-Encoding": "br, gzip, deflate" },
  })
  assert.equal(plain.headers.get("content-encoding"), null)
  const socket = await new Promise((done, refuse) => {
    const ask = request(`${server.origin}/v1/ws`, {
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        Origin: server.origin,
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Extensions": "permessage-deflate",
      },
    })
    ask.on("upgrade", (answer, opened) => {
      opened.destroy()
      done(answer)
    })
    ask.on("response", (answer) => refuse(new Error(`status ${answer.statusCode}`)))
    ask.on("error", refuse)
    ask.end()
  })
  assert.equal(socket.headers["sec-websocket-extensions"], undefined)
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
