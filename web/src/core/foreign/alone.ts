/**
 * Imported first by the Worker that reads foreign files: whatever runs there later has no way out. The libraries name
 * WebSocket when they load, though they never use it here, so something must stand under that name.
 */
function NoSocket(): never {
  throw new TypeError("no network here")
}

for (const name of [
  "fetch",
  "XMLHttpRequest",
  "EventSource",
  "WebTransport",
  "BroadcastChannel",
  "indexedDB",
  "caches",
])
  Object.defineProperty(globalThis, name, { value: undefined })
Object.defineProperty(globalThis, "WebSocket", { value: NoSocket })

export {}
