/** The codes of one card seen by the camera: a large card is spread over several. */
let seen = $state.raw<Readonly<Record<number, string>>>({})
let total = $state(0)

export const codes = {
  get seen() {
    return Object.keys(seen).length
  },
  get total() {
    return total
  },
}

export function forgetCodes(): void {
  seen = {}
  total = 0
}

export type Taken =
  /** What to bring in. */
  | { readonly kind: "whole"; readonly text: string }
  /** Other codes of the card are missing. */
  | { readonly kind: "more" }
  /** No card and no link. */
  | { readonly kind: "other" }

export function takeCode(text: string): Taken {
  if (/^(?:https:\/\/\S+#)?shlink:\/\S/.test(text)) return { kind: "whole", text }
  const found = /^shc:\/(?:(\d{1,2})\/(\d{1,2})\/)?\d+$/.exec(text)
  if (found === null) return { kind: "other" }
  const [, place = "1", of = "1"] = found
  if (Number(of) !== total) forgetCodes() // another card
  total = Number(of)
  seen = { ...seen, [Number(place)]: text }
  if (codes.seen < total) return { kind: "more" }
  const all = Object.values(seen) // numbers as names stand in their order
  forgetCodes()
  return { kind: "whole", text: all.join("\n") }
}
