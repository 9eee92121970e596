/**
 * The service worker: it keeps the code of the app, so that the app starts while the relay is down, and nothing
 * else. It promises never to keep or answer anything below /v1/, where a relay carries sealed bytes; never to hand
 * out a file that is not the one of its build; and never to take over from an older build unasked: that happens when
 * every tab is closed, or when a person says so. Bundled into one classic script: Trusted Types refuse importScripts.
 */
import { Code, parseFiles } from "./code.ts"

// The types know only workers in general.
const worker = self as unknown as ServiceWorkerGlobalScope

// web/tools/offline.js puts paths and hashes here, once the build is complete.
const code = new Code(parseFiles("the-files:none"), caches, (path, how) => fetch(path, how))

async function answer(request: Request, path: string): Promise<Response> {
  const found = await code.file(path)
  if (found !== undefined) return found
  // Not whole, and the relay has another build already: get out of its way. The page loads from the relay at once,
  // any other file of this build exists no more.
  await code.dropAll()
  await worker.registration.unregister()
  return request.mode === "navigate" ? fetch(request) : Response.error()
}

worker.addEventListener("install", (event) => {
  event.waitUntil(code.keepAll())
})

worker.addEventListener("activate", (event) => {
  event.waitUntil(code.dropOthers().then(() => worker.clients.claim()))
})

worker.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url)
  if (origin !== worker.location.origin || event.request.method !== "GET" || !code.has(pathname)) return
  event.respondWith(answer(event.request, pathname))
})

worker.addEventListener("message", (event) => {
  if (event.data === "take-over") void worker.skipWaiting()
  if (event.data === "check") {
    const port = event.ports[0]
    event.waitUntil(
      code.check().then((found) => {
        port?.postMessage(found)
      }),
    )
  }
})
