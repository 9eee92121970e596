#!/usr/bin/env python3
"""Writes vectors/{header,block,merkle,ed25519,chain,network,grant}.json from the pages beside it.

It is written from the pages, not from the Go code, and shares nothing with it: Python's standard library, Ed25519 as
RFC 8032 gives it. Secrets and nonces are SHA-256 of their names, so that a second run gives the same files. The
vectors are committed; only a change of a page runs this again:

    python3 shared/spec/vectors.py
"""
import hashlib, hmac, json, os

# --- Ed25519, after RFC 8032 section 6 -----------------------------------------------------------------------------
p = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
d = -121665 * pow(121666, p - 2, p) % p
sqrt_m1 = pow(2, (p - 1) // 4, p)

def add(P, Q):
    A, B = (P[1] - P[0]) * (Q[1] - Q[0]) % p, (P[1] + P[0]) * (Q[1] + Q[0]) % p
    C, D = 2 * P[3] * Q[3] * d % p, 2 * P[2] * Q[2] % p
    E, F, G, H = B - A, D - C, D + C, B + A
    return (E * F % p, G * H % p, F * G % p, E * H % p)

def mul(s, P):
    Q = (0, 1, 1, 0)
    while s > 0:
        if s & 1: Q = add(Q, P)
        P, s = add(P, P), s >> 1
    return Q

def equal(P, Q):
    return (P[0] * Q[2] - Q[0] * P[2]) % p == 0 and (P[1] * Q[2] - Q[1] * P[2]) % p == 0

def recover_x(y, sign):
    y %= p
    x2 = (y * y - 1) * pow(d * y * y + 1, p - 2, p) % p
    x = pow(x2, (p + 3) // 8, p)
    if (x * x - x2) % p: x = x * sqrt_m1 % p
    if (x * x - x2) % p: return None
    return p - x if x & 1 != sign and x else x

BASE_Y = 4 * pow(5, p - 2, p) % p
BASE_X = recover_x(BASE_Y, 0)
B = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % p)
ID = (0, 1, 1, 0)

def compress(P):
    z = pow(P[2], p - 2, p)
    x, y = P[0] * z % p, P[1] * z % p
    return (y | (x & 1) << 255).to_bytes(32, "little")

def decompress(b):
    """Any encoding of a curve point, canonical or not: the ZIP-215 reading."""
    n = int.from_bytes(b, "little")
    x = recover_x(n & (1 << 255) - 1, n >> 255)
    if x is None: return None
    y = (n & (1 << 255) - 1) % p
    return (x, y, 1, x * y % p)

def sha512i(*parts): return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")

def clamp(seed):
    h = hashlib.sha512(seed).digest()
    return (int.from_bytes(h[:32], "little") & (1 << 254) - 8 | 1 << 254), h[32:]

def public(seed): return compress(mul(clamp(seed)[0], B))

def raw_sign(seed, msg):
    a, prefix = clamp(seed)
    A, r = compress(mul(a, B)), sha512i(prefix, msg) % L
    R = compress(mul(r, B))
    return R + ((r + sha512i(R, A, msg) * a) % L).to_bytes(32, "little")

def zip215(key, msg, sig):
    if len(sig) != 64: return False
    A, R, S = decompress(key), decompress(sig[:32]), int.from_bytes(sig[32:], "little")
    if A is None or R is None or S >= L: return False
    k = sha512i(sig[:32], key, msg) % L
    return equal(mul(8, mul(S, B)), mul(8, add(R, mul(k, A))))

def enrolls(key):
    A = decompress(key)
    return A is not None and compress(A) == key and not equal(mul(8, A), ID)

# --- block.md section 1: the encoding ------------------------------------------------------------------------------
class Str(str): pass

def enc(v):
    if isinstance(v, int):
        for top, tag, n in ((127, None, 1), (255, b"\xcc", 1), (2**16 - 1, b"\xcd", 2), (2**32 - 1, b"\xce", 4)):
            if v <= top: return bytes([v]) if tag is None else tag + v.to_bytes(n, "big")
        return b"\xcf" + v.to_bytes(8, "big")
    if isinstance(v, bytes):
        n = len(v)
        return (b"\xc4" + bytes([n]) if n < 256 else b"\xc5" + n.to_bytes(2, "big")) + v
    if isinstance(v, Str):
        b = v.encode(); n = len(b)
        return (bytes([0xa0 | n]) if n < 32 else b"\xd9" + bytes([n]) if n < 256 else b"\xda" + n.to_bytes(2, "big")) + b
    n = len(v)
    return (bytes([0x90 | n]) if n < 16 else b"\xdc" + n.to_bytes(2, "big")) + b"".join(map(enc, v))

def sha(b): return hashlib.sha256(b).digest()
def fix(name, n=32):
    out, i = b"", 0
    while len(out) < n:
        out += sha(f"{name}/{i}".encode()); i += 1
    return out[:n]

# --- block.md sections 4, 6, 8 -------------------------------------------------------------------------------------
def leaf(b): return sha(b"\0" + b)
def node(l, r): return sha(b"\1" + l + r)

def root(hashes):
    if not hashes: return sha(b"")
    if len(hashes) == 1: return hashes[0]
    k = 1
    while k * 2 < len(hashes): k *= 2
    return node(root(hashes[:k]), root(hashes[k:]))

def path(hashes, i):
    if len(hashes) == 1: return []
    k = 1
    while k * 2 < len(hashes): k *= 2
    return path(hashes[:k], i) + [root(hashes[k:])] if i < k else path(hashes[k:], i - k) + [root(hashes[:k])]

NET = fix("net")
def P(label, net=NET): return b"anamnesis/v1/" + label.encode() + b"\0" + net
def H(label, *data): return sha(P(label) + b"".join(data))
def HMAC(k, label, *data): return hmac.new(k, P(label) + b"".join(data), hashlib.sha256).digest()
def HKDF(k, label, *data):
    prk = hmac.new(bytes(32), k, hashlib.sha256).digest()
    return hmac.new(prk, P(label) + b"".join(data) + b"\1", hashlib.sha256).digest()
def sign(seed, type_, body, net=NET): return raw_sign(seed, P(type_, net) + sha(body))
def u32(n): return n.to_bytes(4, "big")
def key(seed): return b"\1" + public(seed)

HOUR = 3600
T0 = 490_000 * HOUR
Z16, Z32, E = bytes(16), bytes(32), b""

def header(kind, chain=Z32, seq=0, prev=Z32, links=(), epoch=1, time=T0, tag=None, parts=(), version=1, hash_=None, length=None):
    return [version, kind, chain, seq, prev, list(links), epoch, time, fix("tag", 16) if tag is None else tag,
            root([leaf(x) for x in parts]) if hash_ is None else hash_, sum(map(len, parts)) if length is None else length]

def bid(h): return sha(b"\0" + h)
def wire(h, sig, parts, leaves=E): return enc([h, sig, list(parts), leaves])

def make(seed, kind, parts=(), net=NET, **kw):
    h = enc(header(kind, parts=parts, **kw))
    return {"id": bid(h), "header": h, "wire": wire(h, sign(seed, "block", h, net), parts), "sig": sign(seed, "block", h, net), "parts": list(parts)}

def genesis_part(type_=2, writer=None, commitment=Z32, recipient=None, admission=(), revoke=E, nonce=None):
    if recipient is None: recipient = fix("recipient hash") if type_ in (1, 2) else E
    return enc([type_, nonce or fix("nonce", 16), writer or key(W), commitment, recipient, list(admission), revoke])

W, W2, REV, EVIL, MEMBER = (fix(n) for n in ("writer", "writer two", "revoke", "evil", "member"))

def hexed(v):
    if isinstance(v, bytes): return v.hex()
    if isinstance(v, dict): return {k: hexed(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)): return [hexed(x) for x in v]
    return v

def save(name, cases):
    names = [c["name"] for c in cases]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "vectors", name + ".json"), "w") as f:
        f.write("[\n" + ",\n".join("  " + json.dumps(hexed(c), ensure_ascii=False) for c in cases) + "\n]\n")
    print(name, len(cases), "cases,", sum("error" in c for c in cases), "refused")

# --- header.json ---------------------------------------------------------------------------------------------------
def headers():
    base = dict(kind=2, chain=fix("chain"), seq=5, prev=fix("prev"), parts=[b"age", b"key part"])
    def good(name, **kw):
        v = header(**{**base, **kw}); h = enc(v)
        return {"name": name, "header": h, "id": bid(h), "version": v[0], "kind": v[1], "chain": v[2], "seq": v[3], "prev": v[4],
                "links": v[5], "epoch": v[6], "time": v[7], "tag": v[8], "payloadHash": v[9], "payloadLength": v[10]}
    def bad(name, error, **kw): return {"name": name, "header": enc(header(**{**base, **kw})), "error": error}
    def raw(name, error, h): return {"name": name, "header": h, "error": error}
    h = enc(header(**base))
    links = sorted(fix(f"link {i}") for i in range(9))
    swap = lambda i, b, n: h[:i] + b + h[i + n:]
    at_chain = 3
    return [
        good("a record"), good("a genesis", kind=1, chain=Z32, seq=0, prev=Z32),
        good("a genesis under a slot id", kind=1, chain=fix("slot"), seq=0, prev=Z32),
        good("a governance genesis", kind=11, chain=Z32, seq=0, prev=Z32),
        good("highest seq, eight links", seq=2**32 - 1, links=links[:8]), good("seq of two bytes", seq=300),
        good("epoch 65535", epoch=65535), good("kind 16, unknown", kind=16), good("the last hour", time=(2**32 - 1) // HOUR * HOUR),
        good("payload of 16 KiB", length=16384), good("session payload of 32 KiB", kind=3, length=32768),
        bad("version 0", "version", version=0), bad("version 2", "version", version=2),
        bad("kind 0", "limit", kind=0), bad("kind 17", "limit", kind=17),
        bad("nine links", "canonical", links=links), bad("links descend", "canonical", links=[links[1], links[0]]),
        bad("a link twice", "canonical", links=[links[0], links[0]]),
        bad("time not a whole hour", "canonical", time=T0 + 1), bad("time of nine bytes", "canonical", time=2**32 // HOUR * HOUR + HOUR),
        bad("genesis with a previous block", "canonical", kind=1, seq=0, chain=Z32),
        bad("genesis at seq 1", "canonical", kind=1, seq=1), bad("resume at seq 1", "canonical", kind=9, seq=1),
        bad("record at seq 0", "canonical", seq=0, prev=Z32, chain=Z32), bad("unknown kind at seq 0", "canonical", kind=13, seq=0, prev=Z32),
        bad("seq 1 without chain", "canonical", seq=1, chain=Z32), bad("seq 1 without prev", "canonical", seq=1, prev=Z32),
        bad("payload of 16 KiB and a byte", "limit", length=16385), bad("session payload of 32 KiB and a byte", "limit", kind=3, length=32769),
        bad("payload of 2^63", "limit", length=2**63), bad("seq of 2^32", "canonical", seq=2**32), bad("epoch of 2^16", "canonical", epoch=2**16),
        raw("nothing", "canonical", b""), raw("a byte short", "canonical", h[:-1]), raw("a trailing byte", "canonical", h + b"\0"),
        raw("twelve fields", "canonical", b"\x9c" + h[1:] + b"\0"), raw("ten fields", "canonical", b"\x9a" + h[1:-1]),
        raw("array header of three bytes", "canonical", b"\xdc\x00\x0b" + h[1:]), raw("a map", "canonical", b"\x8b" + h[1:]),
        raw("version as a byte", "canonical", swap(1, b"\xcc\x01", 1)), raw("kind as a signed byte", "canonical", swap(2, b"\xd0\x02", 1)),
        raw("chain as str", "canonical", swap(at_chain, b"\xd9\x20", 2)), raw("chain bin with a two-byte length", "canonical", swap(at_chain, b"\xc5\x00\x20", 2)),
        raw("chain of 31 bytes", "canonical", swap(at_chain, b"\xc4\x1f" + fix("x", 31), 34)), raw("chain of 33 bytes", "canonical", swap(at_chain, b"\xc4\x21" + fix("x", 33), 34)),
        raw("chain nil", "canonical", swap(at_chain, b"\xc0", 34)), raw("seq as a word", "canonical", swap(37, b"\xcd\x00\x05", 1)),
        raw("seq as a float", "canonical", swap(37, b"\xca\x40\xa0\x00\x00", 1)), raw("seq negative", "canonical", swap(37, b"\xff", 1)),
        raw("seq true", "canonical", swap(37, b"\xc3", 1)), raw("chain claims 4 GiB", "canonical", h[:3] + b"\xc6\xff\xff\xff\xff"),
        raw("links claim 2^32 entries", "canonical", h[:72] + b"\xdd\xff\xff\xff\xff"), raw("a wire block", "canonical", enc([h, fix("s", 64), [], E])),
        raw("longer than 1,024 bytes", "limit", h + bytes(1024)),
    ]

# --- block.json ----------------------------------------------------------------------------------------------------
def key_part(session=None, t=3, n=4, seats=None, record=None):
    return enc([session or fix("session"), record or fix("record id", 16), fix("erase"), fix("scope of"), t, n, fix("seats", 80 * n) if seats is None else seats])

def session_part(n=4, epoch=1, seals=None): return enc([epoch, fix("seals", 1168 * (n + 2)) if seals is None else seals])
def grant_part(reader=None, rights=1, expiry=T0 + 1_000_000, scopes=None, records=E):
    return enc([reader or fix("reader"), rights, expiry, scopes or fix("scopes"), records])
def entries(n, name="entry"): return b"".join(sorted(fix(f"{name} {i}", 16) for i in range(n)))
def access_part(session=None, e=None, nonce=None): return enc([session or fix("session"), nonce or fix("nonce", 16), entries(8) if e is None else e])
def rotate_part(k, i, c, pth, commitment=Z32, recipient=None, last=0, completion=E):
    return enc([k, i, c, b"".join(pth), commitment, fix("recipient two") if recipient is None else recipient, last, completion])

def blocks():
    at = dict(chain=fix("chain"), seq=5, prev=fix("prev"))
    cases, seen = [], {}
    def good(name, kind, parts, seed=W, leaves=E, shown=None, **kw):
        b = make(seed, kind, parts, **{**(at if kind != 1 else {}), **kw})
        w = wire(b["header"], b["sig"], parts if shown is None else shown, leaves)
        cases.append({"name": name, "net": NET, "key": key(seed), "wire": w, "id": b["id"], "header": b["header"], "parts": list(parts if shown is None else shown), "leaves": leaves})
        return b
    def bad(name, error, kind=2, parts=(), leaves=E, shown=None, w=None, k=None, sig=None, net=NET, **kw):
        b = make(W, kind, parts, **{**(at if kind != 1 else {}), **kw})
        w = w or wire(b["header"], b["sig"] if sig is None else sig, parts if shown is None else shown, leaves)
        cases.append({"name": name, "net": net, "key": k or key(W), "wire": w, "error": error})
    age = b"age-encryption.org/v1, the whole file"
    rec = [age, key_part()]
    admit = [fix("member chain"), T0 + HOUR, sign(MEMBER, "admit", enc([1, key(W), T0 + HOUR]))]
    g = good("genesis of a writing chain, a guest's", 1, [genesis_part()])
    good("genesis of an admitted writing chain", 1, [genesis_part(admission=[admit])])
    good("genesis of an identity", 1, [genesis_part(1, commitment=fix("commitment"))])
    good("genesis of a grant", 1, [genesis_part(3, revoke=key(REV))])
    good("genesis of an object under a slot id", 1, [genesis_part(4)], chain=fix("slot"))
    good("record", 2, rec); good("record, payload withheld", 2, rec, shown=[])
    good("record, age file withheld", 2, rec, shown=[E, rec[1]], leaves=leaf(age))
    good("record, key part withheld", 2, rec, shown=[age, E], leaves=leaf(rec[1]))
    good("record without parts", 2, []); good("record of an object: empty key part", 2, [age, E])
    good("session", 3, [session_part()]); good("grant", 4, [grant_part(), b"sealed"]); good("grant, sealed part withheld", 4, [grant_part(), b"sealed"], shown=[grant_part(), E], leaves=leaf(b"sealed"))
    good("grant with a record list", 4, [grant_part(records=fix("records")), b"sealed"])
    good("revoke", 5, []); good("access", 6, [access_part(), b"reason"], links=[fix("grant")])
    good("handover", 7, [enc([key(W2), Z32, E])]); good("rotate", 8, [rotate_part(key(W2), 1, 2, [fix("sibling")])])
    good("device", 10, [enc([E]), b"sealed"]); good("device naming guardians", 10, [enc([fix("guardians")]), b"sealed"])
    good("kind 13, unknown", 13, [b"anything", b"sealed"])
    # the wire block
    b = make(W, 2, rec, **at); w = b["wire"]
    bad("nothing", "canonical", w=b"\xc0"); bad("a byte short", "canonical", w=w[:-1]); bad("a trailing byte", "canonical", w=w + b"\0")
    bad("five fields", "canonical", w=b"\x95" + w[1:] + b"\xc4\0"); bad("header's length in two bytes", "canonical", w=b"\x94\xc5\0" + w[2:])
    bad("three parts", "canonical", parts=[age, rec[1], b"x"]); bad("header as str", "canonical", w=b"\x94\xd9" + w[2:])
    bad("an array of 2^32 parts", "canonical", w=enc([b["header"], b["sig"]])[1:].join([b"\x94", b"\xdd\xff\xff\xff\xff"]))
    bad("larger than 48 KiB", "limit", w=w + bytes(49152)); bad("no signature", "limit", sig=E, parts=rec); bad("signature of 4,097 bytes", "limit", sig=bytes(4097), parts=rec)
    # the payload
    bad("a part altered", "payload", parts=rec, shown=[age[:-1] + b"X", rec[1]]); bad("parts swapped", "payload", parts=rec, shown=rec[::-1])
    bad("a part missing", "payload", parts=rec, shown=rec[:1]); bad("a part too many", "payload", kind=1, parts=[genesis_part()], shown=[genesis_part(), b""])
    bad("withheld without its leaf", "payload", parts=rec, shown=[E, rec[1]]); bad("withheld with another leaf", "payload", parts=rec, shown=[E, rec[1]], leaves=leaf(b"x"))
    bad("all withheld, with leaves", "limit", parts=rec, shown=[E, E], leaves=leaf(age) + leaf(rec[1])); bad("leaves without parts", "payload", parts=rec, shown=[], leaves=leaf(age))
    bad("leaf of 31 bytes", "limit", parts=rec, shown=[E, rec[1]], leaves=leaf(age)[:31]); bad("a leaf too many", "limit", parts=rec, leaves=bytes(64))
    bad("an empty part named by a leaf", "payload", parts=[age, E], leaves=leaf(E)); bad("one empty part as payload", "payload", parts=[E])
    bad("payload shorter than stated", "payload", parts=rec, length=1000); bad("payload longer than stated", "payload", parts=rec, length=3)
    bad("length 0 with another root", "payload", hash_=fix("x"))
    inner = node(leaf(b"a"), leaf(b"b"))
    bad("A17: an inner node as a part", "payload", parts=[leaf(b"a") + leaf(b"b")], hash_=inner, length=64)
    # kinds and clear parts
    bad("record of one part", "canonical", parts=[age]); bad("genesis without parts", "canonical", kind=1); bad("genesis of two parts", "canonical", kind=1, parts=[genesis_part(), b"x"])
    bad("revoke with a part", "canonical", kind=5, parts=[b"x"]); bad("grant of one part", "canonical", kind=4, parts=[grant_part()])
    bad("revoke with a payload withheld", "canonical", kind=5, parts=[b"x"], shown=[]); bad("grant without parts", "canonical", kind=4); bad("access without parts", "canonical", kind=6)
    bad("grant with an empty clear part", "canonical", kind=4, parts=[E, b"sealed"])
    for n in (0, 5, 7): bad(f"genesis of type {n}", "canonical", kind=1, parts=[genesis_part(n, recipient=E)])
    bad("two admissions", "canonical", kind=1, parts=[genesis_part(admission=[admit, admit])]); bad("writing chain without recipient", "canonical", kind=1, parts=[genesis_part(recipient=E)])
    bad("recipient hash of 31 bytes", "canonical", kind=1, parts=[genesis_part(recipient=fix("x", 31))]); bad("object with recipient", "canonical", kind=1, parts=[genesis_part(4, recipient=fix("x"))])
    bad("grant without revoke key", "canonical", kind=1, parts=[genesis_part(3)]); bad("writing chain with revoke key", "canonical", kind=1, parts=[genesis_part(revoke=key(REV))])
    bad("grant that commits", "canonical", kind=1, parts=[genesis_part(3, revoke=key(REV), commitment=fix("x"))]); bad("genesis with a byte after", "canonical", kind=1, parts=[genesis_part() + b"\0"])
    bad("genesis nonce of 15 bytes", "canonical", kind=1, parts=[genesis_part(nonce=fix("n", 15))]); bad("genesis type in two bytes", "canonical", kind=1, parts=[genesis_part()[:1] + b"\xcc" + genesis_part()[1:]])
    bad("A13: genesis with the identity as writer", "key", kind=1, parts=[genesis_part(writer=b"\1" + compress(ID))])
    bad("A13: genesis with a non-canonical writer", "key", kind=1, parts=[genesis_part(writer=b"\1" + (p + 3).to_bytes(32, "little"))])
    bad("genesis with a writer of algorithm 2", "key", kind=1, parts=[genesis_part(writer=b"\2" + key(W)[1:])]); bad("genesis with a writer off the curve", "key", kind=1, parts=[genesis_part(writer=b"\1" + (2).to_bytes(32, "little"))])
    bad("A13: grant with a small-order revoke key", "key", kind=1, parts=[genesis_part(3, revoke=b"\1" + bytes(32))])
    bad("key part with t 0", "canonical", parts=[age, key_part(t=0)]); bad("key part with t above n", "canonical", parts=[age, key_part(t=5)]); bad("key part for 17 seats", "canonical", parts=[age, key_part(n=17, seats=fix("s", 80 * 17))])
    bad("key part a seat short", "canonical", parts=[age, key_part(seats=fix("s", 240))]); bad("key part with a record id of 15 bytes", "canonical", parts=[age, key_part(record=fix("x", 15))])
    bad("session with a seal short", "canonical", kind=3, parts=[session_part(seals=fix("s", 1168 * 6 - 1))]); bad("session without seats", "canonical", kind=3, parts=[session_part(0)]); bad("session for 17 seats", "canonical", kind=3, parts=[session_part(17)])
    for r in (0, 4, 255): bad(f"grant with rights {r}", "canonical", kind=4, parts=[grant_part(rights=r), b"sealed"])
    bad("grant with a records root of 31 bytes", "canonical", kind=4, parts=[grant_part(records=fix("x", 31)), b"sealed"]); bad("grant with rights as a byte", "canonical", kind=4, parts=[grant_part()[:35] + b"\xcc" + grant_part()[35:], b"sealed"])
    e8 = entries(8)
    bad("access of no entry", "canonical", kind=6, parts=[access_part(e=E), b"r"]); bad("access of seven entries", "canonical", kind=6, parts=[access_part(e=e8[16:]), b"r"]); bad("access of nine entries", "canonical", kind=6, parts=[access_part(e=entries(9)), b"r"])
    bad("access entries descend", "canonical", kind=6, parts=[access_part(e=e8[16:32] + e8[:16] + e8[32:]), b"r"]); bad("access entry twice", "canonical", kind=6, parts=[access_part(e=e8[:16] + e8[:16] + e8[32:]), b"r"])
    bad("access of 520 entries", "canonical", kind=6, parts=[access_part(e=entries(520)), b"r"]); bad("access entries cut", "canonical", kind=6, parts=[access_part(e=e8[:-1]), b"r"])
    bad("A13: handover to a small-order key", "key", kind=7, parts=[enc([b"\1" + compress(ID), Z32, E])]); bad("handover with recipient", "canonical", kind=7, parts=[enc([key(W2), Z32, fix("r")])])
    bad("rotate to leaf 2 of 2", "canonical", kind=8, parts=[rotate_part(key(W2), 2, 2, [fix("s")])]); bad("rotate among nine", "canonical", kind=8, parts=[rotate_part(key(W2), 0, 9, [fix("s")] * 3)])
    bad("rotate with a path of four", "canonical", kind=8, parts=[rotate_part(key(W2), 0, 8, [fix("s")] * 4)]); bad("rotate with a cut path", "canonical", kind=8, parts=[rotate_part(key(W2), 0, 2, [fix("s", 31)])])
    bad("A13: rotate to a small-order key", "key", kind=8, parts=[rotate_part(b"\1" + compress(ID), 0, 1, [])]); bad("rotate with a completion of 31 bytes", "canonical", kind=8, parts=[rotate_part(key(W2), 0, 1, [], completion=fix("c", 31))])
    bad("device with a guardians' hash of 33 bytes", "canonical", kind=10, parts=[enc([fix("g", 33)]), b"s"])
    # the signature
    bad("another key", "signature", parts=rec, k=key(EVIL)); bad("another net", "signature", parts=rec, net=fix("other net")); bad("a key of algorithm 2", "key", parts=rec, k=b"\2" + key(W)[1:])
    bad("signature of 63 bytes", "signature", parts=rec, sig=b["sig"][:63]); bad("signature of 65 bytes", "signature", parts=rec, sig=b["sig"] + b"\0")
    s = int.from_bytes(b["sig"][32:], "little") + L
    bad("A13: S plus the group order", "signature", parts=rec, sig=b["sig"][:32] + s.to_bytes(32, "little"))
    bad("A14: a signature of type lane", "signature", parts=rec, sig=sign(W, "lane", b["header"])); bad("signed without prefix", "signature", parts=rec, sig=raw_sign(W, b["header"]))
    bad("A4: signed for another tag", "signature", parts=rec, sig=make(W, 2, rec, **at, tag=fix("t2", 16))["sig"])
    save("block", cases)

# --- merkle.json ---------------------------------------------------------------------------------------------------
def merkle():
    cases = []
    data = [fix(f"leaf {i}", 5 + i) for i in range(9)]
    for n in range(10):
        cases.append({"name": f"root of {n}", "leaves": data[:n], "root": root([leaf(x) for x in data[:n]])})
    hs = [leaf(x) for x in data]
    for n in (1, 2, 3, 5, 8, 9):
        for i in sorted({0, n // 2, n - 1}):
            cases.append({"name": f"path of {i} in {n}", "leaf": hs[i], "index": i, "count": n, "path": path(hs[:n], i), "root": root(hs[:n])})
    good = dict(leaf=hs[2], index=2, count=5, path=path(hs[:5], 2), root=root(hs[:5]))
    def bad(name, **kw): cases.append({"name": name, **good, **kw, "error": "path"})
    bad("another leaf", leaf=hs[3]); bad("another root", root=hs[0]); bad("index one more", index=3); bad("index one less", index=1); bad("index at the count", index=5)
    bad("count of nine", count=9); bad("count of four", count=4); bad("count of 0", index=0, count=0); bad("path a hash short", path=good["path"][:-1]); bad("path a hash long", path=good["path"] + [hs[0]])
    bad("path reversed", path=good["path"][::-1]); bad("no path", path=[]); bad("the root as its own leaf", leaf=good["root"], index=0, count=5, path=[])
    bad("A17: an inner node's two hashes as leaf data", leaf=leaf(hs[2] + hs[3]), index=1, count=3, path=[node(hs[0], hs[1]), hs[4]])
    bad("A17: node bytes hashed as a leaf", leaf=leaf(hs[2] + hs[3])); bad("leaf and sibling swapped", leaf=hs[3], path=[hs[2]] + good["path"][1:])
    return cases

# --- ed25519.json --------------------------------------------------------------------------------------------------
def ed25519():
    # The eight points of small order: multiples of one of order 8, found by multiplying a point by the group order.
    y = 2
    while True:
        pt = decompress(y.to_bytes(32, "little"))
        if pt is not None:
            t8 = mul(L, pt)
            if not equal(mul(4, t8), ID): break
        y += 1
    torsion = [mul(i, t8) for i in range(8)]
    small = [compress(t) for t in torsion]
    # Encodings that are not canonical: y ≥ p, or x = 0 with the sign bit. Those of small order, and others.
    odd = []
    for v in range(p, 2**255):
        for s in (0, 1):
            b = (v | s << 255).to_bytes(32, "little")
            if decompress(b) is not None: odd.append(b)
    odd += [(1 | 1 << 255).to_bytes(32, "little"), (p - 1 | 1 << 255).to_bytes(32, "little")]
    odd_small = [b for b in odd if equal(mul(8, decompress(b)), ID)]
    cases, msg = [], b"Zcash"
    def case(name, k, sig, m=msg):
        cases.append({"name": name, "key": k, "message": m, "signature": sig, "valid": zip215(k, m, sig), "enroll": enrolls(k)})
    encs = small + [b for b in odd_small if b not in small]
    for i, a in enumerate(encs):
        for j, r in enumerate(encs):
            case(f"small order: key {i}, R {j}, S 0", a, r + bytes(32))
    seed = W; a, _ = clamp(seed); A = mul(a, B); k0 = compress(A)
    case("honest", k0, raw_sign(seed, msg)); case("honest, another message", k0, raw_sign(seed, b"other"))
    case("honest, empty message", k0, raw_sign(seed, b""), b"")
    for i, t in enumerate(torsion[1:], 1):
        kt = compress(add(A, t))
        r = sha512i(b"r") % L
        for where in ("key", "R", "both"):
            key_, R = (kt if where != "R" else k0), compress(add(mul(r, B), t if where != "key" else ID))
            k = sha512i(R, key_, msg) % L
            case(f"torsion {i} in {where}", key_, R + ((r + k * a) % L).to_bytes(32, "little"))
    for i, b in enumerate(x for x in odd if x not in odd_small):
        case(f"non-canonical key {i} of large order", b, fix("sig", 32) + bytes(32))
        case(f"non-canonical R {i}, wrong S", k0, b + bytes(32))
    sig = raw_sign(seed, msg); S = int.from_bytes(sig[32:], "little")
    for name, v in (("S + L", S + L), ("S = L", L), ("S = 2^256 - 1", 2**256 - 1), ("S of the high bit", S | 1 << 255), ("S - 1", (S - 1) % L), ("-S", -S % L)):
        case(name, k0, sig[:32] + v.to_bytes(32, "little"))
    case("R off the curve", k0, (2).to_bytes(32, "little") + sig[32:]); case("key off the curve", (2).to_bytes(32, "little"), sig)
    case("R flipped", k0, bytes([sig[0] ^ 1]) + sig[1:]); case("63 bytes", k0, sig[:63]); case("65 bytes", k0, sig + b"\0"); case("no signature", k0, b"")
    case("identity key, S B = R", small[0], compress(mul(5, B)) + (5).to_bytes(32, "little")); case("negated key", compress(((-A[0]) % p, A[1], A[2], -A[3] % p)), sig)
    assert all(c["valid"] for c in cases if c["name"].startswith(("small order", "torsion", "honest,  empty"))) and not any(c["enroll"] for c in cases if c["name"].startswith("small order"))
    return cases

# --- chain.json ----------------------------------------------------------------------------------------------------
class Chain:
    def __init__(self, seed=W, **kw):
        slot = kw.pop("slot", Z32)
        self.seed, self.blocks = seed, [make(seed, 1, [genesis_part(writer=key(seed), **kw)], chain=slot)]
        self.id = self.blocks[0]["id"]
    def next(self, kind, parts=(), seed=None, **kw):
        at = dict(chain=self.id, seq=len(self.blocks), prev=self.blocks[-1]["id"]); at.update(kw)
        self.blocks.append(make(seed or self.seed, kind, parts, **at)); return self
    def session(self, **kw): self.next(3, [session_part(**kw)]); self.last = self.blocks[-1]["id"]; return self
    def copy(self):
        c = Chain.__new__(Chain); c.__dict__ = {**self.__dict__, "blocks": list(self.blocks)}; return c

def chains():
    cases = []
    def case(name, c, error=None, head_writer=None, shown=None):
        wires = [b["wire"] for b in c.blocks]
        if shown is not None: wires[-1] = shown
        v = {"name": name, "net": NET, "blocks": wires}
        cases.append({**v, "error": error} if error else {**v, "chain": c.id, "seq": len(wires) - 1, "head": c.blocks[-1]["id"], "writer": key(head_writer or c.seed)})
    def bare(c): b = c.blocks[-1]; return wire(b["header"], b["sig"], [])
    age = b"age file"
    one = lambda: Chain().session(n=1)
    kp = lambda c, **kw: [age, key_part(**{"session": c.last, "t": 1, "n": 1, **kw})]
    ac = lambda c, **kw: [access_part(**{"session": c.last, **kw}), b"reason"]
    G = fix("grant id")
    case("genesis", Chain()); c = one(); case("session", c); c.next(2, kp(c)); case("record", c); case("record, bare", c, shown=bare(c))
    c = one(); c.next(6, ac(c), links=[G]); case("access", c); case("access, bare", c, shown=bare(c))
    c = Chain().session(n=4); c.next(2, kp(c, t=3, n=4)); case("record for four seats", c)
    gr = lambda: Chain(type_=3, revoke=key(REV))
    case("grant", gr().next(4, [grant_part(), b"s"])); case("grant replaced", gr().next(4, [grant_part(), b"s"]).next(4, [grant_part(rights=3), b"s"]))
    case("revoke by the writer", gr().next(4, [grant_part(), b"s"]).next(5)); case("revoke by the revoke key", gr().next(4, [grant_part(), b"s"]).next(5, seed=REV)); case("revoke before any grant", gr().next(5))
    ob = lambda: Chain(type_=4); ho = lambda seed: [enc([key(seed), Z32, E])]
    case("handover", ob().next(7, ho(W2)), head_writer=W2); case("handover and back", ob().next(7, ho(W2)).next(7, ho(W), seed=W2)); case("new writer writes", ob().next(7, ho(W2)).next(3, [session_part(1)], seed=W2), head_writer=W2)
    ks = [key(fix(f"committed {i}")) for i in range(5)]; lv = [leaf(k) for k in ks]
    def rot(c, i=2, leaves=lv, k=None, seed=None, n=None, pth=None, **kw):
        s = fix(f"committed {i}")
        return c.next(8, [rotate_part(k or key(s), i, n or len(leaves), path(leaves, i) if pth is None else pth, **kw)], seed=seed or s)
    com = lambda: Chain(type_=1, commitment=root(lv))
    case("rotate to one of five", rot(com()), head_writer=fix("committed 2")); case("rotate, only key", rot(Chain(type_=1, commitment=lv[0]), 0, lv[:1]), head_writer=fix("committed 0"))
    c = rot(com(), commitment=lv[4]); rot(c, 4, [lv[4]], pth=[], n=1); c.blocks.pop(); c.next(8, [rotate_part(ks[4], 0, 1, [])], seed=fix("committed 4")); case("rotate twice", c, head_writer=fix("committed 4"))
    c = com().next(10, [enc([E]), b"s"]).next(10, [enc([E]), b"s"]); case("rotate cuts one block", rot(c, last=1), head_writer=fix("committed 2"))
    case("device", com().next(10, [enc([E]), b"s"])); case("slot id", Chain(type_=4, slot=fix("slot")))
    case("claim vetoed", Chain(type_=6, revoke=key(REV)).next(5, seed=REV)); case("claim completed", Chain(type_=6, revoke=key(REV)).next(2))
    # refused
    c = one(); c.next(2, kp(c)); r = c.copy(); r.blocks.append(r.blocks[-1]); case("the head again", r, "known")
    r = c.copy(); r.blocks.append(r.blocks[1]); case("an older block again", r, "stale"); r = c.copy(); r.next(2, [age, E], seq=2, prev=c.blocks[1]["id"]); case("A9: another block in the head's slot", r, "stale")
    r = c.copy(); r.next(2, kp(c), seq=4); case("a gap", r, "seq"); r = c.copy(); r.next(2, kp(c), prev=fix("x")); case("another prev", r, "prev"); r = c.copy(); r.next(2, kp(c), prev=c.blocks[1]["id"]); case("prev two back", r, "prev")
    r = c.copy(); r.next(2, kp(c), chain=fix("other")); case("another chain's block", r, "prev"); r = c.copy(); r.blocks.append(Chain(W2).blocks[0]); case("another genesis", r, "prev")
    r = c.copy(); r.next(2, kp(c), seed=EVIL); case("A3: not the writer", r, "writer"); case("A3: genesis signed by another", type("C", (), {"blocks": [make(EVIL, 1, [genesis_part()])]})(), "signature")
    case("begins with a record", type("C", (), {"blocks": [c.blocks[2]]})(), "kind"); g = Chain(); case("bare genesis", g, "partial", shown=bare(g))
    case("genesis with a link", type("C", (), {"blocks": [make(W, 1, [genesis_part()], links=[G])]})(), "kind")
    case("grant on a writing chain", Chain().next(4, [grant_part(), b"s"]), "kind"); case("revoke on a writing chain", Chain().next(5), "kind"); case("handover of a writing chain", Chain().next(7, ho(W2)), "kind")
    case("handover of an identity", Chain(type_=1).next(7, ho(W2)), "kind"); case("device on a writing chain", Chain().next(10, [enc([E]), b"s"]), "kind"); case("access on an identity", Chain(type_=1).next(6, [access_part(), b"r"], links=[G]), "kind")
    case("record on a grant", gr().next(2, [age, E]), "kind"); case("rotate on a grant", rot(gr(), 0, lv[:1]), "kind"); case("unknown kind", Chain().next(13, [b"x"]), "kind"); case("governance on a writing chain", Chain().next(11, [enc([1, b"x"])]), "kind"); case("resume in a chain", Chain().next(9, [b"x"]), "canonical")
    case("record of nothing on a writing chain", Chain().next(2), "kind"); case("record of nothing on an object", Chain(type_=4).next(2), "kind")
    case("claim with a whole record", Chain(type_=6, revoke=key(REV)).next(2, [age, E]), "kind"); case("claim completed twice", Chain(type_=6, revoke=key(REV)).next(2).next(2), "ended"); case("veto after completion", Chain(type_=6, revoke=key(REV)).next(2).next(5, seed=REV), "ended")
    c = one(); case("access without link", c.copy().next(6, ac(c)), "kind"); case("access with two links", c.copy().next(6, ac(c), links=sorted([G, fix("g2")])), "kind"); case("record with a link", c.copy().next(2, kp(c), links=[G]), "kind")
    case("record of no session", c.copy().next(2, kp(c, session=fix("x"))), "session"); case("record before its session", Chain().next(2, [age, key_part(session=c.last, t=1, n=1)]), "session"); case("record for another number of seats", c.copy().next(2, kp(c, n=4, t=3)), "session")
    case("access of no session", c.copy().next(6, ac(c, session=fix("x")), links=[G]), "session"); c4 = Chain().session(n=4)
    case("record with a seat more than its session", c4.copy().next(2, kp(c4, t=3, n=5)), "session")
    for t in (1, 2, 4): case(f"record with t {t} of 4", c4.copy().next(2, kp(c4, t=t, n=4)), "session")
    s = Chain().session(n=1); case("session, bare", s, "partial", shown=bare(s)); g = gr().next(4, [grant_part(), b"s"]); case("grant, bare", g, "partial", shown=bare(g)); g = ob().next(7, ho(W2)); case("handover, bare", g, "partial", shown=bare(g)); g = rot(com()); case("rotate, bare", g, "partial", shown=bare(g))
    e = gr().next(4, [grant_part(), b"s"]).next(5); case("A6: grant after revoke", e.copy().next(4, [grant_part(), b"s"]), "ended"); case("revoke twice", e.copy().next(5, seed=REV), "ended")
    case("revoke by a stranger", gr().next(5, seed=EVIL), "writer"); case("grant by the revoke key", gr().next(4, [grant_part(), b"s"], seed=REV), "writer")
    case("old writer after handover", ob().next(7, ho(W2)).next(3, [session_part(1)]), "writer"); case("handover signed by the next", ob().next(7, ho(W2), seed=W2), "writer"); case("A13: handover to the identity key", ob().next(7, [enc([b"\1" + compress(ID), Z32, E])]), "key")
    case("old writer after rotate", rot(com()).next(10, [enc([E]), b"s"]), "writer"); case("rotate signed by the old writer", rot(com(), seed=W), "writer"); case("rotate to a key not committed", rot(com(), k=key(EVIL), seed=EVIL), "commit"); case("rotate under a zero commitment", rot(Chain(type_=1), 0, lv[:1]), "commit")
    case("rotate with another path", rot(com(), pth=path(lv, 1)), "commit"); case("rotate at another index", rot(com(), k=ks[1], seed=fix("committed 1")), "commit"); case("rotate with a path short", rot(com(), pth=path(lv, 2)[:-1]), "commit"); case("rotate with another count", rot(com(), n=3), "commit"); case("A17: rotate to an inner node", rot(com(), 0, pth=[fix("x")]), "commit")
    case("rotate accepting itself", rot(com(), last=1), "canonical"); case("rotate losing the recipient", rot(com(), recipient=E), "canonical"); case("writing chain's rotate with completion", rot(Chain(commitment=root(lv)), completion=fix("c")), "canonical")
    # fork proofs
    c = one(); x = c.copy().next(2, kp(c)).blocks[-1]; y = c.copy().next(6, ac(c), links=[G]).blocks[-1]
    if x["id"] > y["id"]: x, y = y, x
    z = c.copy().next(2, kp(c)).next(2, kp(c)).blocks[-1]; ev = c.copy().next(2, [age, E], seed=EVIL).blocks[-1]
    pr = lambda a, b: enc([a["header"], a["sig"], b["header"], b["sig"]])
    def proof(name, raw, error=None, keys=(key(W),)):
        v = {"name": name, "net": NET, "keys": list(keys), "proof": raw}
        cases.append({**v, "error": error} if error else {**v, "chain": c.id, "seq": 2})
    proof("fork proof", pr(x, y)); proof("fork proof, second key", pr(x, y), keys=(key(W2), key(W)))
    s1, s2 = sorted([Chain(type_=4, slot=fix("slot")).blocks[0], Chain(W2, type_=4, slot=fix("slot")).blocks[0]], key=lambda b: b["id"])
    cases.append({"name": "fork proof of a slot id", "net": NET, "keys": [key(W), key(W2)], "proof": pr(s1, s2), "chain": fix("slot"), "seq": 0})
    proof("fork proof, larger id first", pr(y, x), "proof"); proof("fork proof of one block", pr(x, x), "proof"); lo, hi = sorted([x, z], key=lambda b: b["id"]); proof("fork proof over two slots", pr(lo, hi), "proof")
    lo, hi = sorted([x, ev], key=lambda b: b["id"]); proof("fork proof with a stranger's block", pr(lo, hi), "proof"); proof("fork proof under another key", pr(x, y), "proof", keys=(key(EVIL),)); proof("fork proof without keys", pr(x, y), "proof", keys=())
    lo, hi = sorted([Chain().blocks[0], Chain(W2).blocks[0]], key=lambda b: b["id"]); proof("fork proof of two plain geneses", pr(lo, hi), "proof", keys=(key(W), key(W2)))
    proof("fork proof, signatures swapped", enc([x["header"], y["sig"], y["header"], x["sig"]]), "proof"); proof("fork proof with a byte after", pr(x, y) + b"\0", "canonical"); proof("fork proof of three fields", b"\x93" + pr(x, y)[1:-66], "canonical"); proof("fork proof with a bad header", enc([x["header"] + b"\0", x["sig"], y["header"], y["sig"]]), "canonical")
    return cases

# --- network.json --------------------------------------------------------------------------------------------------
def recipient(name):
    """A valid ML-KEM-768 encapsulation key is any 768 reduced 12-bit coefficients and 32 bytes; X25519 takes any 32."""
    out, i = b"", 0
    while len(out) < 1152:
        v = int.from_bytes(fix(f"{name}/{i}", 4), "big"); i += 1
        a, b = v & 0xffff, v >> 16
        a, b = a % 3329, b % 3329
        out += bytes([a & 255, a >> 8 | (b & 15) << 4, b >> 4])
    return out + fix(name + " rho") + fix(name + " x25519")

def network():
    cases, zero = [], Z32
    seat = lambda i, m: [i, m, key(fix(f"ack {i}")), key(fix(f"release {i}")), recipient(f"seat {i}")]
    def genesis(n=1, f=0, desk=False, members=1, **kw):
        ms = sorted([fix(f"member chain {i}"), key(fix(f"member {i}")), recipient(f"member {i}")] for i in range(members))
        ds = [[fix("desk chain"), key(fix("desk")), recipient("desk")]] if desk else []
        v = dict(version=1, members=ms, desks=ds, approval=1, witnesses=[seat(i + 1, ms[i % len(ms)][0]) for i in range(n)], f=f,
                 lanes=[[1, key(fix("relay")), [Str("http://127.0.0.1:8080")]]], lowest=1, highest=1, hash=1, predecessor=E)
        v.update(kw); return list(v.values())
    def seeds(body): return [next(fix(f"member {i}") for i in range(8) if key(fix(f"member {i}")) == m[1]) for m in body[1]]
    def file(body, founders=None, action=1, signer=None, found=zero, extra=(), **kw):
        ss = seeds(body) if founders is None else founders
        h = make(signer or (ss or [EVIL])[0], 11, [enc([action, enc(body)]), *extra], **{"net": zero, "epoch": 0, "tag": Z16, **kw})
        return enc([h["wire"], [sign(s, "found", h["header"], found) for s in ss]]), h
    def good(name, body, **kw):
        raw, b = file(body, **kw); n = len(body[4])
        cases.append({"name": name, "file": raw, "net": b["id"], "n": n, "f": body[5], "q": (n + body[5]) // 2 + 1, "seats": [sha(w[4]) for w in body[4]],
                      "members": [[m[0], m[1]] for m in body[1] + body[2]], "lane": body[6][0][0], "relay": body[6][0][1]})
    def bad(name, error, body=None, raw=None, **kw): cases.append({"name": name, "file": raw or file(body or genesis(), **kw)[0], "error": error})
    good("one member, one witness", genesis()); good("four witnesses, two members, a desk group", genesis(4, 1, True, 2))
    m = genesis()[1][0]; w = genesis()[4][0]; ln = genesis()[6][0]
    bad("n = 2", "policy", genesis(2)); bad("n = 4, f = 0", "policy", genesis(4)); bad("n = 3, f = 1", "policy", genesis(3, 1)); bad("no witness", "policy", genesis(0))
    bad("version 2", "version", genesis(version=2)); bad("hash algorithm 2", "version", genesis(hash=2)); bad("highest version 2", "version", genesis(highest=2)); bad("approval rule 2", "version", genesis(approval=2)); bad("a predecessor", "version", genesis(predecessor=fix("old")))
    bad("no member", "genesis", genesis(members=0, witnesses=[w]) if False else genesis(1, 0, **{"members": 1})[:1] + [[]] + genesis()[2:], founders=[]); bad("no lane", "genesis", genesis(lanes=[]))
    two = genesis(members=2)[1]
    bad("members descend", "genesis", genesis()[:1] + [two[::-1]] + genesis()[2:]); bad("a member twice", "genesis", genesis()[:1] + [[m, m]] + genesis()[2:])
    bad("a desk group that is a member", "genesis", genesis()[:2] + [[[m[0], key(fix("desk")), recipient("desk")]]] + genesis()[3:])
    bad("seat 2 first", "genesis", genesis(witnesses=[seat(2, m[0])])); bad("seat 0", "genesis", genesis(witnesses=[seat(0, m[0])])); bad("seat of no member", "genesis", genesis(witnesses=[seat(1, fix("x"))]))
    four = genesis(4, 1)[4]; bad("a seat twice", "genesis", genesis(4, 1, witnesses=[four[0], four[0], four[2], four[3]])); bad("an ack key in two seats", "genesis", genesis(4, 1, witnesses=four[:3] + [[4, m[0], four[0][2], four[3][3], four[3][4]]]))
    bad("ack key is release key", "genesis", genesis(witnesses=[[1, m[0], w[2], w[2], w[4]]])); bad("ack key is member's", "genesis", genesis(witnesses=[[1, m[0], m[1], w[3], w[4]]])); bad("relay key is ack key", "genesis", genesis(lanes=[[1, w[2], ln[2]]]))
    bad("a recipient in two roles", "genesis", genesis(witnesses=[[1, m[0], w[2], w[3], m[2]]])); bad("recipient of 1,215 bytes", "genesis", genesis(witnesses=[w[:4] + [w[4][:-1]]])); bad("recipient not reduced", "genesis", genesis(witnesses=[w[:4] + [b"\xff" * 1216]]))
    small = b"\1" + compress(ID)
    bad("A13: small-order ack key", "key", genesis(witnesses=[[1, m[0], small, w[3], w[4]]])); bad("A13: small-order relay key", "key", genesis(lanes=[[1, small, ln[2]]])); bad("A13: member key not canonical", "key", genesis()[:1] + [[[m[0], b"\1" + (p + 3).to_bytes(32, "little"), m[2]]]] + genesis()[2:], founders=[EVIL])
    bad("lane 0", "genesis", genesis(lanes=[[0, *ln[1:]]])); bad("lane twice", "genesis", genesis(lanes=[ln, [1, key(fix("relay 2")), ln[2]]])); bad("lane without address", "genesis", genesis(lanes=[[1, ln[1], []]]))
    for u in ("https://relay.example/path", "ftp://relay.example", "https://", "relay.example", "https://User@relay.example", "https://RELAY.example", "https://a.example?x", "https://" + "a" * 57): bad("address " + u, "genesis", genesis(lanes=[[1, ln[1], [Str(u)]]]))
    bad("five addresses", "canonical", genesis(lanes=[[1, ln[1], [Str(f"https://{i}.example") for i in range(5)]]]))
    bad("action 2", "genesis", action=2); bad("two parts", "genesis", extra=[b"x"]); bad("epoch 1", "genesis", epoch=1); bad("a tag", "genesis", tag=fix("t", 16)); bad("a link", "genesis", links=[fix("l")]); bad("at seq 1", "genesis", chain=fix("c"), seq=1, prev=fix("p"))
    body = genesis(members=2); ss = seeds(body)
    bad("a founder missing", "founders", body, founders=ss[:1]); bad("founders swapped", "founders", body, founders=ss[::-1], signer=ss[0]); bad("a stranger as founder", "founders", founders=[EVIL]); bad("no signature", "founders", founders=[]); bad("found under another net", "founders", found=fix("n"))
    bad("block signed by a stranger", "founders", signer=EVIL); bad("block signed under a net", "founders", net=fix("n"))
    raw, b = file(genesis()); bad("a trailing byte", "canonical", raw=raw + b"\0"); bad("a byte short", "canonical", raw=raw[:-1]); bad("the block alone", "canonical", raw=b["wire"]); bad("bare block", "genesis", raw=enc([wire(b["header"], b["sig"], []), [sign(seeds(genesis())[0], "found", b["header"], zero)]]))
    bad("A4: a byte of the genesis altered", "payload", raw=raw.replace(b"http://127.0.0.1:8080", b"http://127.0.0.2:8080"))
    bad("block signature as found", "founders", raw=enc([b["wire"], [b["sig"]]])); bad("a byte after the genesis", "canonical", raw=None, body=genesis() + [0])
    return cases

# --- grant.json ----------------------------------------------------------------------------------------------------
def grants():
    cases, g, chain = [], fix("g"), fix("grant chain")
    scope = lambda i: fix(f"scope {i}", 16)
    def tree(values):
        n = 8
        while n < len(values): n *= 2
        return sorted(values + [H("grant-pad", g, u32(i)) for i in range(n - len(values))])
    def scopes(n):
        t = tree([H("grant", g, scope(i)) for i in range(n)]); hs = [leaf(v) for v in t]; i = t.index(H("grant", g, scope(0)))
        return {"op": "scopes", "net": NET, "g": g, "scopes": [scope(j) for j in range(n)], "root": root(hs), "index": i, "path": path(hs, i)}
    for n in (1, 6, 8, 9, 64): cases.append({"name": f"{n} scopes", **scopes(n)})
    ids = [fix(f"record {i}") for i in range(256)]
    for n in (1, 7, 256):
        t = tree([H("grant-record", g, x) for x in ids[:n]]); hs = [leaf(v) for v in t]; i = t.index(H("grant-record", g, ids[0]))
        cases.append({"name": f"{n} records", "op": "records", "net": NET, "g": g, "records": ids[:n], "root": root(hs), "index": i, "path": path(hs, i)})
    for n, what in ((0, "no scope"), (65, "65 scopes")): cases.append({"name": what, "op": "scopes", "net": NET, "g": g, "scopes": [scope(j) for j in range(n)], "error": "limit"})
    cases.append({"name": "a scope twice", "op": "scopes", "net": NET, "g": g, "scopes": [scope(0), scope(0)], "error": "canonical"})
    cases.append({"name": "257 records", "op": "records", "net": NET, "g": g, "records": ids + [fix("one more")], "error": "limit"})
    # paths
    s = scopes(6); ok = {"op": "holds", "root": s["root"], "leaf": H("grant", g, scope(0)), "index": s["index"], "path": s["path"]}
    cases.append({"name": "scope inside", **ok})
    def out(name, **kw): cases.append({"name": name, **ok, **kw, "error": "path"})
    out("another scope", leaf=H("grant", g, scope(7))); out("a scope of another g", leaf=H("grant", fix("g2"), scope(0))); out("a record's leaf", leaf=H("grant-record", g, scope(0))); out("another index", index=ok["index"] ^ 1); out("index beyond", index=8); out("path of two", path=ok["path"][:2]); out("path of nine", path=ok["path"] * 3)
    out("A17: an inner node as a leaf", leaf=ok["path"][1], index=ok["index"] >> 1, path=ok["path"][1:]); out("another root", root=fix("r"))
    # authorize
    A = fix("authority"); sig = sign(A, "authorize", chain); au = {"op": "authorize", "net": NET, "key": key(A), "chain": chain, "signature": sig}
    cases.append({"name": "authorize", **au})
    for name, kw in (("authorize by K's holder", {"signature": sign(EVIL, "authorize", chain)}), ("authorize for another chain", {"chain": fix("other")}), ("authorize of another net", {"net": fix("n2")}), ("A14: author as authorize", {"signature": sign(A, "author", chain)}), ("authorize over the id's hash", {"signature": sign(A, "authorize", sha(chain))})):
        cases.append({"name": name, **au, **kw, "error": "signature"})
    # access entries and tags
    nonce = fix("access nonce", 16)
    for i in range(3): cases.append({"name": f"entry {i}", "op": "entry", "net": NET, "g": g, "nonce": nonce, "record": ids[i], "entry": HMAC(g, "access", nonce, ids[i])[:16]})
    tk = HKDF(g, "tag"); cases.append({"name": "tag key", "op": "tagKey", "net": NET, "secret": g, "key": tk})
    for t in (0, 86399, 86400, T0): cases.append({"name": f"day tag at {t}", "op": "dayTag", "net": NET, "key": tk, "chain": chain, "time": t, "tag": HMAC(tk, "day", chain, u32(t // 86400))[:16]})
    for t, k in ((0, 0), (T0, 63), (2_592_000, 1)): cases.append({"name": f"discovery tag {k} at {t}", "op": "newTag", "net": NET, "key": tk, "time": t, "k": k, "tag": HMAC(tk, "new", u32(t // 2_592_000), u32(k))[:16]})
    cases.append({"name": "grant tag", "op": "grantTag", "net": NET, "chain": chain, "tag": H("grant-to", chain)[:16]})
    cases.append({"name": "seal info", "op": "sealInfo", "net": NET, "chain": chain, "recipientHash": fix("recipient hash"), "info": P("grant") + chain + fix("recipient hash")})
    # sealed part
    def sealed(**kw):
        v = dict(g=g, folder=fix("folder"), owner=recipient("owner"), erase=key(fix("erase key")), sections=[[1, fix("K1"), key(A), sig], [6, fix("K6"), key(fix("a6")), sign(fix("a6"), "authorize", chain)]],
                 records=[], writers=[[fix("writer chain"), [fix("s1"), fix("s2")]]], names=[Str("Amina Rahal"), Str("Dr. Leïla Haddad")], purpose=Str("علاج"))
        v.update(kw); return enc(list(v.values()))
    cases.append({"name": "sealed part", "op": "sealed", "bytes": sealed(), "sections": [1, 6], "records": [], "owner": "Amina Rahal", "reader": "Dr. Leïla Haddad", "purpose": "علاج"})
    cases.append({"name": "sealed part with a record list", "op": "sealed", "bytes": sealed(records=sorted(ids[:3]), writers=[]), "sections": [1, 6], "records": sorted(ids[:3]), "owner": "Amina Rahal", "reader": "Dr. Leïla Haddad", "purpose": "علاج"})
    def bad(name, error, b): cases.append({"name": "sealed: " + name, "op": "sealed", "bytes": b, "error": error})
    sec = [1, fix("K1"), key(A), sig]; srt = sorted(ids[:3])
    bad("trailing byte", "canonical", sealed() + b"\0"); bad("byte short", "canonical", sealed()[:-1]); bad("no section", "limit", sealed(sections=[])); bad("section 0", "canonical", sealed(sections=[[0, *sec[1:]]])); bad("section 7", "canonical", sealed(sections=[[7, *sec[1:]]])); bad("sections descend", "canonical", sealed(sections=[[2, *sec[1:]], sec]))
    bad("65 sections", "canonical", sealed(sections=[sec] * 65)); bad("A13: small-order authority", "key", sealed(sections=[[1, fix("K1"), b"\1" + compress(ID), sig]])); bad("small-order erase key", "key", sealed(erase=b"\1" + compress(ID)))
    bad("owner's recipient short", "canonical", sealed(owner=recipient("owner")[:-1])); bad("records descend", "canonical", sealed(records=srt[::-1])); bad("a record twice", "canonical", sealed(records=[srt[0], srt[0]])); bad("a writer twice", "canonical", sealed(writers=[[fix("w"), []]] * 2))
    bad("signature of 63 bytes", "canonical", sealed(sections=[sec[:3] + [sig[:63]]])); bad("name of 129 bytes", "limit", sealed(names=[Str("a" * 129), Str("")])); bad("purpose of 281 bytes", "limit", sealed(purpose=Str("a" * 281))); bad("name not UTF-8", "canonical", sealed().replace("Leïla".encode(), b"Le\xff\xffla")); bad("name as bin", "canonical", sealed(names=[b"Amina Rahal", Str("x")])); bad("K of 31 bytes", "canonical", sealed(sections=[[1, fix("K", 31), key(A), sig]]))
    return cases

if __name__ == "__main__":
    save("header", headers()); blocks(); save("merkle", merkle()); save("ed25519", ed25519()); save("chain", chains()); save("network", network()); save("grant", grants())
