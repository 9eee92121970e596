package gossip

import (
	"fmt"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/tinylib/msgp/msgp"
)

// Type of each message.
func (*Hello) Type() Type  { return TypeHello }
func (*Auth) Type() Type   { return TypeAuth }
func (*Token) Type() Type  { return TypeToken }
func (*Sub) Type() Type    { return TypeSub }
func (*Unsub) Type() Type  { return TypeUnsub }
func (*Credit) Type() Type { return TypeCredit }
func (*Push) Type() Type   { return TypePush }
func (*Stored) Type() Type { return TypeStored }
func (*Blocks) Type() Type { return TypeBlocks }
func (*Heads) Type() Type  { return TypeHeads }
func (*Get) Type() Type    { return TypeGet }
func (*Meet) Type() Type   { return TypeMeet }
func (*Share) Type() Type  { return TypeShare }
func (*Fork) Type() Type   { return TypeFork }
func (*Err) Type() Type    { return TypeErr }

// Parse reads one frame, at most MaxFrame bytes. It returns one of the pointers to the structs of this package,
// or an error that wraps block.ErrCanonical or block.ErrLimit.
func Parse(b []byte) (Message, error) {
	if len(b) < 2 {
		return nil, fmt.Errorf("frame of %d bytes: %w", len(b), block.ErrCanonical)
	}
	body := b[1:]
	switch t := Type(b[0]); t {
	case TypeHello:
		return read[Hello](body, MaxBefore)
	case TypeAuth:
		return read[Auth](body, MaxBefore)
	case TypeToken:
		return read[Token](body, MaxBefore)
	case TypeSub:
		return read[Sub](body, MaxFrame)
	case TypeUnsub:
		return read[Unsub](body, MaxBefore)
	case TypeCredit:
		return read[Credit](body, MaxBefore)
	case TypePush:
		return read[Push](body, MaxFrame)
	case TypeStored:
		return read[Stored](body, MaxFrame)
	case TypeBlocks:
		return read[Blocks](body, MaxFrame)
	case TypeHeads:
		return read[Heads](body, MaxFrame)
	case TypeGet:
		return read[Get](body, MaxFrame)
	case TypeMeet:
		return read[Meet](body, MaxMeet+64)
	case TypeShare:
		return read[Share](body, MaxShare+MaxBefore)
	case TypeFork:
		return read[Fork](body, MaxBefore)
	case TypeErr:
		return read[Err](body, MaxBefore)
	default:
		return nil, fmt.Errorf("frame type %d: %w", t, block.ErrVersion)
	}
}

func read[T any, P interface {
	*T
	Message
	msgp.Unmarshaler
}](b []byte, max int) (Message, error) {
	v, err := block.Decode[T, P](b, max)
	if err != nil {
		return nil, err
	}
	return P(&v), nil
}
