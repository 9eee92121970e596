package hub

import "time"

// Bounds of what one connection, one address and one relay may hold. Frame sizes are in shared/gossip.
// Source: threats.md A40 and A41 in spec/wire.md §3, unless a line says otherwise.
const (
	helloWait       = 10 * time.Second // from accept to a valid AUTH
	unknownPerAddr  = 20               // connections before AUTH, per address
	unknownPerNet   = 200              // the same, per /24 or /48
	rateBytes       = 2 << 20          // a second, per connection, delayed and never refused
	burstBytes      = 64 << 20         // what may come at once before the rate counts
	frameCost       = 1 << 10          // least cost of a frame: 2,048 of them a second pass undelayed
	guestPush       = 1 << 20          // bytes, until a stored GRANT names its chain
	guestRead       = 64 << 20         // bytes of GET, SUB and blobs, per address and hour
	readWindow      = time.Hour
	maxAddresses    = 1 << 16 // read windows held; full, the table is emptied
	maxPushBlocks   = 4096    // results that one STORED can hold
	maxForkChecks   = 16      // fork signatures checked for one frame; each costs one verification
	maxSubs         = 64      // per connection
	maxTags         = 16384   // per connection: 64 subscriptions of 256
	maxGuestTags    = 1024    // a restore asks for a folder's few chains
	maxRelayTags    = 1 << 21 // over all connections: about 200 MB
	creditBytes     = 256 << 10
	creditFrames    = 64
	slowHeads       = 30 * time.Second // without credit: HEADS only
	slowClose       = 5 * time.Minute  // then closed
	pageBytes       = 256 << 10        // blocks of one BLOCKS
	pageBlocks      = 512              // of one BLOCKS
	maxStates       = 8192             // chain states kept in memory; a plain one takes 300 B
	maxTokens       = 1 << 16          // bearer tokens that outlive their connection
	tokenWait       = 10 * time.Minute // after the connection ended
	roomWait        = 10 * time.Minute // a meeting, and how long a burnt room stays refused
	roomSlots       = 8                // slots 0…7 in memory
	waitSlots       = 16               // slots 8…15 on disk
	postWait        = 7 * 24 * time.Hour
	maxRooms        = 2048 // 8 posts of 4 KiB each: 64 MiB at worst
	maxRoomsPerAddr = 32   // new rooms in a read window, per address
	maxRoomMembers  = 8    // two people, and reconnects of both
	shareWait       = 24 * time.Hour
	sharesPerSeat   = 8 // who answers is unknown to the relay; the oldest gives way
	expireEvery     = time.Minute
)
