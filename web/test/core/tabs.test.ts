import { type CoreError } from "#core/error.ts"
import type { BootState } from "#core/protocol.ts"
import { Tabs } from "#core/tabs.ts"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { FakeEngine, Street, settle } from "./fakes.ts"

/** A tab and the engine it starts when it leads. */
function open(
  street: Street,
  id: string,
  contract?: string,
): { tabs: Tabs; engines: FakeEngine[]; boots: BootState[] } {
  const engines: FakeEngine[] = []
  const boots: BootState[] = []
  const tabs = new Tabs(street.tab(id, contract), (audience) => {
    const engine = new FakeEngine(audience)
    engines.push(engine)
    return engine
  })
  tabs.onBoot((state) => boots.push(state))
  return { tabs, engines, boots }
}

function only(engines: FakeEngine[]): FakeEngine {
  expect(engines).toHaveLength(1)
  const [engine] = engines
  if (engine === undefined) throw new Error("no engine")
  return engine
}

/** The code with which a call failed, or its result. */
async function outcome(call: Promise<{ result: unknown }>): Promise<unknown> {
  return call.then(
    ({ result }) => result,
    (e: unknown) => (e as CoreError).code,
  )
}

describe("tabs", () => {
  let street: Street
  beforeEach(() => {
    street = new Street()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test("the first tab leads, the second asks it", async () => {
    const a = open(street, "a")
    const b = open(street, "b")
    await settle()
    const fromB = b.tabs.call("status", {}, undefined)
    const fromA = a.tabs.call("status", {}, undefined)
    await settle()
    expect(b.engines).toHaveLength(0)
    const engine = only(a.engines)
    expect(new Set(engine.calls.map((c) => c.id)).size).toBe(2)
    engine.answer("A's") // its own call did not have to cross the channel
    engine.answer("B's")
    expect((await fromA).result).toBe("A's")
    expect((await fromB).result).toBe("B's")
  })

  test("an answer reaches only the tab that asked", async () => {
    const a = open(street, "a")
    const b = open(street, "b")
    const c = open(street, "c")
    await settle()
    const seen = vi.fn()
    void c.tabs.call("status", {}, undefined).then(seen)
    await settle()
    const fromB = b.tabs.call("status", {}, undefined)
    await settle()
    const engine = only(a.engines)
    const [forC, forB] = engine.calls
    if (forC === undefined || forB === undefined) throw new Error("two calls expected")
    engine.audience.answer({ id: forB.id, result: "B's", bytes: undefined })
    expect((await fromB).result).toBe("B's")
    expect(seen).not.toHaveBeenCalled()
  })

  test("an error of the core keeps its code and detail", async () => {
    const a = open(street, "a")
    const b = open(street, "b")
    await settle()
    const call = b.tabs.call("unlock", { passphrase: "x" }, undefined)
    await settle()
    const id = only(a.engines).calls[0]?.id ?? 0
    only(a.engines).audience.answer({ id, error: { code: "vault/passphrase", detail: "d" } })
    await expect(call).rejects.toMatchObject({ code: "vault/passphrase", detail: "d" })
  })

  test("every tab hears of changes and of the boot", async () => {
    const a = open(street, "a")
    const b = open(street, "b")
    await settle()
    const heard = [vi.fn<() => void>(), vi.fn<() => void>()]
    a.tabs.onChanged(() => heard[0]?.())
    const end = b.tabs.onChanged(() => heard[1]?.())
    only(a.engines).audience.changed()
    only(a.engines).audience.boot({ kind: "ready" })
    await settle()
    expect(heard.map((fn) => fn.mock.calls.length)).toEqual([1, 1])
    expect([a.boots.at(-1), b.boots.at(-1)]).toEqual([{ kind: "ready" }, { kind: "ready" }])
    end()
    only(a.engines).audience.changed()
    await settle()
    expect(heard[1]).toHaveBeenCalledTimes(1)
  })

  test("when the leader closes, reading is asked again and writing fails by name", async () => {
    const a = open(street, "a")
    const b = open(street, "b")
    const c = open(street, "c")
    await settle()
    const calls = [
      outcome(b.tabs.call("timeline", {}, undefined)),
      outcome(b.tabs.call("note.write", {}, undefined)),
      outcome(c.tabs.call("status", {}, undefined)),
      outcome(c.tabs.call("import.step", {}, undefined)),
    ]
    await settle()
    expect(only(a.engines).calls).toHaveLength(4)
    street.close("a")
    await settle()
    const engine = only(b.engines)
    expect(engine.calls.map((call) => call.method).sort()).toEqual(["status", "timeline"])
    while (engine.calls.length > 0) engine.answer("again")
    expect(await Promise.all(calls)).toEqual(["again", "core/interrupted", "again", "core/interrupted"])
  })

  test("a late answer of a dead leader is not taken for another call's", async () => {
    const a = open(street, "a")
    const b = open(street, "b")
    await settle()
    const first = outcome(b.tabs.call("note.write", {}, undefined))
    await settle()
    street.close("a")
    await settle()
    expect(await first).toBe("core/interrupted")
    const second = outcome(b.tabs.call("status", {}, undefined))
    a.engines[0]?.answer("late")
    await settle()
    only(b.engines).answer("right")
    expect(await second).toBe("right")
  })

  test("the tabs that stay hear that the new leader's core is another one", async () => {
    open(street, "a")
    open(street, "b")
    const c = open(street, "c")
    await settle()
    const changed = vi.fn()
    c.tabs.onChanged(changed)
    street.close("a")
    await settle()
    expect(changed).toHaveBeenCalled()
    expect(c.boots.at(-1)).toEqual({ kind: "loading", loaded: 0, total: 0 })
  })

  test("a call made before any leader is known waits for one", async () => {
    const blocked = new Street()
    blocked.tab("old").whenLeading(() => undefined) // holds the lock and says nothing yet
    const b = open(blocked, "b")
    const call = outcome(b.tabs.call("note.write", {}, undefined))
    await settle()
    blocked.close("old")
    await settle()
    only(b.engines).answer("written once")
    expect(await call).toBe("written once")
  })

  test("a leader that never speaks is a failure with a name", async () => {
    vi.useFakeTimers()
    street.tab("old").whenLeading(() => undefined)
    const b = open(street, "b")
    await vi.advanceTimersByTimeAsync(10_000)
    expect(b.boots.at(-1)).toEqual({ kind: "failed", why: "boot/silent" })
  })

  test("another version leads: this one says so and asks nothing", async () => {
    const a = open(street, "a", "1")
    const b = open(street, "b", "2")
    const call = outcome(b.tabs.call("status", {}, undefined))
    await settle()
    expect(b.boots.at(-1)).toEqual({ kind: "failed", why: "boot/other-version" })
    expect(await call).toBe("boot/other-version")
    expect(await outcome(b.tabs.call("status", {}, undefined))).toBe("boot/other-version")
    expect(only(a.engines).calls).toHaveLength(0)
    street.close("a") // and leads when the other is gone
    const next = outcome(b.tabs.call("status", {}, undefined))
    only(b.engines).answer("led")
    expect(await next).toBe("led")
  })

  test.each([undefined, null, 7, "text", {}])("a stranger's %j on the channel is refused", (data) => {
    let hear = (d: unknown): void => expect.fail(String(d))
    const near = { ...street.tab("a"), hear: (fn: (d: unknown) => void) => (hear = fn) }
    new Tabs(near, (audience) => new FakeEngine(audience))
    expect(() => {
      hear(data)
    }).toThrow(TypeError)
  })
})
