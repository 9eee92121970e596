// Stands before a relay and serves the app from a folder that a test may change, under the relay's own headers:
// what a relay does when its binary is replaced by another build.
import { createHash, randomBytes } from "node:crypto"
import { spawnSync } from "node:child_process"
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises"
import { createServer, request } from "node:http"
import { tmpdir } from "node:os"
import { extname, join } from "node:path"

const web = new URL("../..", import.meta.url).pathname
/** Larger than what the test of a full disk leaves free. */
const ownBytes = 1 << 20

const kinds = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
}

const run = (...args) => {
  const { status, stderr } = spawnSync(process.execPath, args)
  if (status !== 0) throw new Error(String(stderr))
}

/**
 * A copy of the built app with the name of a build in its page and a file of its own, /assets/<name>.js; change(folder)
 * may break it after its worker was told its files.
 */
export async function buildOf(name, change = () => undefined) {
  const folder = await mkdtemp(join(tmpdir(), `anamnesis-build-${name}-`))
  await cp(join(web, "dist"), folder, { recursive: true })
  const page = join(folder, "index.html")
  const text = await readFile(page, "utf8")
  await writeFile(page, text.replace("</head>", `<meta name="build" content="${name}" /></head>`))
  await writeFile(join(folder, `assets/${name}.js`), randomBytes(ownBytes))
  run(join(web, "tools/offline.js"), folder)
  await change(folder)
  return folder
}

/** Path and SHA-256 of every file that the service worker of a build has to keep. */
export async function filesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = new Map()
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath ?? entry.path, entry.name)
    const name = path.slice(folder.length)
    if (/\.br$|^\/(?:sw\.js|\.keep|sample\.wasm)$/.test(name)) continue
    const hash = createHash("sha256")
      .update(await readFile(path))
      .digest("hex")
    found.set(name === "/index.html" ? "/" : name, hash)
  }
  return found
}

export async function front(relayOrigin, folder) {
  let serving = folder
  let down = false
  const { headers } = await fetch(relayOrigin)
  const security = [...headers].filter(
    ([name]) => !/^(content-(?!security)|date|etag|vary|transfer)/.test(name),
  )
  const seen = []
  const server = createServer(async (ask, answer) => {
    if (down) return ask.socket.destroy()
    seen.push(ask.url)
    const { pathname } = new URL(ask.url, relayOrigin)
    if (pathname.startsWith("/v1/")) {
      const to = request(relayOrigin + ask.url, { method: ask.method, headers: ask.headers }, (got) => {
        answer.writeHead(got.statusCode, got.headers)
        got.pipe(answer)
      })
      to.on("error", () => answer.destroy())
      return ask.pipe(to)
    }
    const name = pathname === "/" ? "/index.html" : pathname
    try {
      const body = await readFile(join(serving, name))
      answer.writeHead(200, {
        ...Object.fromEntries(security),
        "content-type": kinds[extname(name)] ?? "text/plain",
      })
      answer.end(body)
    } catch {
      answer.writeHead(404).end()
    }
  })
  server.on("upgrade", (ask, socket) => {
    const to = request(relayOrigin + ask.url, { headers: ask.headers })
    to.on("upgrade", (got, other, begun) => {
      const lines = Object.entries(got.headers).map(([name, value]) => `${name}: ${value}\r\n`)
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`)
      socket.write(begun)
      other.pipe(socket).on("error", () => other.destroy())
      socket.pipe(other).on("error", () => socket.destroy())
    })
    to.on("error", () => socket.destroy())
    to.end()
  })
  await new Promise((done) => server.listen(0, "127.0.0.1", done))
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    seen,
    serve: (next) => (serving = next),
    /** Nothing answers any more, or again. */
    silent: (yes) => (down = yes),
    async end() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

export const drop = (folder) => rm(folder, { recursive: true, force: true })
