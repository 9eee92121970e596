package sqlite

import (
	"slices"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/shared/block"
)

// Tagged implements hub.Store. Each tag is asked alone: with IN, SQLite would sort all that match for every page.
func (s *Store) Tagged(tags []block.Tag, after uint64, limit int, each func(hub.Placed) bool) error {
	if after >= s.tail {
		return nil
	}
	if len(tags) == 1 {
		return s.many(each, columns+"WHERE tag = ? AND position > ? ORDER BY position LIMIT ?", tags[0][:], int64(after), limit)
	}
	var at []int64
	for i := range tags {
		var err error
		if at, err = s.positions(at, tags[i], after, limit); err != nil {
			return err
		}
	}
	slices.Sort(at)
	at = slices.Compact(at)
	for _, p := range at[:min(limit, len(at))] {
		b, ok, err := s.one(columns+"WHERE position = ?", p)
		if err != nil {
			return err
		}
		if ok && !each(b) {
			return nil
		}
	}
	return nil
}

func (s *Store) positions(at []int64, t block.Tag, after uint64, limit int) ([]int64, error) {
	st, err := s.stmt("SELECT position FROM blocks WHERE tag = ? AND position > ? ORDER BY position LIMIT ?")
	if err != nil {
		return at, err
	}
	rows, err := st.Query(t[:], int64(after), limit)
	if err != nil {
		return at, err
	}
	defer rows.Close()
	for rows.Next() {
		var p int64
		if err := rows.Scan(&p); err != nil {
			return at, err
		}
		at = append(at, p)
	}
	return at, rows.Err()
}
