/** What an error says: what happened ("{}" is its detail), what is safe, and the one button. */
export interface ErrorWords {
  readonly what: string
  readonly safe: string
  readonly act: string
}

export const error = (what: string, safe: string, act: string): ErrorWords => ({ what, safe, act })
