// Package bridge carries the core into JavaScript and is the only user of syscall/js in the browser's core.
// It promises that bytes are copied at the border, that every error crosses as {code, detail}, that a panic
// becomes core/panic instead of a dead Worker, and that every js.Func is released when the Worker closes the
// core. It refuses to know what the core does: package main hands it one.
//
// The Worker (web/src/core/worker) sets the global anamnesisHost to an object of synchronous functions before
// it starts the program, and receives the core's functions through host.ready:
//
//	globalThis.anamnesisHost = { segments, size, read, …, ready: (core) => { … } }
//	go.run(instance)
package bridge
