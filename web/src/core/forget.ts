/** Wipes what this origin keeps beside the core's files: preferences, kept code, the service worker. */

/** After the core has forgotten its profile. The page that is open goes on; the next one starts anew. */
export async function forgetOrigin(): Promise<void> {
  localStorage.clear()
  sessionStorage.clear()
  const workers: { serviceWorker?: ServiceWorkerContainer } = navigator // missing where pages are not secure
  for (const each of (await workers.serviceWorker?.getRegistrations()) ?? []) await each.unregister()
  for (const name of await caches.keys()) await caches.delete(name)
}
