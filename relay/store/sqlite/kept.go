package sqlite

import (
	"errors"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/shared/block"
)

// Admitted implements hub.Store.
func (s *Store) Admitted(reader block.ChainID) (bool, error) {
	var n int
	return found(s.row("SELECT 1 FROM admits WHERE reader = ?", []any{reader[:]}, &n))
}

// KeepFork implements hub.Store.
func (s *Store) KeepFork(id block.ChainID, proof []byte) error {
	return s.commit(func() error {
		return s.exec("INSERT OR IGNORE INTO forks (chain, proof) VALUES (?, ?)", id[:], proof)
	})
}

// Fork implements hub.Store.
func (s *Store) Fork(id block.ChainID) ([]byte, bool, error) {
	var p []byte
	ok, err := found(s.row("SELECT proof FROM forks WHERE chain = ?", []any{id[:]}, &p))
	return p, ok, err
}

// KeepShare implements hub.Store.
func (s *Store) KeepShare(n hub.Share, perSeat int) error {
	var have int
	ok, err := found(s.row("SELECT 1 FROM shares WHERE access = ? AND seat = ? AND frame = ?",
		[]any{n.Access[:], n.Seat, n.Frame}, &have))
	if err != nil || ok {
		return err
	}
	return s.commit(func() error {
		if err := s.exec("INSERT INTO shares (access, seat, frame, until) VALUES (?, ?, ?, ?)",
			n.Access[:], n.Seat, n.Frame, n.Until.Unix()); err != nil {
			return err
		}
		if err := s.exec("DELETE FROM shares WHERE n IN (SELECT n FROM shares WHERE access = ? AND seat = ? "+
			"ORDER BY n DESC LIMIT -1 OFFSET ?)", n.Access[:], n.Seat, perSeat); err != nil {
			return err
		}
		return s.exec("DELETE FROM shares WHERE n <= (SELECT max(n) FROM shares) - ?", maxShares)
	})
}

// Shares implements hub.Store.
func (s *Store) Shares(access block.ID) ([][]byte, error) {
	st, err := s.stmt("SELECT frame FROM shares WHERE access = ? ORDER BY n")
	if err != nil {
		return nil, err
	}
	rows, err := st.Query(access[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]byte
	for rows.Next() {
		var f []byte
		if err := rows.Scan(&f); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// KeepPost implements hub.Store. With too many waiting it answers hub.ErrFull.
func (s *Store) KeepPost(p hub.Post) error {
	if s.posts >= maxPosts {
		return hub.ErrFull
	}
	body := p.Body
	if body == nil {
		body = []byte{}
	}
	err := s.commit(func() error {
		return s.exec("INSERT OR IGNORE INTO posts (room, slot, body, until) VALUES (?, ?, ?, ?)",
			p.Room[:], p.Slot, body, p.Until.Unix())
	})
	if err == nil {
		s.posts++ // a repeated one counts until the next Expire
	}
	return err
}

// Posts implements hub.Store.
func (s *Store) Posts(room block.Nonce) ([]hub.Post, error) {
	st, err := s.stmt("SELECT slot, body, until FROM posts WHERE room = ? ORDER BY slot")
	if err != nil {
		return nil, err
	}
	rows, err := st.Query(room[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []hub.Post
	for rows.Next() {
		p := hub.Post{Room: room}
		var until int64
		if err := rows.Scan(&p.Slot, &p.Body, &until); err != nil {
			return nil, err
		}
		p.Until = time.Unix(until, 0)
		out = append(out, p)
	}
	return out, rows.Err()
}

// Expire implements hub.Store.
func (s *Store) Expire(now time.Time) error {
	var over int
	ok, err := found(s.row("SELECT 1 FROM shares WHERE until <= ?1 UNION ALL SELECT 1 FROM posts WHERE until <= ?1 LIMIT 1",
		[]any{now.Unix()}, &over))
	if err != nil || !ok {
		return err
	}
	err = s.commit(func() error {
		if err := s.exec("DELETE FROM shares WHERE until <= ?", now.Unix()); err != nil {
			return err
		}
		return s.exec("DELETE FROM posts WHERE until <= ?", now.Unix())
	})
	if err == hub.ErrFull {
		return nil // later
	}
	return errors.Join(err, s.row("SELECT count(*) FROM posts", nil, &s.posts))
}
