import { type Problem, problemOf } from "#state/problem.ts"

/** One thing a screen does at a time: whether it runs, and what went wrong the last time. */
export interface Task {
  readonly busy: boolean
  readonly problem: Problem | null
  /** Runs job unless one is running; what it throws becomes the problem on screen. */
  readonly run: (job: () => Promise<void>) => void
  readonly clear: () => void
}

export function task(): Task {
  let busy = $state(false)
  let problem = $state.raw<Problem | null>(null)

  async function go(job: () => Promise<void>): Promise<void> {
    busy = true
    problem = null
    try {
      await job()
    } catch (thrown) {
      problem = problemOf(thrown)
    } finally {
      busy = false
    }
  }

  return {
    get busy() {
      return busy
    },
    get problem() {
      return problem
    },
    run: (job) => {
      if (!busy) void go(job)
    },
    clear: () => {
      problem = null
    },
  }
}
