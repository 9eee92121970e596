import { keepPreference, readPreference } from "#core/prefs.ts"

export type Theme = "system" | "light" | "dark"

const themes: readonly Theme[] = ["system", "light", "dark"]
const themeNamed = (name: string): Theme => themes.find((theme) => theme === name) ?? "system"

let theme = $state<Theme>(themeNamed(readPreference("theme")))

export const prefs = {
  get theme() {
    return theme
  },
}

function paint(): void {
  if (theme === "system") delete document.documentElement.dataset["theme"]
  else document.documentElement.dataset["theme"] = theme
}

export function chooseTheme(name: string): void {
  theme = themeNamed(name)
  keepPreference("theme", theme === "system" ? "" : theme)
  paint()
}

/** Paints the kept theme and tells which language was kept, "" for none. */
export function startPrefs(): string {
  paint()
  return readPreference("language")
}

export function keepLanguage(language: string): void {
  keepPreference("language", language)
}
