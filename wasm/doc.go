// Command wasm is the core in JavaScript's clothes: it joins wasm/api, the plain Go, to wasm/bridge, the browser.
// It promises nothing of its own and refuses to run anywhere but in the Worker of web/src/core/worker.
package main
