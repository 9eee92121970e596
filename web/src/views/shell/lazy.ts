import type { Component } from "svelte"
import type { Load, Screens } from "./screens.ts"

const loaded = new Map<Load, Component>()

/** The component of a screen that was loaded before, so that it appears without a moment of nothing. */
export const loadedOf = (load: Load): Component | undefined => loaded.get(load)

/** @throws when the file cannot be had */
export async function fetchScreen(load: Load): Promise<Component> {
  const found = (await load()).default
  loaded.set(load, found)
  return found
}

/** Fetches every screen, one after another, when the page has nothing else to do. What fails is asked for again when wanted. */
export function loadWhenIdle(screens: Screens): void {
  const waiting = Object.values(screens).flatMap((screen) => ("load" in screen ? [screen.load] : []))
  const idle = (next: () => void) => {
    // Safari has no requestIdleCallback.
    if ("requestIdleCallback" in window) requestIdleCallback(next, { timeout: 5000 })
    else setTimeout(next, 200)
  }
  const next = () => {
    const load = waiting.shift()
    if (load === undefined) return
    fetchScreen(load)
      .catch(() => null)
      .finally(() => {
        idle(next)
      })
  }
  if ("load" in screens.home) fetchScreen(screens.home.load).catch(() => null)
  setTimeout(() => {
    idle(next)
  }, settleMS)
}

/** The core and the first screen come before what is only likely to be wanted, ms. */
const settleMS = 2000
