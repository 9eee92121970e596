import type { Plugin } from "vite"
import { svelte } from "@sveltejs/vite-plugin-svelte"
import { defineConfig } from "vitest/config"

/** Tells the service worker which files the app has, once their hashed names are known. */
const filesOfTheApp: Plugin = {
  name: "files-of-the-app",
  generateBundle(_, bundle) {
    const worker = bundle["sw.js"]
    if (worker?.type !== "chunk") throw new Error("no sw.js in the build")
    const files = Object.keys(bundle).filter((name) => name.startsWith("assets/"))
    worker.code = worker.code.replace(
      "%FILES%",
      ["/", "/core.wasm", "/icon.svg", ...files.map((name) => `/${name}`)].join(" "),
    )
  },
}

// The page is served under a CSP without inline script, style or data: scripts, so nothing is inlined.
// The target is the oldest browsers with light-dark() and synchronous OPFS handles, both needed.
export default defineConfig({
  plugins: [svelte(), filesOfTheApp],
  build: {
    target: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    cssCodeSplit: false, // all of it is a few kB, and a screen that comes later never stands there unstyled
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: "index.html", sw: "src/offline/sw.ts" },
      output: {
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  worker: { format: "es" },
  test: { include: ["test/**/*.test.ts"] },
})
