// Lighthouse over each page type that opens without a passphrase, on the real binary: mobile, throttled, the median of RUNS (5).
//   make lighthouse
// It prints a table and fails when accessibility, best practices or SEO is below 100; performance depends on the machine
// and is only shown. LIGHTHOUSE names the program.
import { spawn } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as e from "./e2e/lib.mjs"

const program = process.env.LIGHTHOUSE ?? "lighthouse"
const runs = Number(process.env.RUNS ?? 5)
const pages = {
  start: "/",
  "create a folder": "/#/create",
  "bring a folder back": "/#/restore",
  "join as a reader": "/#/reader",
  "check a proof": "/#/verify",
  help: "/#/help",
  "sample folder": "/?sample",
}
const categories = ["performance", "accessibility", "best-practices", "seo"]
const shown = ["largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift", "interactive"]
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

const server = await e.relay()
const folder = await mkdtemp(join(tmpdir(), "anamnesis-lighthouse-"))
let low = false
console.log(`| page | ${[...categories, "LCP s", "TBT ms", "CLS", "TTI s"].join(" | ")} |`)
console.log(`|---${"|---:".repeat(categories.length + shown.length)}|`)
for (const [name, path] of Object.entries(pages)) {
  const reports = []
  for (let i = 0; i < runs; i++) reports.push(await report(server.origin + path))
  const scores = categories.map((id) =>
    median(reports.map(({ categories: of }) => Math.round(of[id].score * 100))),
  )
  const [lcp, tbt, cls, tti] = shown.map((id) => median(reports.map(({ audits }) => audits[id].numericValue)))
  const rest = [(lcp / 1000).toFixed(1), tbt.toFixed(0), cls.toFixed(3), (tti / 1000).toFixed(1)]
  console.log(`| ${[name, ...scores, ...rest].join(" | ")} |`)
  for (const [at, id] of categories.entries()) {
    if (id === "performance" || scores[at] === 100) continue
    low = true
    for (const { id: audit } of reports[0].categories[id].auditRefs) {
      const { score, title, details } = reports[0].audits[audit]
      if (score !== null && score < 1)
        console.log(`  ${name}: ${title} ${JSON.stringify(details?.items?.[0] ?? "").slice(0, 300)}`)
    }
  }
}
await server.end()
await rm(folder, { recursive: true, force: true })
process.exitCode = low ? 1 : 0

async function report(url) {
  const out = join(folder, "report.json")
  const args = [url, "--quiet", "--output=json", `--output-path=${out}`, `--only-categories=${categories}`]
  args.push("--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking")
  const child = spawn(program, args, {
    env: { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? "/usr/bin/chromium" },
  })
  let said = ""
  child.stderr.on("data", (part) => (said += part))
  const code = await new Promise((done) => child.once("exit", done))
  if (code !== 0) throw new Error(`lighthouse: ${said}`)
  return JSON.parse(await readFile(out, "utf8"))
}
