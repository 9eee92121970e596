/** How long the browser may take to begin reading the blob, ms. */
const keepMS = 60_000

/** Hands bytes to the browser to save under name. The name is cut to what every file system takes. */
export function saveFile(name: string, mediaType: string, bytes: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: mediaType }))
  const link = document.createElement("a")
  link.href = url
  link.download = name
    .replace(/[\u0000-\u001f\u007f"*/:<>?\\|\u202a-\u202e\u2066-\u2069]/g, "_")
    .slice(0, 200)
  link.click()
  setTimeout(() => {
    URL.revokeObjectURL(url)
  }, keepMS)
}
