package main

type cheating struct{}

func (t *town) own(method string, _ []byte) ([]byte, []byte, error) {
	return nil, nil, refuse("core/method", "sample:"+method)
}
