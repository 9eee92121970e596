import type { Methods } from "#core/api.gen.ts"
import { type Problem, problemOf } from "#state/problem.ts"
import { call, session } from "#state/session.svelte.ts"

export type Answer<T> =
  | { readonly kind: "loading" }
  | { readonly kind: "ready"; readonly value: T }
  | { readonly kind: "failed"; readonly problem: Problem }

/**
 * One screenful, asked of the core when a component starts, when its arguments change and when the core says
 * "changed". Never two questions at once: what changes meanwhile is asked after the answer. An answer to
 * arguments that have changed since is dropped; args returning null asks nothing. Call it while a component is
 * being set up.
 */
export function query<M extends keyof Methods>(
  method: M,
  args: () => Methods[M]["args"] | null,
): { readonly answer: Answer<Methods[M]["result"]>; readonly again: () => void } {
  let answer = $state.raw<Answer<Methods[M]["result"]>>({ kind: "loading" })
  let asked = "" // JSON of the arguments wanted now
  let busy = false
  let stale = false
  let gone = false

  async function ask(wanted: Methods[M]["args"]): Promise<void> {
    const key = JSON.stringify(wanted)
    let next: Answer<Methods[M]["result"]>
    try {
      next = { kind: "ready", value: (await call(method, wanted)).result }
    } catch (thrown) {
      next = { kind: "failed", problem: problemOf(thrown) }
    }
    if (!gone && key === asked) answer = next
  }

  async function run(): Promise<void> {
    if (busy) {
      stale = true
      return
    }
    busy = true
    do {
      stale = false
      const wanted = args()
      if (wanted === null) break
      asked = JSON.stringify(wanted)
      await ask(wanted)
    } while (stale && !gone)
    busy = false
  }

  $effect(() => {
    if (session.tick < 0 || args() === null) return // reads both, so that either starts a new round
    void run()
  })
  $effect(() => () => {
    gone = true
  })

  return {
    get answer() {
      return answer
    },
    again: () => void run(),
  }
}
