interface ImportMetaEnv {
  /** Bytes of core.wasm before compression, from the Makefile. */
  readonly VITE_CORE_BYTES: string
  /** The same of sample.wasm. */
  readonly VITE_SAMPLE_BYTES: string
}

interface ImportMeta {
  readonly env: ImportMetaEnv
}
