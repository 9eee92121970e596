// Makes the gallery from the pictures that test/look.mjs took: one sheet for each main screen, with a phone and a
// desktop, light and dark, English and Arabic.
//   node web/tools/sheets.js build/look web/gallery      CHROMIUM names another browser than /usr/bin/chromium.
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { chromium } from "playwright-core"

const [from, to] = process.argv.slice(2)
if (!from || !to) throw new Error("usage: sheets.js <pictures> <gallery>")

const screens = {
  start: "The first screen",
  kit: "The recovery kit, before anything is stored",
  home: "The folder",
  record: "A record",
  trend: "One test over time",
  proof: "How we know this is real",
  "import-preview": "A file before it is brought in",
  "share-choose": "Choosing what to share",
  "share-compare": "Two people compare before anything is shared",
  who: "Who looked",
  needs: "What needs the owner's answer",
  chart: "A clinician's view of what was shared",
  me: "Me",
  unlock: "Locked",
}
const settings = [390, 1280].flatMap((width) =>
  ["light", "dark"].flatMap((scheme) =>
    ["en", "ar"].map((language) => ({ width, name: `${width}-${scheme}-${language}` })),
  ),
)

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
})
const lines = [
  "# Gallery",
  "",
  "Every main screen on a phone and on a desktop, light and dark, English and Arabic, with made-up answers. `make screenshots`",
  "takes them anew, and every other screen and state, into `build/look`.",
]
for (const [name, title] of Object.entries(screens)) {
  const found = settings.filter((setting) => existsSync(join(from, `${setting.name}-${name}.png`)))
  if (found.length === 0) {
    console.log(`no picture of ${name}`)
    continue
  }
  const cells = found.map(({ width, name: setting }) => {
    const data = readFileSync(join(from, `${setting}-${name}.png`)).toString("base64")
    const [wide, high] = width === 390 ? [230, 460] : [470, 310]
    return `<img style="width:${wide}px;height:${high}px;object-fit:cover;object-position:top;border:1px solid #999" src="data:image/png;base64,${data}">`
  })
  const page = await browser.newPage({ viewport: { width: 990, height: 600 } })
  await page.setContent(
    `<body style="margin:8px;background:#ddd;display:flex;flex-wrap:wrap;gap:8px;width:974px">${cells.join("")}</body>`,
  )
  writeFileSync(join(to, `${name}.jpg`), await page.screenshot({ fullPage: true, type: "jpeg", quality: 72 }))
  await page.close()
  lines.push("", `## ${title}`, "", `![${title}: eight pictures](${name}.jpg)`)
}
await browser.close()
writeFileSync(join(to, "README.md"), lines.join("\n") + "\n")
