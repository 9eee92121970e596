/**
 * The service worker: it keeps the code of the app, so that the app starts while the relay is down, and nothing
 * else. It promises never to keep or answer anything below /v1/, where a relay carries sealed bytes. Files with a
 * hash in their name come from the cache; the page and the core come from the relay when it answers.
 */
// The types know only workers in general.
const worker = self as unknown as ServiceWorkerGlobalScope

const cacheName = "anamnesis-code"

/** The build puts the paths here, with spaces between them. */
const files = "%FILES%".split(" ")

async function keepAll(): Promise<void> {
  const cache = await caches.open(cacheName)
  await cache.addAll(files.map((file) => new Request(file, { cache: "reload" })))
  await worker.skipWaiting()
}

/** Drops the files of older builds. */
async function dropOld(): Promise<void> {
  const cache = await caches.open(cacheName)
  const kept = await cache.keys()
  const old = kept.filter(({ url }) => !files.includes(new URL(url).pathname))
  await Promise.all(old.map((request) => cache.delete(request)))
  await worker.clients.claim()
}

async function answer(path: string, event: FetchEvent): Promise<Response> {
  const cache = await caches.open(cacheName)
  const kept = await cache.match(path)
  if (kept !== undefined && path.startsWith("/assets/")) return kept
  try {
    const fresh = await fetch(event.request)
    // Beside the answer, and only when it is new: to write the core takes longer than to compile it.
    if (fresh.ok && !same(fresh, kept)) event.waitUntil(cache.put(path, fresh.clone()).catch(() => undefined))
    return fresh
  } catch (failure) {
    if (kept !== undefined) return kept
    throw failure
  }
}

function same(fresh: Response, kept: Response | undefined): boolean {
  const mark = fresh.headers.get("ETag")
  return mark !== null && mark === kept?.headers.get("ETag")
}

worker.addEventListener("install", (event) => {
  event.waitUntil(keepAll())
})

worker.addEventListener("activate", (event) => {
  event.waitUntil(dropOld())
})

worker.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url)
  if (origin !== worker.location.origin || event.request.method !== "GET" || !files.includes(pathname)) return
  event.respondWith(answer(pathname, event))
})
