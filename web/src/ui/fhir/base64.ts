/** The bytes of base64 text (FHIR allows white space in it), or null when it is not base64. */
export function base64Bytes(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const raw = atob(text)
    const bytes = new Uint8Array(raw.length)
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i)
    return bytes
  } catch {
    return null
  }
}
