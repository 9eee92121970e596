/** Why a foreign file is not taken: a code that i18n knows how to say, and its detail. */
export class Refused extends Error {
  readonly code: string
  readonly detail: string

  constructor(code: string, detail = "") {
    super(detail === "" ? code : `${code}: ${detail}`)
    this.name = "Refused"
    this.code = code
    this.detail = detail
  }
}

/** The text of UTF-8 bytes, a byte-order mark included. @throws Refused import/utf8 */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Refused("import/utf8", "0")
  }
}
