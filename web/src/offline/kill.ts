/**
 * The kill switch: a build with this in the place of sw.ts (make build KILL_SWITCH=1) takes the service worker and
 * everything that it kept out of every browser that asks the relay again. Open tabs go on; the next load comes from
 * the relay. No record is touched: they were never here.
 */
// The types know only workers in general.
const worker = self as unknown as ServiceWorkerGlobalScope

async function end(): Promise<void> {
  const names = await caches.keys()
  await Promise.all(names.map((name) => caches.delete(name)))
  await worker.registration.unregister()
}

worker.addEventListener("install", (event) => {
  event.waitUntil(worker.skipWaiting())
})

worker.addEventListener("activate", (event) => {
  event.waitUntil(end())
})

export {}
