import { decodeQR } from "qr/decode.js"
import { expect, test } from "vitest"
import { qrPath } from "#ui/qr.ts"

/** The modules that the path paints, as pixels a scanner would see, 4 to a module. */
function painted(path: string, size: number) {
  const scale = 4
  const width = size * scale
  const data = new Uint8Array(width * width * 4).fill(255)
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++) {
      for (let column = Number(x) * scale; column < (Number(x) + Number(run)) * scale; column++) {
        data.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3)
      }
    }
  }
  return { width, height: width, data }
}

test.each([
  ["a link", "https://relay.example/#/join/AAAAAAAAAAA/BBBBBBBBBBB"],
  ["a kit", `ANAMNESIS-KIT:1:${"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".repeat(8)}`],
  ["the longest kit", `ANAMNESIS-KIT:1:${"A".repeat(496)}`],
])("the path of %s reads back", (_, text) => {
  const { path, size } = qrPath(text)
  expect(decodeQR(painted(path, size))).toBe(text)
})
