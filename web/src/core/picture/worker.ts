/**
 * The Worker that decodes a record's pictures. It has no keys: a picture made to break the decoder breaks this
 * Worker alone. Source: threats.md A33.
 */
import type { Drawn, ToDraw } from "#core/picture.ts"
import { pictureSize } from "./size.ts"

declare const self: DedicatedWorkerGlobalScope

/** Pixels of a picture that is decoded: a scanned page at 600 dpi has 35 million, at 4 bytes each. */
const pixelsMax = 50_000_000
/** The longer side of what is shown, pixels. */
const sideMax = 2048

self.onmessage = ({ data }: MessageEvent<ToDraw>) => {
  void draw(data).then((drawn) => {
    self.postMessage(drawn, drawn.image === null ? [] : [drawn.image])
  })
}

async function draw({ id, bytes, mediaType }: ToDraw): Promise<Drawn> {
  const size = pictureSize(bytes)
  if (size === null || size.width * size.height > pixelsMax) return { id, image: null }
  const scale = Math.min(1, sideMax / Math.max(size.width, size.height))
  try {
    const picture = new Blob([bytes], { type: mediaType })
    if (scale === 1) return { id, image: await createImageBitmap(picture) }
    const resizeWidth = Math.max(1, Math.round(size.width * scale))
    return { id, image: await createImageBitmap(picture, { resizeWidth, resizeQuality: "high" }) }
  } catch {
    return { id, image: null }
  }
}
