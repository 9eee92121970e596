import { fileURLToPath } from "node:url"
import { defineConfig, mergeConfig } from "vite"
import app from "../vite.config.ts"

// The app as it is built, with a core of made-up answers; it goes to a cache, never to dist.
// eslint-disable-next-line no-restricted-exports -- Vite reads the default export
export default mergeConfig(
  app,
  defineConfig({
    resolve: {
      alias: {
        "#core/core.ts": fileURLToPath(new URL("fake-core.ts", import.meta.url)),
        "#core/sample.ts": fileURLToPath(new URL("fake-sample.ts", import.meta.url)),
        "#core/updates.ts": fileURLToPath(new URL("fake-updates.ts", import.meta.url)),
        "#i18n/catalogs.ts": fileURLToPath(new URL("pseudo.ts", import.meta.url)),
      },
    },
    build: { outDir: "node_modules/.cache/look", emptyOutDir: true },
  }),
)
