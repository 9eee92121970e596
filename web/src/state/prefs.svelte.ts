import { keepPreference, readPreference } from "#core/prefs.ts"

export type Theme = "system" | "light" | "dark"

const themes: readonly Theme[] = ["system", "light", "dark"]
const themeNamed = (name: string): Theme => themes.find((theme) => theme === name) ?? "system"

/** How long nobody touches the page before it locks, in minutes, to choose from; the first unless chosen. */
export const idleChoices = [5, 15, 60] as const
export type IdleMinutes = (typeof idleChoices)[number]

const minutesNamed = (name: string): IdleMinutes =>
  idleChoices.find((minutes) => String(minutes) === name) ?? idleChoices[0]

let idleMinutes = $state<IdleMinutes>(minutesNamed(readPreference("idle")))
let theme = $state<Theme>(themeNamed(readPreference("theme")))

export const prefs = {
  get theme() {
    return theme
  },
  get idleMinutes() {
    return idleMinutes
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

export function chooseIdle(minutes: string): void {
  idleMinutes = minutesNamed(minutes)
  keepPreference("idle", String(idleMinutes))
}

/** Paints the kept theme and tells which language was kept, "" for none. */
export function startPrefs(): string {
  paint()
  return readPreference("language")
}

export function keepLanguage(language: string): void {
  keepPreference("language", language)
}
