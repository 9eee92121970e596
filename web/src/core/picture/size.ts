/**
 * The size that a picture says it has, from its first bytes, so that one made to fill the memory is never decoded.
 * Only the formats that a record's picture comes in: PNG, JPEG, GIF, WebP, BMP.
 */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

const begins = (bytes: Uint8Array, text: string, at = 0): boolean =>
  Array.from(text).every((character, i) => bytes[at + i] === character.charCodeAt(0))

function webp(view: DataView, bytes: Uint8Array): PictureSize | null {
  if (begins(bytes, "VP8X", 12)) {
    const three = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000 + 1
    return { width: three(24), height: three(27) }
  }
  if (begins(bytes, "VP8L", 12)) {
    const bits = view.getUint32(21, true)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  if (!begins(bytes, "VP8 ", 12)) return null
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
}

/** A JPEG's segments up to the one that begins its frame. */
function jpeg(view: DataView): PictureSize | null {
  for (let at = 2; view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1)
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (frame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2)
  }
  return null
}

function read(bytes: Uint8Array): PictureSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (begins(bytes, "\u0089PNG")) return { width: view.getUint32(16), height: view.getUint32(20) }
  if (begins(bytes, "GIF8")) return { width: view.getUint16(6, true), height: view.getUint16(8, true) }
  if (begins(bytes, "BM"))
    return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) }
  if (begins(bytes, "RIFF") && begins(bytes, "WEBP", 8)) return webp(view, bytes)
  return begins(bytes, "\u00ff\u00d8") ? jpeg(view) : null
}

/** The size, or null for what is none of these formats, or cut off before it says its size. */
export function pictureSize(bytes: Uint8Array): PictureSize | null {
  try {
    const size = read(bytes)
    return size !== null && size.width > 0 && size.height > 0 ? size : null
  } catch {
    return null // a read beyond the end
  }
}
