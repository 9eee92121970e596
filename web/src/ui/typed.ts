/** The words of a kit in what was typed. The sheet numbers them: numbers, stops and commas are no words. */
export function typedWords(text: string): readonly string[] {
  return text.match(/\p{L}+/gu) ?? []
}

/** The first digit of Arabic and of Persian keyboards. */
const zeros = [0x0660, 0x06f0]

/**
 * A sharing code as the core reads it. Any mark between words or digits is a space, and the digits of Arabic and
 * Persian keyboards are 0 to 9. Links and kits stay as they are.
 */
export function typedCode(text: string): string {
  const trimmed = text.trim()
  if (/[/:]/.test(trimmed)) return trimmed
  return trimmed
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => {
      const code = digit.charCodeAt(0)
      return String(Math.min(...zeros.map((zero) => code - zero).filter((value) => value >= 0)))
    })
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
}
