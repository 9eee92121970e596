import { svelte } from "@sveltejs/vite-plugin-svelte"
import { defineConfig } from "vitest/config"

// The page is served under a CSP without inline script, style or data: scripts, so nothing is inlined.
// The target is the oldest browsers with light-dark() and synchronous OPFS handles, both needed.
export default defineConfig({
  plugins: [svelte()],
  build: {
    target: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: "es" },
  test: { include: ["test/**/*.test.ts"] },
})
