import { CoreError } from "#core/core.ts"

/** Why something did not happen: a code of the core, which i18n turns into words, and its detail. */
export interface Problem {
  readonly code: string
  readonly detail: string
}

/** Problem of anything thrown: the core's own codes pass through, the rest is core/unexpected with its message. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof CoreError) return { code: thrown.code, detail: thrown.detail }
  return { code: "core/unexpected", detail: String(thrown) }
}
