// Tells the service worker of a finished build which files it keeps, each with its SHA-256.
//   node web/tools/offline.js web/dist
// It runs last, when nothing but compression comes after it, and again on a folder whose files changed.
import { createHash } from "node:crypto"
import { readFileSync, readdirSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"

const root = process.argv[2]
if (!root) throw new Error("usage: offline.js <folder>")

const worker = join(root, "sw.js")
const notKept = /(?:\.br|\/sw\.js|\/\.keep)$/
const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(
    (entry) => "/" + relative(root, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/"),
  )
  .filter((path) => !notKept.test(path))
  .sort()
  .map((path) => {
    const hash = createHash("sha256")
      .update(readFileSync(join(root, path)))
      .digest("hex")
    return `${path === "/index.html" ? "/" : path}=${hash}`
  })

const text = readFileSync(worker, "utf8")
const place = /the-files:[^"'`]+/
// The kill switch keeps nothing, and answers nothing.
if (place.test(text)) writeFileSync(worker, text.replace(place, `the-files:${files.join(" ")}`))
else if (/["'`]fetch["'`]/.test(text)) throw new Error(`${worker} has no place for its files`)
