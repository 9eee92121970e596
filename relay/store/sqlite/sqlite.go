// Package sqlite keeps a relay's lane in one SQLite file: blocks in order, the state of each chain, forks, shares,
// waiting posts. It promises that a call that writes is one commit, on disk when it returns (WAL, synchronous FULL),
// and that a block whose bytes changed on disk is never handed out as the one that was stored. It refuses a file of
// another network, a file from a newer version, and a second process.
//
//	s, err := sqlite.Open("data/lane.db", net)
//	defer s.Close()
//
// Any error but hub.ErrFull leaves it unknown what is on disk: the process must end. A full disk changes nothing,
// and reading goes on.
package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
)

// Errors of Open.
var (
	ErrNetwork = errors.New("the file belongs to another network")
	ErrNewer   = errors.New("the file was written by a newer version")
	ErrInUse   = errors.New("another process has the file open")
)

// Store is not safe for concurrent use.
type Store struct {
	db      *sql.DB
	conn    *sql.Conn
	stmts   map[string]*sql.Stmt
	tail    uint64
	posts   int                     // waiting, at most maxPosts
	numbers map[block.ChainID]int64 // row of a chain; emptied when full
	log     int                     // bytes committed since the last checkpoint
	inserts [insertRows + 1]string
}

// Open opens or makes the file at path for one network.
func Open(path string, net block.Net) (*Store, error) {
	q := url.Values{"_pragma": {
		"locking_mode(EXCLUSIVE)", // no shared memory file to grow, and no second process
		fmt.Sprintf("page_size(%d)", pageSize),
		"journal_mode(WAL)", "synchronous(FULL)", "temp_store(MEMORY)",
		"wal_autocheckpoint(0)", // a failed sync of ours must not go unnoticed inside a commit
		fmt.Sprintf("cache_size(%d)", cachePages),
	}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	s := &Store{db: db, stmts: map[string]*sql.Stmt{}, numbers: map[block.ChainID]int64{}}
	if err := s.open(net); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), s.Close())
	}
	return s, nil
}

func (s *Store) open(net block.Net) (err error) {
	if s.conn, err = s.db.Conn(context.Background()); err != nil {
		return busy(err)
	}
	if err := s.migrate(net); err != nil {
		return busy(err)
	}
	var got []byte
	if err := s.row("SELECT net FROM network", nil, &got); err != nil {
		return err
	}
	if string(got) != string(net[:]) {
		return fmt.Errorf("%x: %w", got, ErrNetwork)
	}
	if err := s.row("SELECT count(*) FROM posts", nil, &s.posts); err != nil {
		return err
	}
	return s.row("SELECT coalesce(max(position), 0) FROM blocks", nil, &s.tail)
}

func busy(err error) error {
	if code(err)&0xff == lib.SQLITE_BUSY {
		return ErrInUse
	}
	return err
}

func (s *Store) migrate(net block.Net) error {
	var version int
	if err := s.row("PRAGMA user_version", nil, &version); err != nil {
		return err
	}
	all := schemas()
	if version > len(all) {
		return fmt.Errorf("version %d: %w", version, ErrNewer)
	}
	for ; version < len(all); version++ {
		err := s.commit(func() error {
			if err := s.exec(all[version] + fmt.Sprintf("PRAGMA user_version = %d", version+1)); err != nil || version > 0 {
				return err
			}
			return s.exec("INSERT INTO network (net) VALUES (?)", net[:])
		})
		if err != nil {
			return fmt.Errorf("to version %d: %w", version+1, err)
		}
	}
	return nil
}

// Close moves the log into the file and closes it.
func (s *Store) Close() error {
	var errs []error
	for _, st := range s.stmts {
		errs = append(errs, st.Close())
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	return errors.Join(append(errs, s.db.Close())...)
}

func code(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func (s *Store) stmt(query string) (*sql.Stmt, error) {
	if st := s.stmts[query]; st != nil {
		return st, nil
	}
	st, err := s.conn.PrepareContext(context.Background(), query)
	if err == nil {
		s.stmts[query] = st
	}
	return st, err
}

func (s *Store) exec(query string, args ...any) error {
	if strings.Contains(query, ";") { // a script
		_, err := s.conn.ExecContext(context.Background(), query, args...)
		return err
	}
	st, err := s.stmt(query)
	if err != nil {
		return err
	}
	_, err = st.Exec(args...)
	return err
}

// row reads one row. It returns sql.ErrNoRows when there is none.
func (s *Store) row(query string, args []any, into ...any) error {
	st, err := s.stmt(query)
	if err != nil {
		return err
	}
	return st.QueryRow(args...).Scan(into...)
}

func found(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// commit runs do in one transaction. It returns hub.ErrFull when the disk is full and all was undone.
func (s *Store) commit(do func() error) error {
	err := s.exec("BEGIN IMMEDIATE")
	if err == nil {
		if err = do(); err == nil {
			err = s.exec("COMMIT")
		}
	}
	if err == nil {
		return nil
	}
	if undo := s.exec("ROLLBACK"); undo != nil && !strings.Contains(undo.Error(), "no transaction is active") {
		return errors.Join(err, undo)
	}
	if code(err)&0xff == lib.SQLITE_FULL {
		return hub.ErrFull
	}
	return err
}

// checkpoint moves the log into the file once it is long enough. A disk that is full then is no loss: the log stays.
func (s *Store) checkpoint(added int) error {
	if s.log += added; s.log < checkpointSize {
		return nil
	}
	var busy, frames, moved int
	err := s.row("PRAGMA wal_checkpoint(PASSIVE)", nil, &busy, &frames, &moved)
	if err != nil && code(err)&0xff != lib.SQLITE_FULL {
		return fmt.Errorf("checkpoint: %w", err)
	}
	s.log = 0
	return nil
}

// Tail implements hub.Store.
func (s *Store) Tail() uint64 { return s.tail }

// Append implements hub.Store.
func (s *Store) Append(a hub.Addition) error {
	size := 0
	err := s.commit(func() error {
		for _, c := range a.Chains {
			if err := s.putChain(&c); err != nil {
				return err
			}
		}
		for _, r := range a.Admits {
			if err := s.exec("INSERT OR IGNORE INTO admits (reader) VALUES (?)", r[:]); err != nil {
				return err
			}
		}
		for rest := a.Blocks; len(rest) > 0; {
			n := min(len(rest), insertRows)
			if err := s.insert(rest[:n]); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	})
	if err != nil {
		clear(s.numbers) // rows that a rollback undid
		return err
	}
	for _, b := range a.Blocks {
		size += len(b.Bytes) + 256
	}
	s.tail += uint64(len(a.Blocks))
	return s.checkpoint(size)
}

func (s *Store) putChain(c *hub.Chain) error {
	state := c.State.Encode()
	sum := sumOf(state)
	n, err := s.number(c.State.ID)
	if err != nil {
		return err
	}
	if n > 0 {
		return s.exec("UPDATE chains SET state = ?, sum = ? WHERE n = ?", state, sum, n)
	}
	var slot []byte
	if c.State.Slot != (block.ChainID{}) {
		slot = c.State.Slot[:]
	}
	return s.exec("INSERT INTO chains (id, slot, member, state, sum) VALUES (?, ?, ?, ?, ?)",
		c.State.ID[:], slot, c.Member, state, sum)
}

func sumOf(state []byte) []byte {
	sum := sha256.Sum256(state)
	return sum[:8]
}

// number is the row of a chain, 0 for an unknown one.
func (s *Store) number(id block.ChainID) (int64, error) {
	if n := s.numbers[id]; n > 0 {
		return n, nil
	}
	var n int64
	ok, err := found(s.row("SELECT n FROM chains WHERE id = ?", []any{id[:]}, &n))
	if ok {
		if len(s.numbers) >= 1<<14 {
			clear(s.numbers)
		}
		s.numbers[id] = n
	}
	return n, err
}

func (s *Store) insert(blocks []hub.Placed) error {
	n := len(blocks)
	if s.inserts[n] == "" {
		s.inserts[n] = "INSERT INTO blocks (position, id, chain, seq, tag, bytes) VALUES (?, ?, ?, ?, ?, ?)" +
			strings.Repeat(", (?, ?, ?, ?, ?, ?)", n-1)
	}
	args := make([]any, 0, 6*n)
	for i := range blocks {
		b := blocks[i].Block
		number, err := s.number(b.Chain())
		if err != nil {
			return err
		}
		args = append(args, int64(blocks[i].Position), b.ID[:], number, int64(b.Header.Seq), b.Header.Tag[:], blocks[i].Bytes)
	}
	return s.exec(s.inserts[n], args...)
}

// Chain implements hub.Store. A state whose bytes changed on disk is made again from the blocks.
func (s *Store) Chain(id block.ChainID) (hub.Chain, bool, error) {
	var c hub.Chain
	var state, sum []byte
	ok, err := found(s.row("SELECT member, state, sum FROM chains WHERE id = ?", []any{id[:]}, &c.Member, &state, &sum))
	if err != nil || !ok {
		return c, false, err
	}
	if string(sumOf(state)) == string(sum) {
		if c.State, err = chain.Decode(state); err == nil {
			return c, true, nil
		}
	}
	c.State, err = s.replay(id)
	return c, err == nil, err
}

func (s *Store) replay(id block.ChainID) (chain.State, error) {
	var st chain.State
	err := errors.New("no genesis")
	scan := s.Range(id, 0, 1<<32-1, func(p hub.Placed) bool {
		switch {
		case p.Block == nil:
			err = errors.New("a damaged block")
		case p.Block.Header.Seq == 0:
			st, err = chain.Begin(p.Block)
		default:
			st, _, err = st.Next(p.Block)
		}
		return err == nil
	})
	if err := errors.Join(scan, err); err != nil {
		return st, fmt.Errorf("%s: %w", id, err)
	}
	return st, nil
}

// Claimed implements hub.Store.
func (s *Store) Claimed(slot block.ChainID) (block.ChainID, bool, error) {
	var id []byte
	ok, err := found(s.row("SELECT id FROM chains WHERE slot = ?", []any{slot[:]}, &id))
	if !ok || len(id) != len(slot) {
		return block.ChainID{}, false, err
	}
	return block.ChainID(id), true, nil
}

const columns = "SELECT position, id, bytes FROM blocks "

func placed(position int64, id, b []byte) hub.Placed {
	p := hub.Placed{Position: uint64(position), Bytes: b}
	if blk, err := block.Parse(b); err == nil && string(blk.ID[:]) == string(id) {
		p.Block = blk
	}
	return p
}

func (s *Store) one(query string, args ...any) (hub.Placed, bool, error) {
	var position int64
	var id, b []byte
	ok, err := found(s.row(query, args, &position, &id, &b))
	if !ok {
		return hub.Placed{}, false, err
	}
	return placed(position, id, b), true, nil
}

func (s *Store) many(each func(hub.Placed) bool, query string, args ...any) error {
	st, err := s.stmt(query)
	if err != nil {
		return err
	}
	rows, err := st.Query(args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var position int64
		var id, b []byte
		if err := rows.Scan(&position, &id, &b); err != nil {
			return err
		}
		if !each(placed(position, id, b)) {
			return nil
		}
	}
	return rows.Err()
}

// Slot implements hub.Store.
func (s *Store) Slot(id block.ChainID, seq uint32) (hub.Placed, bool, error) {
	n, err := s.number(id)
	if err != nil || n == 0 {
		return hub.Placed{}, false, err
	}
	return s.one(columns+"WHERE chain = ? AND seq = ?", n, int64(seq))
}

// ByID implements hub.Store.
func (s *Store) ByID(id block.ID) (hub.Placed, bool, error) {
	return s.one(columns+"WHERE id = ?", id[:])
}

// Range implements hub.Store.
func (s *Store) Range(id block.ChainID, from, to uint32, each func(hub.Placed) bool) error {
	n, err := s.number(id)
	if err != nil || n == 0 {
		return err
	}
	return s.many(each, columns+"WHERE chain = ? AND seq BETWEEN ? AND ? ORDER BY seq", n, int64(from), int64(to))
}

// Lane implements hub.Store.
func (s *Store) Lane(after uint64, limit int, each func(hub.Placed) bool) error {
	return s.many(each, columns+"WHERE position > ? ORDER BY position LIMIT ?", int64(min(after, 1<<62)), limit)
}

// Integrity runs SQLite's own check and reports what it finds.
func (s *Store) Integrity(bad func(string)) error {
	rows, err := s.conn.QueryContext(context.Background(), "PRAGMA integrity_check")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			bad(line)
		}
	}
	return rows.Err()
}
