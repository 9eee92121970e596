package block

import "github.com/tinylib/msgp/msgp"

// clearOf decodes a clear array and checks it. It is apart from clear.go because the generator reads that file.
func clearOf[T any, P interface {
	*T
	msgp.Marshaler
	msgp.Unmarshaler
}](b []byte, check func(*T) error) (any, error) {
	v, err := Decode[T, P](b, maxLarge)
	if err != nil {
		return nil, err
	}
	return &v, check(&v)
}
