package sqlite

// schemas brings a file from version n to n+1; PRAGMA user_version counts. A version that was published is never
// edited: the next one is appended.
func schemas() []string {
	return []string{`
CREATE TABLE network (net BLOB NOT NULL);
CREATE TABLE chains (
	n      INTEGER PRIMARY KEY,
	id     BLOB NOT NULL UNIQUE,
	slot   BLOB UNIQUE,
	member INTEGER NOT NULL,
	state  BLOB NOT NULL,
	sum    BLOB NOT NULL
);
CREATE TABLE blocks (
	position INTEGER PRIMARY KEY,
	id       BLOB NOT NULL UNIQUE,
	chain    INTEGER NOT NULL REFERENCES chains (n),
	seq      INTEGER NOT NULL,
	tag      BLOB NOT NULL,
	bytes    BLOB NOT NULL
);
CREATE UNIQUE INDEX blocks_slot ON blocks (chain, seq);
CREATE INDEX blocks_tag ON blocks (tag, position);
CREATE TABLE admits (reader BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE forks (chain BLOB PRIMARY KEY, proof BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE shares (
	n      INTEGER PRIMARY KEY,
	access BLOB NOT NULL,
	seat   INTEGER NOT NULL,
	frame  BLOB NOT NULL,
	until  INTEGER NOT NULL
);
CREATE INDEX shares_access ON shares (access, seat);
CREATE TABLE posts (
	room  BLOB NOT NULL,
	slot  INTEGER NOT NULL,
	body  BLOB NOT NULL,
	until INTEGER NOT NULL,
	PRIMARY KEY (room, slot)
) WITHOUT ROWID;
`}
}
