import type { Proof } from "#core/api.gen.ts"
import { isolated } from "#i18n/names.ts"
import type { Catalog } from "#i18n/en.ts"
import { shown } from "#ui/visible.ts"

/** How the panel stands: red when a check failed; else gray, for nothing is green before witnesses run. */
export type Standing = "failed" | "checked" | "unopened" | "waiting"

export function standingOf(proof: Proof): Standing {
  if (proof.failed !== "") return "failed"
  const unknown = proof.steps.filter((step) => step.state === "unknown").map((step) => step.code)
  if (unknown.includes("record/unopened")) return "unopened"
  // Bytes that are not here: nothing is wrong, and nothing is shown as checked.
  return unknown.some((code) => /^(core|blob|storage)\//.test(code)) ? "waiting" : "checked"
}

/** The one sentence of the panel. own: the reader of the screen owns the folder. */
export function sentence(t: Catalog, proof: Proof, own: boolean): string {
  const p = t.proof
  switch (standingOf(proof)) {
    case "failed":
      return proof.failed === "complete" ? p.hidden : p.failed
    case "unopened":
      return p.unopened
    case "waiting":
      return p.waiting
    case "checked":
      break
  }
  if (proof.item.origin === "imported" && own) return p.imported
  if (proof.item.origin !== "other") return own ? p.you : p.owner
  return proof.name === "" ? p.unnamed : p.signed(isolated(shown(proof.name)))
}

/** Hex digits in groups of four, so that people can compare them aloud. */
export function groups(hex: string): string {
  return hex.replace(/(.{4})(?=.)/g, "$1 ")
}

/** The beginning of a key in groups of four: enough to compare beside a name. "key_01" is its kind, the same for all. */
export function fingerprint(key: string): string {
  return groups(key.replace(/^key_01/, "").slice(0, 16))
}
