interface ImportMetaEnv {
  /** Bytes of core.wasm before compression, from the Makefile. */
  readonly VITE_CORE_BYTES: string
}

interface ImportMeta {
  readonly env: ImportMetaEnv
}
