/**
 * What somebody typed and did not save yet, by screen. It outlives a change of screens and is nowhere but in this tab's
 * memory: a lock forgets it, as it forgets everything that was opened.
 */
const kept: Record<string, Record<string, string>> = {}

/** The fields of the form at key: those left there before, else blank. */
export function draft<T extends Record<string, string>>(key: string, blank: T): Record<keyof T, string> {
  const fields = $state({ ...blank, ...kept[key] })
  kept[key] = fields
  return fields
}

/** The form at key was saved or given up. */
export function dropDraft(key: string): void {
  Reflect.deleteProperty(kept, key)
}

export function forgetDrafts(): void {
  for (const key of Object.keys(kept)) dropDraft(key)
}
