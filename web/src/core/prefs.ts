/**
 * What this browser remembers of how the page looks: language, theme and when it locks, nothing about a person. It stands in
 * core/ because only core/ touches storage.
 */
export type Preference = "language" | "theme" | "idle"

const prefix = "anamnesis."

/** The kept value, or "" when there is none or storage is refused. */
export function readPreference(name: Preference): string {
  try {
    return localStorage.getItem(prefix + name) ?? ""
  } catch {
    return "" // storage refused by the browser's settings: the defaults serve
  }
}

/** Keeps value, or forgets the preference when value is "". Where storage is refused the choice lasts for this visit. */
export function keepPreference(name: Preference, value: string): void {
  try {
    if (value === "") localStorage.removeItem(prefix + name)
    else localStorage.setItem(prefix + name, value)
  } catch {
    return
  }
}
