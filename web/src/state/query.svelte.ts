import type { Methods } from "#core/api.gen.ts"
import { type Problem, problemOf } from "#state/problem.ts"
import { call, session } from "#state/session.svelte.ts"

export type Answer<T> =
  | { readonly kind: "loading" }
  | { readonly kind: "ready"; readonly value: T }
  | { readonly kind: "failed"; readonly problem: Problem }

/**
 * One screenful, asked of the core when a component starts, when its arguments change and when the core says
 * "changed". Never two questions at once: what changes meanwhile is asked after the answer. args returning null
 * asks nothing. Call it while a component is being set up.
 */
export function query<M extends keyof Methods>(
  method: M,
  args: () => Methods[M]["args"] | null,
): { readonly answer: Answer<Methods[M]["result"]>; readonly again: () => void } {
  let answer = $state.raw<Answer<Methods[M]["result"]>>({ kind: "loading" })
  /** rounds counts the questions wanted so far; at zero again, everything asked for is on screen. */
  const wanted = { rounds: 0, gone: false }

  async function ask(): Promise<void> {
    const now = args()
    if (now === null) return
    let next: Answer<Methods[M]["result"]>
    try {
      next = { kind: "ready", value: (await call(method, now)).result }
    } catch (thrown) {
      next = { kind: "failed", problem: problemOf(thrown) }
    }
    if (!wanted.gone) answer = next
  }

  async function run(): Promise<void> {
    wanted.rounds += 1
    if (wanted.rounds > 1) return // the one under way asks once more
    for (let asked = 0; asked < wanted.rounds && !wanted.gone;) {
      asked = wanted.rounds
      await ask()
    }
    wanted.rounds = 0
  }

  $effect(() => {
    if (session.tick < 0 || args() === null) return // reads both, so that either starts a new round
    void run()
  })
  $effect(() => () => {
    wanted.gone = true
  })

  return {
    get answer() {
      return answer
    },
    again: () => void run(),
  }
}
