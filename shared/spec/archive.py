#!/usr/bin/env python3
"""Writes vectors/archive.json from archive.md, with the chains of vectors.py.

    python3 shared/spec/archive.py
"""
import base64
from vectors import *

def entry(name, body, **change):
    """One ustar entry; change replaces bytes of the header before its checksum is made."""
    h = bytearray(512)
    h[:len(name)] = name.encode()
    h[100:124] = b"0000600\x000000000\x000000000\x00"
    h[124:136] = b"%011o\x00" % change.get("size", len(body)); h[136:148] = b"%011o\x00" % 0
    h[148:157] = b"        0"; h[257:265] = b"ustar\x0000"
    for at, b in change.get("at", {}).items(): h[at] = b
    h[148:156] = b"%06o\x00 " % sum(h)
    return bytes(h) + body + bytes(-len(body) % 512)

def framed(wires): return b"".join(u32(len(w)) + w for w in wires)

NETWORK = b"the network file"
ID, W1 = Chain(type_=1), Chain()
LEAVES = [fix("leaf 0"), b"leaf 1"]
def announced(size=38, hashes=None): return enc([size, b"".join(leaf(x) for x in LEAVES) if hashes is None else hashes])
ROOT = root([leaf(x) for x in LEAVES])
TEXT = base64.urlsafe_b64encode(ROOT).decode().rstrip("=")

def first(version=1, net=NET, blocks=2, blobs=1): return enc([version, net, ID.id, T0 * 1000, blocks, blobs])

def parts(blobs=True):
    wires = [b["wire"] for b in ID.blocks + W1.blocks]
    out = [("anamnesis-archive", first(blobs=1 if blobs else 0)), ("network", NETWORK), ("blocks/00000001", framed(wires[:1])), ("blocks/00000002", framed(wires[1:]))]
    if blobs: out += [(f"blobs/{TEXT}/leaves", announced())] + [(f"blobs/{TEXT}/{i:08d}", x) for i, x in enumerate(LEAVES)]
    return out

def whole(entries, end=True, tail=1024, sum_=None):
    b = b"".join(entry(n, x) for n, x in entries)
    return b + (entry("end", sha(b) if sum_ is None else sum_) if end else b"") + bytes(tail)

def runs(b):
    """b as a list: bytes in hex, how many zero bytes follow, and so on."""
    out, at = [], 0
    while at < len(b):
        zero = b.find(bytes(16), at)
        if zero < 0: return out + [b[at:].hex()]
        end = zero
        while end < len(b) and b[end] == 0: end += 1
        out += [b[at:zero].hex(), end - zero]; at = end
    return out

def archives():
    cases = []
    def good(name, file, blocks, blobs): cases.append({"name": name, "file": runs(file), "blocks": blocks, "leaves": blobs})
    def bad(name, code, file): cases.append({"name": name, "file": runs(file), "error": "archive/" + code})
    ids = [b["id"] for b in ID.blocks + W1.blocks]
    good("blocks and a blob", whole(parts()), ids, 2); good("blocks alone", whole(parts(False)), ids, 0)
    p = parts()
    def but(i, *e): return p[:i] + list(e) + p[i + 1:]
    file = whole(p)
    bad("nothing", "format", b""); bad("half a header", "format", file[:300]); bad("zeros", "format", bytes(2048)); bad("another tar", "format", whole([("files/1.age", b"x")]))
    bad("first entry of five fields", "format", whole(but(0, (p[0][0], enc([1, NET, ID.id, 1, 4]))))); bad("first entry empty", "format", whole(but(0, (p[0][0], b"")))); bad("version 2", "version", whole(but(0, (p[0][0], first(version=2)))))
    bad("another net", "network", whole(but(0, (p[0][0], first(net=fix("other")))))); bad("another network file", "network", whole(but(1, ("network", b"another"))))
    bad("no network file", "damaged", whole(but(1))); bad("network file twice", "damaged", whole(p[:2] + p[1:])); bad("blocks from 2 on", "damaged", whole(but(2))); bad("blocks out of order", "damaged", whole([p[0], p[1], p[3], p[2], *p[4:]])); bad("no blocks", "damaged", whole(p[:2] + p[4:]))
    bad("an empty blocks entry", "damaged", whole(but(3, (p[3][0], b"")))); bad("a block cut short", "damaged", whole(but(3, (p[3][0], p[3][1][:-1])))); bad("a length without a block", "damaged", whole(but(3, (p[3][0], p[3][1] + u32(9))))); bad("a block of no bytes", "damaged", whole(but(3, (p[3][0], p[3][1] + u32(0))))); bad("a block of 49,153 bytes", "damaged", whole(but(3, (p[3][0], u32(49153) + bytes(49153)))))
    bad("a block fewer than said", "damaged", whole(but(0, (p[0][0], first(blocks=3))))); bad("a blob fewer than said", "damaged", whole(but(0, (p[0][0], first(blobs=2))))); bad("a blob more than said", "damaged", whole(but(0, (p[0][0], first(blobs=0)))))
    bad("blob before the blocks", "damaged", whole(p[:2] + p[4:] + p[2:4])); bad("blocks after a blob", "damaged", whole(p + [("blocks/00000003", p[3][1])])); bad("a leaf missing", "damaged", whole(p[:-1])); bad("leaves out of order", "damaged", whole(p[:-2] + [p[-1], p[-2]])); bad("a leaf too many", "damaged", whole(p + [(f"blobs/{TEXT}/00000002", b"x")])); bad("a leaf changed", "damaged", whole(but(6, (p[6][0], b"leaf l"))))
    bad("another root", "damaged", whole(but(4, (p[4][0], announced(hashes=bytes(64)))))); bad("a size too large", "damaged", whole(but(4, (p[4][0], announced(39))))); bad("a size too small", "damaged", whole(but(4, (p[4][0], announced(37))))); bad("a size of one leaf", "damaged", whole(but(4, (p[4][0], announced(32))))); bad("a size as a word", "damaged", whole(but(4, (p[4][0], b"\x92\xcc\x26" + announced()[2:])))); bad("a leaf of another blob", "damaged", whole(but(6, ("blobs/" + "A" * 43 + "/00000001", b"leaf 1")))); bad("root in padded base64", "damaged", whole(but(4, (f"blobs/{TEXT}=/leaves", p[4][1])))); bad("no leaf hashes", "damaged", whole(but(4, (p[4][0], b"")))); bad("33 bytes of leaf hashes", "damaged", whole(but(4, (p[4][0], announced(hashes=bytes(33)))))); bad("an entry of another name", "damaged", whole(p + [("vault.0", b"x")]))
    bad("another sum", "damaged", whole(p, sum_=fix("sum"))); bad("a sum of 31 bytes", "damaged", whole(p, sum_=fix("sum", 31)))
    bad("no end", "damaged", whole(p, end=False)); bad("ends before its end", "truncated", whole(p, end=False, tail=0)); bad("ends in a header", "truncated", file[:len(file) - 2048 + 100]); bad("ends in a body", "truncated", file[:5000]); bad("one zero block", "truncated", whole(p, tail=512)); bad("three zero blocks", "damaged", whole(p, tail=1536)); bad("a byte after the end", "damaged", file + b"\0"); bad("not zero after the end", "damaged", file[:-1] + b"\1")
    i = len(b"".join(entry(n, x) for n, x in p[:3]))
    def at(**k): return file[:i] + entry(p[3][0], p[3][1], **k) + file[i + len(entry(*p[3])):]
    bad("mode 0644", "damaged", at(at={104: ord("6"), 105: ord("4"), 106: ord("4")})); bad("a time", "damaged", at(at={146: ord("1")})); bad("a directory", "damaged", at(at={156: ord("5")})); bad("a link", "damaged", at(at={157: ord("x")})); bad("an owner", "damaged", at(at={265: ord("x")})); bad("a name behind the name", "damaged", at(at={50: ord("x")}))
    bad("size over 1 MiB", "damaged", at(size=1 << 21)); bad("size not octal", "damaged", file[:i + 124] + b"8" + file[i + 125:]); bad("checksum changed", "damaged", file[:i + 148] + b"7" + file[i + 149:]); bad("padding not zero", "damaged", file[:i + len(entry(*p[3])) - 1] + b"\1" + file[i + len(entry(*p[3])):])
    return cases

if __name__ == "__main__":
    save("archive", archives())
