import type { TimelineItem } from "#core/api.gen.ts"
import { type Content, eachPage, openEach } from "#state/contents.ts"
import type { ObjectNode } from "#ui/json.ts"
import { resourceIn } from "#ui/fhir/open.ts"
import { isTarget, referencesIn, type Target, targetOf } from "#ui/fhir/refs.ts"
import { resultOf, titleOf } from "#ui/fhir/result.ts"
import type { Found } from "#ui/fhir/say.ts"

/** References of one record that are looked for, and records that are opened to find them. */
const referencesMax = 100
const candidatesMax = 2000

/** Records that a reference of this one may mean: of the right type, those of the same file first. */
function candidates(
  items: readonly TimelineItem[],
  own: TimelineItem,
  targets: readonly Target[],
): readonly string[] {
  const types = targets.map((target) => target.type)
  const fits = items.filter(
    (item) =>
      item.kind === "fhir" &&
      item.opened &&
      item.failed === "" &&
      item.record !== own.record &&
      (types.includes("") || types.includes(item.type)),
  )
  const near = fits.filter((item) => item.source === own.source)
  const far = fits.filter((item) => item.source !== own.source)
  return [...near, ...far].slice(0, candidatesMax).map((item) => item.record)
}

/** The type that all targets are of, or "" for several or an unknown one. */
function oneType(types: readonly string[]): string {
  const [first = ""] = types
  return types.every((type) => type === first) ? first : ""
}

/**
 * Looks for the records of the folder that a resource refers to, the likeliest first, a screenful at a time.
 * Where a record opens is base/<id>. What cannot be opened is not linked; the reference stands as received.
 */
export function linked(
  folder: string,
  base: string,
): {
  readonly found: (reference: string) => Found | undefined
  readonly look: (node: ObjectNode, own: TimelineItem) => Promise<void>
  readonly stop: () => void
} {
  let known = $state.raw<Readonly<Record<string, Found>>>({})
  let gone = false

  async function look(node: ObjectNode, own: TimelineItem): Promise<void> {
    const wanted = referencesIn(node, referencesMax)
    const open = (): readonly [string, Target][] =>
      wanted.flatMap((text) => {
        const target = Object.hasOwn(known, text) ? null : targetOf(text)
        return target === null ? [] : [[text, target]]
      })
    if (open().length === 0) return
    const items: TimelineItem[] = []
    await eachPage(folder, oneType(open().map(([, target]) => target.type)), (page) => {
      items.push(...page)
      return !gone
    })
    const take = (contents: readonly Content[]): boolean => {
      for (const content of contents) {
        const resource = content.code === "" ? resourceIn(content.bytes) : null
        if (resource === null) continue
        for (const [text, target] of open()) {
          if (!isTarget(resource, target)) continue
          const result = target.type === "Observation" ? resultOf(resource) : null
          known = { ...known, [text]: { to: `${base}/${content.record}`, name: titleOf(resource), result } }
        }
      }
      return !gone && open().length > 0
    }
    await openEach(
      folder,
      candidates(
        items,
        own,
        open().map(([, target]) => target),
      ),
      take,
    )
  }

  return {
    found: (reference) => (Object.hasOwn(known, reference) ? known[reference] : undefined),
    look,
    stop: () => {
      gone = true
    },
  }
}
