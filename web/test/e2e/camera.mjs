// What Chromium's pretended camera sees: a film of one QR code, or of a table with nothing on it.
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import encodeQR from "qr"

const width = 640
const height = 480

/** Which pixels are dark: a code of text in the middle, or none. */
function drawn(text) {
  if (text === "") return () => false
  const rows = encodeQR(text, "raw", { ecc: "low", border: 4 })
  const scale = Math.floor(Math.min(width, height) / rows.length)
  if (scale < 3) throw new Error("too much text for a film of this size")
  const left = Math.floor((width - scale * rows.length) / 2)
  const top = Math.floor((height - scale * rows.length) / 2)
  return (x, y) => rows[Math.floor((y - top) / scale)]?.[Math.floor((x - left) / scale)] === true
}

/** A film in Y4M of the texts one after another, and what removes it. */
export async function film(...texts) {
  const dir = await mkdtemp(join(tmpdir(), "anamnesis-film-"))
  const path = join(dir, "film.y4m")
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`)]
  for (const text of texts) {
    const dark = drawn(text)
    const frame = Buffer.alloc((width * height * 3) / 2, 128)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) frame[y * width + x] = dark(x, y) ? 16 : 235
    }
    for (let i = 0; i < 10; i++) parts.push(Buffer.from("FRAME\n"), frame)
  }
  await writeFile(path, Buffer.concat(parts))
  return { path, end: () => rm(dir, { recursive: true, force: true }) }
}

/** Chromium's arguments for a camera that shows the film, and says yes by itself. */
export const cameraArgs = (path) => [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  `--use-file-for-fake-video-capture=${path}`,
]
