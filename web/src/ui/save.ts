/** How long the browser may take to begin reading the blob, ms. */
const keepMS = 60_000

/** Hands bytes to the browser to save under name. The name is cut to what every file system takes. */
export function saveFile(name: string, mediaType: string, bytes: Uint8Array): void {
  saveBlob(name, new Blob([new Uint8Array(bytes)], { type: mediaType }))
}

/** saveFile for what may be too large to be in memory whole. */
/** The same for a Blob, which the browser may keep on its disk. */
export function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement("a")
  link.href = url
  link.download = safeName(name)
  link.click()
  setTimeout(() => {
    URL.revokeObjectURL(url)
  }, keepMS)
}

/** The name without what file systems, or eyes, trip over. Source: threats.md A34. */
function safeName(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Cs}"*/:<>?\\|]/gu, "_").slice(0, 200)
}
