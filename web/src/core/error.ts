/** An error of the core: `code` picks the words in i18n, `detail` is shown under Technical details. */
export class CoreError extends Error {
  readonly code: string
  readonly detail: string

  constructor(code: string, detail = "") {
    super(detail === "" ? code : `${code}: ${detail}`)
    this.name = "CoreError"
    this.code = code
    this.detail = detail
  }
}
