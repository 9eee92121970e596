/**
 * A38: two tabs or two builds write. A counter stands for the segment log: its owner adds one and answers the
 * value. Whatever opens, closes and crashes, each write is done once at most and no two engines live.
 */
import type { Audience } from "#core/engine.ts"
import { CoreError } from "#core/error.ts"
import type { Call } from "#core/protocol.ts"
import { type Asked, Tabs } from "#core/tabs.ts"
import { afterAll, expect, test } from "vitest"
import { Street, settle } from "./fakes.ts"

/** The storage of the profile: what survives a tab, and who holds it. */
class Storage {
  /** The writes that were done, by their number. */
  readonly done: unknown[] = []
  holder = ""
}

/** An engine that takes the storage when it starts, as OPFS handles do, and answers a little later. */
class Counter implements Asked {
  readonly #storage: Storage
  readonly #id: string
  readonly #audience: Audience

  constructor(storage: Storage, id: string, audience: Audience) {
    expect(storage.holder).toBe("")
    storage.holder = id
    this.#storage = storage
    this.#id = id
    this.#audience = audience
  }

  ask(call: Call): void {
    queueMicrotask(() => {
      if (this.#storage.holder !== this.#id) return // closed before it came to this call
      if (call.method !== "status") this.#storage.done.push(call.args)
      const result = this.#storage.done.length
      this.#audience.answer({ id: call.id, result, bytes: undefined })
    })
  }
}

/** A small generator, so that a failure is repeated from its seed. */
function dice(seed: number): (sides: number) => number {
  return (sides) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 16) % sides
  }
}

/** How operations ended, over all seeds: a run in which nothing was ever interrupted shows nothing. */
const outcomes = { value: 0, interrupted: 0, otherVersion: 0 }
afterAll(() => {
  for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(20)
})

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
  "attack A38: 4 tabs, 2 builds, 1,000 operations, seed %i",
  async (seed) => {
    const roll = dice(seed)
    const storage = new Storage()
    const street = new Street()
    const tabs = new Map<string, Tabs>()
    const acknowledged: number[] = []
    const operations: Promise<void>[] = []
    const underWay = new Map<Tabs, number>()
    let opened = 0

    const open = (): void => {
      const id = `tab ${String(opened)}`
      const near = street.tab(id, `build ${String(opened % 2)}`)
      opened++
      tabs.set(id, new Tabs(near, (audience) => new Counter(storage, id, audience)))
    }
    const close = (): void => {
      const [id] = [...tabs.keys()].slice(roll(tabs.size))
      if (id === undefined) return
      tabs.delete(id)
      if (storage.holder === id) storage.holder = ""
      street.close(id)
    }
    const operate = async (tab: Tabs, method: "note.write" | "status"): Promise<void> => {
      underWay.set(tab, (underWay.get(tab) ?? 0) + 1)
      const before = storage.done.length
      try {
        const { result } = await tab.call(method, operations.length, undefined)
        outcomes.value++
        // Between the question and the answer: never older than the one, never newer than the other.
        expect(result).toBeGreaterThanOrEqual(method === "note.write" ? before + 1 : before)
        expect(result).toBeLessThanOrEqual(storage.done.length)
        if (method === "note.write") acknowledged.push(Number(result))
      } catch (e) {
        if (!(e instanceof CoreError)) throw e
        if (e.code === "core/interrupted") outcomes.interrupted++
        else if (e.code === "boot/other-version") outcomes.otherVersion++
        else throw e
      }
      underWay.set(tab, (underWay.get(tab) ?? 0) - 1)
    }

    for (let i = 0; i < 1000; i++) {
      if (tabs.size < 4 && roll(4) === 0) open()
      const tab = [...tabs.values()][roll(Math.max(1, tabs.size))]
      if (tab !== undefined) operations.push(operate(tab, roll(3) === 0 ? "status" : "note.write"))
      for (let turns = roll(6); turns > 0; turns--) await Promise.resolve() // messages stay half-way
      if (roll(8) === 0) close()
    }
    await settle()
    expect(new Set(storage.done).size).toBe(storage.done.length) // no write was done twice
    expect(new Set(acknowledged).size).toBe(acknowledged.length) // no value was given out twice
    // Every operation of a tab that still lives has ended, one way or another.
    expect([...tabs.values()].map((tab) => underWay.get(tab) ?? 0)).toEqual([...tabs.values()].map(() => 0))
    await Promise.race([Promise.all(operations), Promise.resolve()]) // rethrows what none of them expected
  },
)
