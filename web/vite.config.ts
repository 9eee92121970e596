import { svelte } from "@sveltejs/vite-plugin-svelte"
import { defineConfig } from "vitest/config"
import { definitions } from "./tools/definitions.js"

// The page is served under a CSP without inline script, style or data: scripts, so nothing is inlined.
// The target is the oldest browsers with light-dark() and synchronous OPFS handles, both needed.
export default defineConfig({
  plugins: [svelte(), definitions()],
  build: {
    target: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    cssCodeSplit: false, // all of it is a few kB, and a screen that comes later never stands there unstyled
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: "index.html", sw: `src/offline/${process.env["KILL_SWITCH"] ? "kill" : "sw"}.ts` },
      output: {
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  worker: { format: "es", plugins: () => [definitions()] },
  test: { include: ["test/**/*.test.ts"] },
})
