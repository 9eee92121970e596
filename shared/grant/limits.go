package grant

// Bounds of a grant and of an access. Source: spec/grant.md §7.
const (
	MaxScopes   = 64  // six sections, some key epochs each
	MaxRecords  = 256 // a record list beyond this is better granted as a section
	MaxWriters  = 64  // devices that ever wrote in one folder
	MaxSessions = 64  // of one writer: two years of monthly ones, and first writings in a section
	MaxName     = 128 // bytes of a display name, as in a meeting
	MaxPurpose  = 280 // bytes, as an access's reason
	MaxSealed   = 28 << 10
	MinLeaves   = 8  // of either tree, so that six sections do not show
	NewTags     = 64 // discovery tags of one period
	SecretSize  = 32
)
