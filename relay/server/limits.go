package server

import "time"

// Bounds of the shell. Source: threats.md A40, A41.
const (
	handshakeWait = 5 * time.Second // request line and headers, and TLS
	idleWait      = time.Minute     // a kept-alive HTTP connection without a request
	pageWait      = 2 * time.Minute // the app's 1.3 MB at 100 kbit/s
	writeWait     = 30 * time.Second
	bodyWait      = time.Minute     // one leaf of 256 KiB at 35 kbit/s
	closeWait     = 5 * time.Second // requests under way, when the server stops
	byeWait       = time.Second     // a socket's answer to the goodbye
	maxHeaders    = 16 << 10
	// queueBytes is what may wait for a connection before its subscriptions pause and its frames are not read. One
	// answer of 256 KiB can come on top.
	queueBytes = 512 << 10
	tickEvery  = time.Second
	uploadWait = 24 * time.Hour // an incomplete blob lapses. Source: spec/blob-http.md §3
	// maxConns leaves file descriptors for blobs at the usual limit of 16,384 and takes about 400 MB.
	maxConns = 12000
)
