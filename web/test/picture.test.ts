import { expect, test } from "vitest"
import { pictureSize } from "#core/picture/size.ts"

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  new Uint8Array(
    parts.flatMap((part) => (typeof part === "string" ? Array.from(part).map((c) => c.charCodeAt(0)) : part)),
  )
const png = (width: number[], height: number[]) =>
  bytes("\u0089PNG\r\n\u001a\n", [0, 0, 0, 13], "IHDR", width, height)

test.each([
  ["PNG", png([0, 0, 1, 0], [0, 0, 0, 7]), { width: 256, height: 7 }],
  ["a PNG that says it is huge", png([0, 1, 0, 0], [0, 1, 0, 0]), { width: 65536, height: 65536 }],
  ["GIF", bytes("GIF89a", [3, 0, 4, 0]), { width: 3, height: 4 }],
  [
    "BMP, upside down",
    bytes("BM", Array(16).fill(0), [5, 0, 0, 0], [0xfa, 0xff, 0xff, 0xff]),
    { width: 5, height: 6 },
  ],
  [
    "JPEG",
    bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc2, 0, 11, 8, 0, 9, 0, 8]),
    { width: 8, height: 9 },
  ],
  [
    "WebP, lossy",
    bytes("RIFF", [0, 0, 0, 0], "WEBPVP8 ", Array(10).fill(0), [16, 0, 17, 0]),
    { width: 16, height: 17 },
  ],
  [
    "WebP, extended",
    bytes("RIFF", [0, 0, 0, 0], "WEBPVP8X", Array(8).fill(0), [9, 0, 0, 4, 0, 0]),
    { width: 10, height: 5 },
  ],
])("%s", (_, picture, size) => {
  expect(pictureSize(picture)).toEqual(size)
})

test.each([
  ["nothing", bytes("")],
  ["a PNG cut off", png([0, 0, 1, 0], []).slice(0, 18)],
  ["no width", png([0, 0, 0, 0], [0, 0, 0, 7])],
  ["a JPEG without a frame", bytes([0xff, 0xd8, 0xff, 0xe0, 0, 2])],
  ["a JPEG whose segment leads beyond its end", bytes([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff])],
  ["SVG", bytes('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
  ["HTML", bytes("<html><script>")],
  ["PDF", bytes("%PDF-1.4")],
  ["WebP of no known kind", bytes("RIFF", [0, 0, 0, 0], "WEBPXXXX", Array(20).fill(1))],
])("attack A33: %s is no picture to decode", (_, picture) => {
  expect(pictureSize(picture)).toBeNull()
})

test("attack A33: no first bytes make the reader throw or turn forever", () => {
  let seed = 1
  const random = () => (seed = (seed * 48271) % 2147483647) & 255
  const heads = ["\u0089PNG", "GIF8", "BM", "RIFF0000WEBPVP8X", "RIFF0000WEBPVP8L", "\u00ff\u00d8"]
  for (let i = 0; i < 3000; i++) {
    const picture = bytes(heads[i % heads.length] ?? "", Array.from({ length: i % 60 }, random))
    expect(() => pictureSize(picture)).not.toThrow()
  }
})
