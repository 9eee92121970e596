/** A piece of text to show as it is, or the code point of a character that cannot be seen, as "U+202E". */
export type Piece =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "mark"; readonly text: string }

/**
 * Characters that change how others look, or look like nothing: controls other than tab and newline, bidi
 * controls, zero-width and invisible ones, line separators, tags, lone surrogates. Source: threats.md A34.
 */
const unseen =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class -- they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`
}

/** Cuts text into what can be shown and marks for what cannot be seen. */
export function pieces(text: string): readonly Piece[] {
  const out: Piece[] = []
  let from = 0
  for (const found of text.matchAll(unseen)) {
    if (found.index > from) out.push({ kind: "text", text: text.slice(from, found.index) })
    out.push({ kind: "mark", text: codePoint(found[0]) })
    from = found.index + found[0].length
  }
  if (from < text.length) out.push({ kind: "text", text: text.slice(from) })
  return out
}

/** The same as one string, for names inside sentences. */
export function shown(text: string): string {
  return text.replace(unseen, codePoint)
}
