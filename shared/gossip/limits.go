package gossip

// Bounds of frames, in bytes. Source: spec/wire.md §3.
const (
	MaxBefore = 8 << 10   // before AUTH: HELLO and AUTH are under 1 KiB
	MaxFrame  = 1 << 20   // after: what a Durable Object takes with room to spare
	MaxBlocks = 256 << 10 // blocks of one BLOCKS: a screenful in one round trip
	MaxMeet   = 4 << 10   // one sealed hello
	MaxShare  = 64 << 10  // 512 records at 70 bytes, twice over
)
