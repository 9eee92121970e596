package sqlite

// Bounds of the file. Source: measured on two cores, runtime.md §11.
const (
	pageSize       = 8192
	cachePages     = 8192    // 64 MiB, mostly the index over ids, which has no order
	checkpointSize = 8 << 20 // bytes of commits after which the log is moved into the file
	insertRows     = 32      // rows of one INSERT: beyond that nothing is gained
	maxShares      = 1 << 16 // of all ACCESS: the oldest give way
	maxPosts       = 1 << 14 // of all waiting links: 64 MiB
)
