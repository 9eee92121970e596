// Go's own glue, copied from the Go that compiled the core (see the Makefile). It sets the global Go.
export {}

declare global {
  class Go {
    importObject: WebAssembly.Imports
    /** Runs the program; settles when it ends. */
    run(instance: WebAssembly.Instance): Promise<void>
  }
}
