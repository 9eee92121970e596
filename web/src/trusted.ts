/**
 * The default Trusted Types policy: script addresses of this origin only (the Worker, the service worker),
 * and no markup or script text at all. Imported first by main.ts, because a Worker made before it would be
 * refused and leave a blank page. Browsers without Trusted Types need none.
 */
interface Policies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown
}

declare global {
  interface Window {
    readonly trustedTypes?: Policies
  }
}

function ownScript(url: string): string {
  const { origin, href } = new URL(url, location.href)
  if (origin !== location.origin) throw new TypeError(`script of another origin: ${href}`)
  return href
}

window.trustedTypes?.createPolicy("default", { createScriptURL: ownScript })

export {}
