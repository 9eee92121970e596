/**
 * The Worker that reads codes in pictures. It has no keys and sees no record: a picture made to break the decoder
 * breaks this Worker alone.
 */
import { BarcodeDetector, prepareZXingModule } from "barcode-detector/ponyfill"
import decoder from "zxing-wasm/reader/zxing_reader.wasm?url"
import type { Seen, ToScan } from "#core/scan.ts"

declare const self: DedicatedWorkerGlobalScope

// The decoder would come from a public host by default; this one is a file of the app.
prepareZXingModule({ overrides: { locateFile: () => decoder } })
const detector = new BarcodeDetector({ formats: ["qr_code", "data_matrix"] })

/** Nothing is drawn larger than this, pixels on a side: enough for a dense code, bounded for a hostile picture. */
const sideMax = 4096

self.onmessage = ({ data }: MessageEvent<ToScan>) => {
  void read(data).then((seen) => {
    self.postMessage(seen)
  })
}

async function read({ id, image }: ToScan): Promise<Seen> {
  let bitmap: ImageBitmap | undefined
  try {
    bitmap = image instanceof Blob ? await drawn(image) : image
    const found = await detector.detect(bitmap)
    return { id, texts: found.map((code) => code.rawValue).filter((text) => text !== "") }
  } catch {
    return { id, texts: null } // no picture, or one that the decoder refuses
  } finally {
    bitmap?.close()
  }
}

async function drawn(picture: Blob): Promise<ImageBitmap> {
  const whole = await createImageBitmap(picture)
  const longest = Math.max(whole.width, whole.height)
  if (longest <= sideMax) return whole
  const scale = sideMax / longest
  try {
    return await createImageBitmap(whole, {
      resizeWidth: Math.max(1, Math.round(whole.width * scale)),
      resizeHeight: Math.max(1, Math.round(whole.height * scale)),
    })
  } finally {
    whole.close()
  }
}
