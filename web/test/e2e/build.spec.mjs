// What the built app weighs, and that anybody who builds it gets the same bytes from pinned packages alone.
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { spawnSync } from "node:child_process"
import { cp, mkdtemp, readFile, readdir, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { after, before, test } from "node:test"
import { brotliCompressSync } from "node:zlib"

const web = new URL("../..", import.meta.url).pathname
const dist = join(web, "dist")
const kB = 1000

let index
const chunks = new Map() // name: { size, needs: static imports, later: what it imports when wanted }
before(async () => {
  index = await readFile(join(dist, "index.html"), "utf8")
  for (const name of await readdir(join(dist, "assets"))) {
    if (!/\.(?:js|css)$/.test(name)) continue
    const text = await readFile(join(dist, "assets", name), "utf8")
    const named = (pattern) => [...text.matchAll(pattern)].map((found) => basename(found[1]))
    chunks.set(name, {
      size: brotliCompressSync(text).length,
      needs: named(/\b(?:import|export)\s*(?:[\w*{}\s,$]+?from)?\s*["'`]\.\/([^"'`]+\.js)["'`]/g),
      later: named(/\bimport\(\s*["'`]\.\/([^"'`]+\.js)["'`]/g),
    })
  }
})

/** Everything that name needs to run, itself included. */
function closure(names, found = new Set()) {
  for (const name of names) {
    if (found.has(name)) continue
    found.add(name)
    closure(chunks.get(name)?.needs ?? [], found)
  }
  return found
}
const weight = (names) => [...names].reduce((sum, name) => sum + (chunks.get(name)?.size ?? 0), 0)
const first = () =>
  closure([...index.matchAll(/(?:src|href)="\/assets\/([^"]+\.js)"/g)].map((found) => found[1]))

test("the first load is at most 60 kB of JavaScript and 12 kB of CSS, brotli", (t) => {
  const js = weight(first())
  const css = weight([...index.matchAll(/href="\/assets\/([^"]+\.css)"/g)].map((found) => found[1]))
  t.diagnostic(`JavaScript ${js} bytes, CSS ${css} bytes`)
  assert.ok(js > 20 * kB && css > kB, "the page names its files")
  assert.ok(
    js <= 60 * kB,
    `JavaScript: ${js} bytes: ${[...first()].map((name) => `${name} ${chunks.get(name)?.size}`)}`,
  )
  assert.ok(css <= 12 * kB, `CSS: ${css} bytes`)
})

test("whatever comes later is at most 40 kB, brotli, with all that it needs", (t) => {
  const here = first()
  // What a Worker loads to read a file of another format is waited for by no screen, and is not reached from here.
  const later = new Set()
  const reach = (names) => {
    for (const name of [...closure(names)].flatMap((each) => chunks.get(each)?.later ?? [])) {
      if (later.has(name)) continue
      later.add(name)
      reach([name])
    }
  }
  reach([...here])
  assert.ok(later.size >= 10, "screens come later")
  let most = ["", 0]
  for (const name of later) {
    const size = weight([...closure([name])].filter((each) => !here.has(each)))
    if (size > most[1]) most = [name, size]
    assert.ok(size <= 40 * kB, `${name}: ${size} bytes`)
  }
  t.diagnostic(`the largest of ${later.size}: ${most[0]}, ${most[1]} bytes`)
})

test("attack A39: every package is pinned by version and hash, and none of the bundle's runs a script when installed", async () => {
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(web, "package.json"), "utf8"))
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    assert.match(version, /^\d+\.\d+\.\d+$/, `${name} ${version}`)
  const { packages } = JSON.parse(await readFile(join(web, "package-lock.json"), "utf8"))
  for (const [path, { integrity, version, hasInstallScript, dev, link }] of Object.entries(packages)) {
    if (path === "" || link) continue
    assert.match(integrity ?? "", /^sha512-/, path)
    assert.match(version, /^\d/, path)
    assert.ok(!hasInstallScript || dev, `${path} has an install script`)
  }
})

test("attack A39: built twice, once elsewhere from the lock file alone without network or install scripts: equal bytes", async (t) => {
  const away = await mkdtemp(join(tmpdir(), "anamnesis-again-"))
  after(() => rm(away, { recursive: true, force: true }))
  const kept = (path) => !/\/(?:node_modules|dist|gallery)(?:\/|$)/.test(path.slice(web.length - 1))
  await cp(web, away, { recursive: true, filter: kept })
  // Nobody is reached: an address that refuses stands in for every registry and proxy.
  const nowhere = "http://127.0.0.1:9"
  const env = {
    ...process.env,
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    http_proxy: nowhere,
    https_proxy: nowhere,
  }
  const run = (cwd, command, ...args) => spawnSync(command, args, { cwd, env, encoding: "utf8" })
  const installed = run(
    away,
    "npm",
    "ci",
    "--include=dev",
    "--offline",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
  )
  if (installed.status !== 0) {
    // A cache that npm was told not to fill: the packages here were checked against the same hashes.
    t.diagnostic(
      `npm's cache lacks something, the installed packages serve: ${installed.stderr.slice(0, 200)}`,
    )
    await symlink(join(web, "node_modules"), join(away, "node_modules"))
  }
  const outs = [web, away].map((from, i) => [from, join(away, `out-${i}`)])
  for (const [from, out] of outs) {
    const built = run(
      from,
      process.execPath,
      "node_modules/vite/bin/vite.js",
      "build",
      "--outDir",
      out,
      "--emptyOutDir",
    )
    assert.equal(built.status, 0, built.stderr)
  }
  const [here, there] = await Promise.all(outs.map(([, out]) => sums(out)))
  assert.ok(here.size > 20)
  assert.deepEqual(there, here)
})

async function sums(folder) {
  const found = new Map()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath ?? entry.path, entry.name)
    found.set(
      path.slice(folder.length),
      createHash("sha256")
        .update(await readFile(path))
        .digest("hex"),
    )
  }
  return new Map([...found].sort())
}
