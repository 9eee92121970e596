import type { Phase } from "#core/api.gen.ts"
import type { Component } from "svelte"

/** Every screen of the app, by name; main.ts gives each its component. */
export type ScreenName =
  | "start"
  | "create"
  | "reader"
  | "restore"
  | "unlock"
  | "home"
  | "chart"
  | "record"
  | "proof"
  | "trend"
  | "results"
  | "summary"
  | "verify"
  | "import"
  | "note"
  | "add"
  | "amend"
  | "share"
  | "join"
  | "who"
  | "needs"
  | "patients"
  | "outbox"
  | "files"
  | "admission"
  | "keys"
  | "devices"
  | "link"
  | "recovery"
  | "forgotten"
  | "me"
  | "cheat"
  | "help"

/** A screen of the first load is its component; any other is loaded when first wanted. */
export type Screen = { readonly component: Component } | { readonly load: Load }
export type Load = () => Promise<{ readonly default: Component }>
export type Screens = Readonly<Record<ScreenName, Screen>>

const whenEmpty = ["create", "reader", "restore", "link", "forgotten", "verify", "help"] as const
const whenLocked = ["verify", "help"] as const
const forOwner = ["import", "share", "who", "files", "admission", "cheat", "devices", "recovery"] as const
const forAll = [
  "record",
  "proof",
  "trend",
  "results",
  "summary",
  "verify",
  "note",
  "join",
  "link",
  "keys",
  "needs",
  "add",
  "amend",
  "patients",
  "outbox",
  "me",
  "help",
] as const

/**
 * The screen of somebody's folder: "#/folder/<id>", "…/record/<id>", "…/proof/<id>", "…/trend/<id>", "…/results",
 * "…/summary", "…/note", "…/note/<id answered>", "…/add/<kind>" and "…/amend/<id>".
 */
function inFolder(path: readonly string[]): ScreenName {
  const [, , name = "", id] = path
  if ((name === "record" || name === "proof" || name === "trend") && id !== undefined) return name
  return (["note", "add", "amend", "results", "summary"] as const).find((each) => each === name) ?? "chart"
}

/** Which screen path (the parts of the address) means now; anything unknown means the role's home. */
export function screenFor(path: readonly string[], phase: Phase, owner: boolean): ScreenName {
  const first = path[0] ?? ""
  switch (phase) {
    case "empty":
      return first === "join" ? "reader" : (whenEmpty.find((name) => name === first) ?? "start")
    case "locked":
      return whenLocked.find((name) => name === first) ?? "unlock"
    case "open":
      if (first === "folder" && path[1] !== undefined) return inFolder(path)
      return (
        forAll.find((name) => name === first) ??
        (owner ? (forOwner.find((name) => name === first) ?? "home") : "patients")
      )
  }
}
