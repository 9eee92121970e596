#!/usr/bin/env python3
"""Writes vectors/wire.json from wire.md and blob-http.md, sharing only vectors.py's encoder and Ed25519.

    python3 shared/spec/wire.py
"""
from vectors import E, NET, Z32, Str, enc, fix, key, root, leaf, save, sign

K = fix("wire/connection")
RELAY = fix("wire/relay")
nonce = fix("wire/nonce")

good = [
    ("HELLO of a relay", 1, [1, 1, NET, 1, NET, nonce, key(RELAY)]),
    ("HELLO of a client", 1, [1, 1, NET, 1, Z32, fix("wire/client"), E]),
    ("AUTH of a guest", 2, [key(K), [], sign(K, "hello", key(RELAY) + nonce)]),
    ("AUTH with an admission", 2, [key(K), [[fix("wire/issuer"), 1_800_000_000, fix("wire/sig", 64)]], sign(K, "hello", key(RELAY) + nonce)]),
    ("TOKEN of a guest", 3, [fix("wire/token"), 1 << 20]),
    ("SUB by two tags", 4, [1, [fix("wire/tag 1", 16), fix("wire/tag 2", 16)], 0, 70_000]),
    ("SUB of a lane", 4, [1, [], 1, 0]),
    ("SUB of 256 tags", 4, [7, [fix(f"wire/t{i}", 16) for i in range(256)], 0, 2**63]),
    ("UNSUB", 5, [1]),
    ("CREDIT", 6, [1, 1 << 18]),
    ("PUSH of nothing", 7, [1, []]),
    ("PUSH of two blocks", 7, [2**32 - 1, [fix("wire/block", 300), b"x"]]),
    ("STORED", 8, [9, [[fix("wire/id 1"), Str("")], [fix("wire/id 2"), Str("chain/seq")], [Z32, Str("block/canonical")]]]),
    ("BLOCKS of a request", 13, [9, 0, 12, True, [b"block"]]),
    ("BLOCKS that end a backlog", 13, [0, 1, 70_001, False, []]),
    ("HEADS", 14, [9, 12, [[fix("wire/chain"), 5, fix("wire/head")]]]),
    ("HEADS for a slow client", 14, [0, 2**40, []]),
    ("GET of a range", 15, [9, fix("wire/chain"), 3, 2**32 - 1, [], [], [], True]),
    ("GET of ids", 15, [9, Z32, 0, 0, [fix("wire/id 1")], [], [], False]),
    ("GET of heads", 15, [9, Z32, 0, 0, [], [fix("wire/chain")], [], False]),
    ("GET of shares", 15, [9, Z32, 0, 0, [], [], [fix("wire/id 1")], False]),
    ("MEET", 16, [fix("wire/room", 16), 0, fix("wire/body", 4096)]),
    ("MEET, burnt", 16, [fix("wire/room", 16), 255, E]),
    ("SHARE", 18, [fix("wire/id 1"), 0, fix("wire/salt"), fix("wire/sealed", 96), fix("wire/sig", 64)]),
    ("FORK", 23, [fix("wire/header a", 136), fix("wire/sig", 64), fix("wire/header b", 136), fix("wire/sig", 64)]),
    ("ERR", 25, [9, Str("quota/read"), 60_000]),
]

# vectors.py's encoder knows no booleans; they stand alone in BLOCKS and GET.
def enc2(v):
    if v is True: return b"\xc3"
    if v is False: return b"\xc2"
    if isinstance(v, list):
        n = len(v)
        return (bytes([0x90 | n]) if n < 16 else b"\xdc" + n.to_bytes(2, "big")) + b"".join(map(enc2, v))
    return enc(v)

def make(t, fields): return bytes([t]) + enc2(fields)

def wrong():
    h = make(1, [1, 1, NET, 1, NET, nonce, key(RELAY)])
    yield "empty", b"", "canonical"
    yield "a type and nothing", b"\x01", "canonical"
    yield "type 0", b"\x00\x90", "version"
    yield "a witness's type", b"\x09\x90", "version"
    yield "type 255", b"\xff\x90", "version"
    yield "a trailing byte", h + b"\0", "canonical"
    yield "cut by one byte", h[:-1], "canonical"
    yield "a field too few", make(5, []), "canonical"
    yield "a field too many", make(5, [1, 1]), "canonical"
    yield "a map for the array", b"\x05\x81\x00\x01", "canonical"
    yield "an integer as uint 8", b"\x05\x91\xcc\x01", "canonical"
    yield "an integer as uint 64", b"\x05\x91\xcf" + (1).to_bytes(8, "big"), "canonical"
    yield "a negative subscription", b"\x05\x91\xff", "canonical"
    yield "a subscription over 32 bits", make(5, [2**32]), "canonical"
    yield "a str for a bin", b"\x10\x93\xc4\x10" + fix("wire/room", 16) + b"\x00\xa1x", "canonical"
    yield "nil for an empty list", b"\x07\x92\x01\xc0", "canonical"
    yield "bin 16 for bin 8", b"\x07\x92\x01\x91\xc5\x00\x01x", "canonical"
    yield "array 16 for a short one", b"\x07\xdc\x00\x02\x01\x90", "canonical"
    yield "a tag of 15 bytes", make(4, [1, [fix("wire/tag 1", 15)], 0, 0]), "canonical"
    yield "257 tags", make(4, [1, [fix(f"wire/t{i}", 16) for i in range(257)], 0, 0]), "canonical"
    yield "two admissions", make(2, [key(K), [[Z32, 1, b"s"], [Z32, 1, b"s"]], b"s"]), "canonical"
    yield "513 ids", make(15, [9, Z32, 0, 0, [fix(f"wire/i{i}") for i in range(513)], [], [], False]), "canonical"
    yield "65 shares", make(15, [9, Z32, 0, 0, [], [], [fix(f"wire/i{i}") for i in range(65)], False]), "canonical"
    yield "2³² blocks promised", b"\x07\x92\x01\xdd\xff\xff\xff\xff", "canonical"
    yield "a block of 4 GiB promised", b"\x07\x92\x01\x91\xc6\xff\xff\xff\xff", "canonical"
    yield "1 for true", make(13, [9, 0, 12, 1, []]), "canonical"
    yield "HELLO over 8 KiB", make(1, [1, 1, NET, 1, NET, nonce, bytes(9000)]), "limit"

def cases():
    for name, t, fields in good:
        c = {"name": name, "frame": make(t, fields)}
        if t == 2:
            c |= {"net": NET, "relay": key(RELAY), "nonce": nonce}
        if t == 18:
            c |= {"signed": enc(fields[:4])}
        yield c
    for name, f, error in wrong():
        yield {"name": name, "frame": f, "error": error}

def blobs():
    sizes = [(32, "the first leaf alone"), (33, "one byte"), (32 + 262_144, "one full leaf"), (32 + 262_145, "a full leaf and a byte")]
    for size, name in sizes:
        n, leaves = size - 32, [fix("wire/erase")]
        data = bytes(n)
        while data:
            leaves.append(data[:262_144]); data = data[262_144:]
        hashes = [leaf(l) for l in leaves]
        r = root(hashes)
        yield {"name": name, "net": NET, "size": size, "erase": leaves[0], "root": r, "announce": enc([size, b"".join(hashes)]),
               "relay": key(RELAY), "receipt": sign(RELAY, "stored", enc([r, size]))}
    r = fix("wire/root")
    for name, body in [("cut", enc([32, Z32])[:-1]), ("trailing", enc([32, Z32]) + b"\0"), ("half a hash", enc([32, bytes(31)])),
                       ("a long integer", b"\x92\xcd\x00\x20" + enc(Z32)), ("three fields", enc([32, Z32, 1])), ("empty", b""),
                       ("hashes as a list", enc([32, [Z32]]))]:
        yield {"name": name, "announce": body, "error": "canonical"}

if __name__ == "__main__":
    save("wire", list(cases()))
    save("blob-http", list(blobs()))
