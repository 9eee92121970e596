// Draws the app's icons from public/icon.svg with a Chromium, at the sizes that the manifest names.
//   node web/tools/icons.js       CHROMIUM names another browser than /usr/bin/chromium.
// The pictures are committed: run it again when icon.svg changes.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { chromium } from "playwright-core"

const folder = join(import.meta.dirname, "../public")
const drawing = readFileSync(join(folder, "icon.svg"), "utf8")
const color = /fill="(#[0-9a-f]{6})"/.exec(drawing)?.[1]
if (!color) throw new Error("icon.svg has no fill")

/** A launcher may cut a maskable icon to a circle of 80 %: the drawing stands inside it, the color goes to the edge. */
const icons = [
  { name: "icon-192.png", size: 192, part: 1, back: "transparent" },
  { name: "icon-512.png", size: 512, part: 1, back: "transparent" },
  { name: "icon-maskable-512.png", size: 512, part: 0.8, back: color },
]

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
})
for (const { name, size, part, back } of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  const side = size * part
  await page.setContent(
    `<body style="margin:0;display:grid;place-content:center;height:100vh;background:${back}">` +
      drawing.replace("<svg", `<svg width="${side}" height="${side}" style="display:block"`),
  )
  writeFileSync(join(folder, name), await page.screenshot({ omitBackground: true }))
  await page.close()
}
await browser.close()
