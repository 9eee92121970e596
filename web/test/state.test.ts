import { afterEach, describe, expect, test, vi } from "vitest"
import { CoreError } from "#core/error.ts"
import { join, meet } from "#state/meet.svelte.ts"
import { route, startRouter } from "#state/route.svelte.ts"
import { attach, call, lock, refresh, session, unlock } from "#state/session.svelte.ts"
import { type Core, fakeCore } from "./fake-core.ts"

const setting = { phase: "open", role: "owner", step: "", empty: false }

/** A fake core that notes what it is asked, and fails what fail names. */
function watched(core: Core, fail: Record<string, CoreError> = {}) {
  const asked: string[] = []
  const watching: Core = {
    ...core,
    call(method, args, bytes) {
      asked.push(method)
      const error = fail[method]
      return error === undefined ? core.call(method, args, bytes) : Promise.reject(error)
    },
  }
  return { core: watching, asked }
}

let detach: () => void = () => undefined
function use(fail: Record<string, CoreError> = {}, how: Partial<typeof setting> = {}): string[] {
  const { core, asked } = watched(fakeCore({ ...setting, ...how }), fail)
  detach = attach(core)
  return asked
}

afterEach(() => {
  detach()
  vi.unstubAllGlobals()
})

describe("session", () => {
  test("asks for the status once the core is ready, and again after a change", async () => {
    use()
    await refresh()
    expect(session.boot).toEqual({ kind: "ready" })
    expect(session.status?.phase).toBe("open")
    const before = session.tick
    await lock()
    expect(session.status?.phase).toBe("locked")
    expect(session.tick).toBeGreaterThan(before)
  })

  test("a wrong passphrase is an error and changes nothing", async () => {
    use({}, { phase: "locked" })
    await refresh()
    await expect(unlock("wrong")).rejects.toMatchObject({ code: "vault/passphrase" })
    expect(session.status?.phase).toBe("locked")
  })

  test("a status that cannot be read is told, and forgotten when it can be again", async () => {
    const fail: Record<string, CoreError> = { status: new CoreError("storage/quota", "12") }
    use(fail)
    await refresh()
    expect(session.trouble).toEqual({ code: "storage/quota", detail: "12" })
    delete fail["status"]
    await refresh()
    expect(session.trouble).toBeNull()
  })

  test("many changes make one question", async () => {
    let change: () => void = () => undefined
    const { core, asked } = watched(fakeCore(setting))
    detach = attach({
      ...core,
      onChanged(fn) {
        change = fn
        return () => undefined
      },
    })
    await refresh()
    asked.length = 0
    for (let n = 0; n < 50; n++) change()
    await vi.waitFor(() => {
      expect(asked).toEqual(["status"])
    })
  })
})

describe("A36: a share link", () => {
  function visit(hash: string) {
    const replaced: string[] = []
    vi.stubGlobal("location", { hash, href: `https://relay.example/${hash}` })
    vi.stubGlobal("history", { replaceState: (_: unknown, __: string, to: string) => replaced.push(to) })
    vi.stubGlobal("addEventListener", () => undefined)
    vi.stubGlobal("removeEventListener", () => undefined)
    return replaced
  }

  test("leaves the address and the history at once, and joins nothing before a click", async () => {
    const asked = use()
    const replaced = visit("#/join/AAAAAAAAAAA/BBBBBBBBBBB")
    startRouter()
    expect(replaced).toEqual(["#/join"])
    expect(route.path).toEqual(["join"])
    expect(meet.held).toBe("https://relay.example/#/join/AAAAAAAAAAA/BBBBBBBBBBB")
    await refresh()
    expect(asked).not.toContain("meet.join")
    await join(meet.held)
    expect(asked).toContain("meet.join")
    expect(meet.held).toBe("")
  })

  test("of a device is held the same way, for a screen of its own", () => {
    use()
    expect(visit("#/link/AAAAAAAAAAA/BBBBBBBBBBB")).toEqual([])
    startRouter()
    expect(route.path).toEqual(["link"])
  })

  test("other addresses stay as they are", () => {
    use()
    const replaced = visit("#/record/ab")
    startRouter()
    expect(replaced).toEqual([])
    expect(route.path).toEqual(["record", "ab"])
  })
})

test("a code of the core passes through unchanged", async () => {
  use({ outbox: new CoreError("limit/bytes", "64") })
  await expect(call("outbox", {})).rejects.toMatchObject({ code: "limit/bytes", detail: "64" })
})
