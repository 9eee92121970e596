import { createHash } from "node:crypto"
import { expect, test } from "vitest"
import { Code } from "#offline/code.ts"

const hash = (text: string) => createHash("sha256").update(text).digest("hex")

/** One origin's caches, and a relay that serves what it is given; both count. */
function origin(served: Record<string, string>) {
  const boxes = new Map<string, Map<string, Response>>()
  const asked: string[] = []
  const box = (name: string) => {
    const found = boxes.get(name) ?? new Map<string, Response>()
    boxes.set(name, found)
    return {
      match: (path: string) => Promise.resolve(found.get(path)?.clone()),
      put: (path: string, response: Response) => Promise.resolve(void found.set(path, response)),
      delete: (path: string) => Promise.resolve(found.delete(path)),
    }
  }
  const storage = {
    open: (name: string) => Promise.resolve(box(name)),
    keys: () => Promise.resolve([...boxes.keys()]),
    delete: (name: string) => Promise.resolve(boxes.delete(name)),
    match: async (path: string) => {
      for (const name of boxes.keys()) {
        const found = await box(name).match(path)
        if (found !== undefined) return found
      }
      return undefined
    },
  } as unknown as CacheStorage
  const fetcher = ((path: string) => {
    asked.push(path)
    const text = served[path]
    return text === undefined ? Promise.reject(new TypeError("offline")) : Promise.resolve(new Response(text))
  }) as unknown as typeof fetch
  const kept = () => [...boxes.values()].flatMap((each) => [...each.keys()]).sort()
  return { storage, fetcher, asked, kept, served }
}

const build = (sample: string) =>
  new Map([
    ["/", hash("page")],
    ["/sample.wasm", hash(sample)],
  ])

test("the sample's program is kept once somebody used it, never before", async () => {
  const at = origin({ "/": "page", "/sample.wasm": "one" })
  const code = new Code(build("one"), at.storage, at.fetcher)
  await code.keepAll()
  expect(at.kept()).toEqual(["/"])
  expect(await code.check()).toEqual({ files: 1, bytes: 4, missing: [] })
  expect(at.asked).not.toContain("/sample.wasm")
  expect(await (await code.file("/sample.wasm"))?.text()).toBe("one")
  delete at.served["/sample.wasm"]
  expect(await (await code.file("/sample.wasm"))?.text()).toBe("one")
})

test("a newer build takes it over when it is the same, and asks for nothing when it is not", async () => {
  const at = origin({ "/": "page", "/sample.wasm": "one" })
  await new Code(build("one"), at.storage, at.fetcher).file("/sample.wasm")
  at.asked.length = 0
  const same = new Code(new Map([...build("one"), ["/new", hash("new")]]), at.storage, at.fetcher)
  at.served["/new"] = "new"
  await same.keepAll()
  await same.dropOthers()
  expect(at.kept()).toContain("/sample.wasm")
  const other = new Code(build("two"), at.storage, at.fetcher)
  await other.keepAll()
  await other.dropOthers()
  expect(at.kept()).toEqual(["/"])
  expect(at.asked).not.toContain("/sample.wasm")
})

test("bytes that are not the build's are never handed out as the sample", async () => {
  const at = origin({ "/": "page", "/sample.wasm": "another" })
  expect(await new Code(build("one"), at.storage, at.fetcher).file("/sample.wasm")).toBeUndefined()
  expect(at.kept()).toEqual([])
})

test("without a relay an unused sample fails, and the rest starts", async () => {
  const at = origin({ "/": "page" })
  const code = new Code(build("one"), at.storage, at.fetcher)
  await code.keepAll()
  await expect(code.file("/sample.wasm")).rejects.toThrow("offline")
  expect(await (await code.file("/"))?.text()).toBe("page")
})
