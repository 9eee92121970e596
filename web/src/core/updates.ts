/**
 * The page's side of the service worker and of the other tabs: is there a newer build, may it take over, are all
 * files here. It stands in core/ because only core/ touches locks, caches and workers.
 */

/** What a look at every kept file found; the same in offline/code.ts, which lives in another realm. */
export interface Readiness {
  readonly files: number
  readonly bytes: number
  readonly missing: readonly string[]
}

const busyLock = "anamnesis/busy"
const tabLock = "anamnesis/tab"

/** A long-lived tab asks for a newer build this often, when somebody comes back to it, ms. */
const askEveryMS = 60 * 60 * 1000
/** Every file is read and hashed, and fetched where it is missing, ms. */
const checkMaxMS = 60_000

let registration: ServiceWorkerRegistration | undefined
let release: (() => void) | undefined

/**
 * Registers the service worker and calls onReady when a newer build is complete and waits. Where there are no service
 * workers the app works; it only does not start without a connection.
 */
export async function startUpdates(onReady: () => void): Promise<void> {
  void navigator.locks.request(tabLock, { mode: "shared" }, () => new Promise(() => undefined))
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined
  if (workers === undefined) return
  // The first worker of all claims the page without a reload; only a newer one than the page's starts it anew.
  let controlled = workers.controller !== null
  workers.addEventListener("controllerchange", () => {
    if (!controlled) controlled = true
    else if (release === undefined) location.reload()
    else onReady() // somebody writes here: the page goes on as it is, and says so
  })
  try {
    registration = await workers.register("/sw.js")
  } catch {
    return // refused, or the relay is down: the worker that is there goes on
  }
  watch(registration, onReady)
  let asked = Date.now()
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible" || Date.now() - asked < askEveryMS) return
    asked = Date.now()
    registration?.update().catch(() => undefined)
  })
}

function watch(of: ServiceWorkerRegistration, onReady: () => void): void {
  const look = (): void => {
    if (of.waiting !== null && of.active !== null) onReady()
  }
  const follow = (worker: ServiceWorker | null): void => {
    worker?.addEventListener("statechange", look)
  }
  look()
  follow(of.installing)
  of.addEventListener("updatefound", () => {
    follow(of.installing)
  })
}

/** Says to every tab whether something is unfinished in this one. */
export function setBusy(busy: boolean): void {
  if (busy === (release !== undefined)) return
  if (!busy) {
    release?.()
    release = undefined
    return
  }
  const held = new Promise<void>((done) => {
    release = done
  })
  void navigator.locks.request(busyLock, { mode: "shared" }, () => held)
}

/** How many tabs run the app, this one included, and in how many something is unfinished. */
export async function tabs(): Promise<{ readonly open: number; readonly busy: number }> {
  const { held = [] } = await navigator.locks.query()
  const count = (name: string): number => held.filter((lock) => lock.name === name).length
  return { open: count(tabLock), busy: count(busyLock) }
}

/** Lets the newer build take over: every tab starts anew. */
export function takeOver(): void {
  if (registration?.waiting) registration.waiting.postMessage("take-over")
  else location.reload() // it took over already, while something was unfinished here
}

/** Looks at every file of the app; undefined where no service worker keeps any. */
export async function checkFiles(): Promise<Readiness | undefined> {
  // The worker of an earlier visit is there before this visit's registration has answered.
  const active =
    "serviceWorker" in navigator ? (await navigator.serviceWorker.getRegistration())?.active : null
  if (!active) return undefined
  const { port1, port2 } = new MessageChannel()
  return new Promise((done) => {
    const timer = setTimeout(() => {
      done(undefined)
    }, checkMaxMS)
    port1.onmessage = (event: MessageEvent<Readiness>) => {
      clearTimeout(timer)
      done(event.data)
    }
    active.postMessage("check", [port2])
  })
}

/** Asks the browser to keep this origin's files when space is low. */
export async function askToPersist(): Promise<boolean> {
  return navigator.storage.persist()
}

/** Tells fn when another tab of the app was touched; returns how this tab says so itself. */
export function shareTouches(fn: () => void): () => void {
  const channel = new BroadcastChannel("anamnesis/touch")
  channel.onmessage = fn
  return () => {
    channel.postMessage(null)
  }
}
