#!/usr/bin/env python3
"""Writes vectors/proof.json from proof.md, with the chains of vectors.py.

    python3 shared/spec/proof.py
"""
from vectors import *

def listed(c, upto=None, skip=(), **change):
    """The blocks of a proof of the last block of c. change: {place: (header, signature, clear)} of what differs."""
    out = []
    blocks = c.blocks if upto is None else c.blocks[:upto + 1]
    for i, b in enumerate(blocks):
        kind = b["header"][2]
        clear = b["parts"][0] if kind in (1, 7, 8) else E
        sig = b["sig"] if clear or i == len(blocks) - 1 else E
        if i not in skip: out.append([b["header"], sig, clear])
    for place, block in change.items(): out[int(place[1:])] = list(block)
    return out

def proof(blocks, net=NET, version=1): return enc([version, net, blocks])

def proofs():
    cases = []
    def case(name, file, error=None, states=None, block=None, net=None, **more):
        v = {"name": name, "file": file}
        if block is not None: v["block"] = block
        if net is not None: v["net"] = net
        if error: cases.append({**v, "error": error})
        else: cases.append({**v, "states": states, **more})
    age = b"age file"
    c = Chain().session(n=1); kp = lambda: [age, key_part(session=c.last, t=1, n=1)]
    c.next(2, kp()); last = c.blocks[-1]; whole = proof(listed(c))
    id_ = dict(chain=c.id, id=last["id"], writer=key(W))
    case("record", whole, states="ooouu", **id_)
    case("record, with its block", whole, states="oooou", block=last["wire"], **id_)
    case("record, of the network expected", whole, states="ooouu", net=NET, **id_)
    case("record, its payload withheld", whole, states="ooouu", block=wire(last["header"], last["sig"], []), **id_)
    case("short path", proof(listed(c, skip=(1,))), states="ououu", **id_)
    a = Chain().session(n=1); a.next(6, [access_part(session=a.last), b"r"], links=[fix("grant id")])
    case("access", proof(listed(a)), states="ooouu", chain=a.id, id=a.blocks[-1]["id"], writer=key(W))
    def rotated():
        s = fix("committed 0"); r = Chain(type_=1, commitment=leaf(key(s))).session(n=1)
        r.next(8, [rotate_part(key(s), 0, 1, [])], seed=s); r.next(2, [age, key_part(session=r.last, t=1, n=1)], seed=s)
        return r, s
    r, s = rotated()
    case("after a change of key", proof(listed(r)), states="ooouu", chain=r.id, id=r.blocks[-1]["id"], writer=key(s))
    case("short path over a change of key", proof(listed(r, skip=(1,))), states="ououu", chain=r.id, id=r.blocks[-1]["id"], writer=key(s))
    o = Chain(type_=4); o.next(7, [enc([key(W2), Z32, E])]); o.next(3, [session_part(1)], seed=W2); o.next(2, [age, key_part(session=o.blocks[-1]["id"], t=1, n=1)], seed=W2)
    case("after a hand-over", proof(listed(o)), states="ooouu", chain=o.id, id=o.blocks[-1]["id"], writer=key(W2))
    # a step fails
    def flip(b, at): return b[:at] + bytes([b[at] ^ 1]) + b[at + 1:]
    h, sg = last["header"], last["sig"]
    case("of another network", whole, states="fuuuu", net=fix("other net"), chain=c.id, id=last["id"], writer=E)
    case("net changed", proof(listed(c), net=fix("other net")), states="ofuuu", chain=c.id, id=last["id"], writer=E)
    g = c.blocks[0]
    case("A3: genesis signed by another", proof(listed(c, _0=(g["header"], sign(EVIL, "block", g["header"]), g["parts"][0]))), states="ofuuu", chain=c.id, id=last["id"], writer=E)
    case("genesis naming another key", proof(listed(c, _0=(g["header"], g["sig"], genesis_part(writer=key(EVIL))))), states="ofuuu", chain=c.id, id=last["id"], writer=E)
    other = Chain(W2); case("another chain's genesis", proof(listed(c, _0=(other.blocks[0]["header"], other.blocks[0]["sig"], other.blocks[0]["parts"][0]))), states="ofuuu", chain=other.id, id=last["id"], writer=E)
    x = Chain().session(n=1, epoch=2); case("another block between", proof(listed(c, _1=(x.blocks[1]["header"], E, E))), states="ofuuu", chain=c.id, id=last["id"], writer=E)
    case("A3: record signed by another", proof(listed(c, _2=(h, sign(EVIL, "block", h), E))), states="oofuu", chain=c.id, id=last["id"], writer=key(W))
    case("signature of another type", proof(listed(c, _2=(h, sign(W, "ack", h), E))), states="oofuu", chain=c.id, id=last["id"], writer=key(W))
    case("signature changed", proof(listed(c, _2=(h, flip(sg, 63), E))), states="oofuu", chain=c.id, id=last["id"], writer=key(W))
    h2 = flip(h, len(h) - 3); case("payload hash changed", proof(listed(c, _2=(h2, sg, E))), states="oofuu", chain=c.id, id=bid(h2), writer=key(W))
    case("old key after a change of key", proof(listed(r, _3=(r.blocks[3]["header"], sign(W, "block", r.blocks[3]["header"]), E))), states="oofuu", chain=r.id, id=r.blocks[3]["id"], writer=key(s))
    case("a change of key left out", proof(listed(r, skip=(2,))), states="oufuu", chain=r.id, id=r.blocks[3]["id"], writer=key(W))
    case("change of key signed by the old key", proof(listed(r, _2=(r.blocks[2]["header"], sign(W, "block", r.blocks[2]["header"]), r.blocks[2]["parts"][0]))), states="ofuuu", chain=r.id, id=r.blocks[3]["id"], writer=E)
    n = c.copy().next(2, kp()).blocks[-1]
    case("another record's block", whole, states="ooofu", block=n["wire"], **id_)
    case("block with another payload", whole, states="ooofu", block=wire(h, sg, [b"age filE", last["parts"][1]]), **id_)
    case("block of nonsense", whole, states="ooofu", block=b"\x94", **id_)
    e = Chain(type_=6, revoke=key(REV)); e.next(2); case("a claim", proof(listed(e)), states="ooouu", chain=e.id, id=e.blocks[-1]["id"], writer=key(W))
    # no proof
    case("version 2", proof(listed(c), version=2), "proof/version"); case("version 0", proof(listed(c), version=0), "proof/version")
    case("one byte more", whole + b"\0", "proof/format"); case("one byte less", whole[:-1], "proof/format"); case("nothing", b"", "proof/format"); case("a wire block", last["wire"], "proof/format")
    case("no blocks", proof([]), "proof/format"); case("the genesis alone", proof(listed(c, upto=0)), "proof/format"); case("a session at the end", proof(listed(c, upto=1)), "proof/format")
    case("no genesis", proof(listed(c)[1:]), "proof/format"); case("order turned", proof(listed(c)[::-1]), "proof/format"); case("a block twice", proof(listed(c)[:2] + listed(c)[1:]), "proof/format"); case("genesis twice", proof(listed(c)[:1] + listed(c)), "proof/format")
    case("genesis without its clear part", proof(listed(c, _0=(g["header"], g["sig"], E))), "proof/format"); case("genesis without signature", proof(listed(c, _0=(g["header"], E, g["parts"][0]))), "proof/format")
    case("session signed", proof(listed(c, _1=(c.blocks[1]["header"], c.blocks[1]["sig"], E))), "proof/format"); case("session with its clear part", proof(listed(c, _1=(c.blocks[1]["header"], E, c.blocks[1]["parts"][0]))), "proof/format")
    case("record without signature", proof(listed(c, _2=(h, E, E))), "proof/format"); case("A4: record with its sealed part", proof(listed(c, _2=(h, sg, age))), "proof/format")
    case("header with a byte after", proof(listed(c, _2=(h + b"\0", sg, E))), "proof/format"); case("net of 31 bytes", proof(listed(c), net=fix("n", 31)), "proof/format"); case("signature of 4,097 bytes", proof(listed(c, _2=(h, fix("s", 4097), E))), "proof/format")
    case("four fields", b"\x94" + whole[1:] + b"\xc4\0", "proof/format"); case("version as a word", b"\x93\xcc\x01" + whole[2:], "proof/format"); case("514 blocks claimed", whole[:36] + b"\xdc\x02\x02" + whole[37:], "proof/format"); case("4 billion blocks claimed", whole[:36] + b"\xdd\xff\xff\xff\xff", "proof/format")
    return cases

if __name__ == "__main__":
    save("proof", proofs())
