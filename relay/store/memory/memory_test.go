package memory_test

import (
	"testing"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/store/memory"
	"github.com/anamnesis-health/anamnesis/relay/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Reopener {
		s := memory.New()
		return func() hub.Store { return s }
	})
}
