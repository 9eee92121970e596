#!/usr/bin/env python3
"""Writes vectors/{shares,sealing,blob}.json from shares.md and sealing.md.

It is written from the pages, not from the Go code, and shares nothing with it: Python's standard library, ChaCha20-Poly1305
as RFC 8439 gives it, GF(256) by logarithm tables. Secrets and nonces are SHA-256 of their names, so that a second run gives
the same files. (hpke.json and session.json hold ML-KEM and were sealed by the Go code; a separate implementation in Python
opened every one of them.) The vectors are committed; only a change of a page runs this again:

    python3 shared/spec/sealing.py
"""
import base64, hashlib, hmac, json, os, struct

# --- ChaCha20-Poly1305, after RFC 8439 -----------------------------------------------------------------------------
def chacha(key, counter, nonce):
    M = 0xffffffff
    s = list(struct.unpack('<16I', b'expand 32-byte k' + key + struct.pack('<I', counter) + nonce))
    x = list(s)
    def quarter(a, b, c, d):
        x[a] = x[a] + x[b] & M; v = x[d] ^ x[a]; x[d] = (v << 16 | v >> 16) & M
        x[c] = x[c] + x[d] & M; v = x[b] ^ x[c]; x[b] = (v << 12 | v >> 20) & M
        x[a] = x[a] + x[b] & M; v = x[d] ^ x[a]; x[d] = (v << 8 | v >> 24) & M
        x[c] = x[c] + x[d] & M; v = x[b] ^ x[c]; x[b] = (v << 7 | v >> 25) & M
    for _ in range(10):
        quarter(0, 4, 8, 12); quarter(1, 5, 9, 13); quarter(2, 6, 10, 14); quarter(3, 7, 11, 15)
        quarter(0, 5, 10, 15); quarter(1, 6, 11, 12); quarter(2, 7, 8, 13); quarter(3, 4, 9, 14)
    return struct.pack('<16I', *((a + b) & M for a, b in zip(x, s)))

def poly1305(key, text):
    r, s, a = int.from_bytes(key[:16], 'little') & 0x0ffffffc0ffffffc0ffffffc0fffffff, int.from_bytes(key[16:], 'little'), 0
    for i in range(0, len(text), 16):
        a = (a + int.from_bytes(text[i:i + 16] + b'\1', 'little')) * r % (2**130 - 5)
    return (a + s & 2**128 - 1).to_bytes(16, 'little')

def encrypt(key, nonce, text, data=b''):
    stream = b''.join(chacha(key, 1 + i, nonce) for i in range((len(text) + 63) // 64))
    ct = (int.from_bytes(text, 'big') ^ int.from_bytes(stream[:len(text)], 'big')).to_bytes(len(text), 'big')
    pad = lambda b: b + bytes(-len(b) % 16)
    return ct + poly1305(chacha(key, 0, nonce)[:32], pad(data) + pad(ct) + struct.pack('<QQ', len(data), len(ct)))

# --- shares.md -----------------------------------------------------------------------------------------------------
H=lambda *a: hashlib.sha256(b''.join(a)).digest()
def rnd(label,n=32):
    o=b''; i=0
    while len(o)<n: o+=hashlib.sha256(b'vector '+label.encode()+bytes([i])).digest(); i+=1
    return o[:n]
net=rnd('net'); session=rnd('session'); record=rnd('record',16)
P=lambda l: b'anamnesis/v1/'+l.encode()+b'\0'+net
def hkdf(k,salt,info):
    prk=hmac.new(salt or b'\0'*32,k,hashlib.sha256).digest()
    return hmac.new(prk,info+b'\1',hashlib.sha256).digest()
def KDF(k,l,*d,salt=None): return hkdf(k,salt if salt is not None else record,P(l)+session+b''.join(d))
def u32(n): return struct.pack('>I',n)
def HH(l,*d): return H(P(l),*d)
def aead(key,text,data=b''): return encrypt(key,b'\0'*12,text,data)
# field by log tables, generator 3
EXP=[0]*510; LOG=[0]*256; x=1
for i in range(255):
    EXP[i]=x; LOG[x]=i
    y=x<<1
    if y&256: y^=0x11b
    x=y^x
for i in range(255,510): EXP[i]=EXP[i-255]
def mul(a,b): return 0 if a==0 or b==0 else EXP[LOG[a]+LOG[b]]
def power(a,n):
    p=1
    for _ in range(n): p=mul(p,a)
    return p
def deal(r,t,n):
    c=[r]+[KDF(r,'poly',u32(j)) for j in range(1,t)]
    out=[]
    for i in range(1,n+1):
        s=bytearray(32)
        for b in range(32):
            v=0
            for j in range(t): v^=mul(c[j][b],power(i,j))
            s[b]=v
        out.append(bytes(s))
    return out
def commit(i,s): return HH('commit',record,u32(i),s)
def seats(r,secrets,scope,t):
    o=b''
    for i,s in enumerate(deal(r,t,len(secrets)),1):
        o+=aead(KDF(secrets[i-1],'share',u32(i),scope),s)+commit(i,s)
    return o
hx=lambda b: b.hex()
def write(name):
    path=os.path.join(os.path.dirname(os.path.abspath(__file__)),'vectors',name+'.json')
    with open(path,'w') as f: json.dump(v,f,indent=1); f.write('\n')
ctx=dict(net=hx(net),session=hx(session),record=hx(record))
R=rnd('R')
S0=rnd('S0')
secrets=[rnd('S%d'%i) for i in range(1,8)]
K=rnd('K')
A=b'\1'+rnd('A')
scopekey=hkdf(K,b'',P('scope'))
scope=HH('scope',A,scopekey)[:16]
ek=b'\1'+rnd('erase key')
v={'source':'spec/shares.md','context':ctx}
v['field']=[dict(a='%02x'%a,b='%02x'%b,product='%02x'%mul(a,b)) for a,b in [(0,0),(0,255),(1,255),(2,128),(0x53,0xca),(0x57,0x83),(0x57,0x13),(255,255),(0x80,0x80)]]
v['kdf']=[dict(key=hx(K),label='section',data='',out=hx(KDF(K,'section'))),
    dict(key=hx(K+R),label='section',data='',out=hx(KDF(K+R,'section'))),
    dict(key=hx(S0),label='owner',data=hx(scope),out=hx(KDF(S0,'owner',scope))),
    dict(key=hx(S0),label='erase',data=hx(u32(1)),out=hx(KDF(S0,'erase',u32(1))))]
v['scope']=[dict(authority=hx(A),key=hx(K),scope_key=hx(scopekey),scope=hx(scope),commitment=hx(HH('scope-of',record,scope)))]
v['erase']=[dict(erase_key=hx(ek),s0=hx(S0),c=c,opening=hx(KDF(S0,'erase',u32(c))),commitment=hx(HH('erase',ek,KDF(S0,'erase',u32(c))))) for c in (0,1,258)]
v['deal']=[dict(name='%d of %d'%(t,n),secret=hx(R),t=t,n=n,shares=[hx(s) for s in deal(R,t,n)]) for t,n in [(1,1),(3,4),(5,7),(11,16),(16,16)]]
v['deal_refused']=[dict(name=nm,t=t,n=n) for nm,t,n in [('t is 0',0,4),('t above n',5,4),('negative t',-1,4),('no seats',0,0),('17 seats',12,17),('t above 255',256,256)]]
sh=deal(R,3,4); S=lambda i,val=None: dict(index=i,value=hx(sh[i-1] if val is None else val))
v['combine']=[dict(name='seats 1 2 3',t=3,shares=[S(1),S(2),S(3)],secret=hx(R)),
    dict(name='seats 4 1 3, any order',t=3,shares=[S(4),S(1),S(3)],secret=hx(R)),
    dict(name='seats 2 3 4',t=3,shares=[S(2),S(3),S(4)],secret=hx(R))]
Z=b'\0'*32
v['combine_refused']=[
    dict(name='none',t=3,shares=[],seat=0),
    dict(name='t is 0',t=0,shares=[],seat=0),
    dict(name='one too few',t=3,shares=[S(1),S(2)],seat=0),
    dict(name='one too many',t=3,shares=[S(1),S(2),S(3),S(4)],seat=0),
    dict(name='index 0',t=3,shares=[S(1),S(2),dict(index=0,value=hx(R))],seat=0),
    dict(name='index 17',t=3,shares=[S(1),S(2),dict(index=17,value=hx(Z))],seat=17),
    dict(name='index 255',t=3,shares=[S(1),dict(index=255,value=hx(Z)),S(2)],seat=255),
    dict(name='the same seat twice',t=3,shares=[S(1),S(2),S(2)],seat=2),
    dict(name='the same seat twice with another value',t=3,shares=[S(1),S(1,sh[1]),S(3)],seat=1),
    dict(name='empty value',t=3,shares=[S(1),S(2),dict(index=3,value='')],seat=3),
    dict(name='value of 31 bytes',t=3,shares=[S(1),dict(index=2,value=hx(sh[1][:31])),S(3)],seat=2),
    dict(name='value of 33 bytes',t=3,shares=[dict(index=1,value=hx(sh[0]+b'\0')),S(2),S(3)],seat=1)]
ss=seats(R,secrets[:4],scope,3)
v['seats']=[dict(name='3 of 4',secret=hx(R),t=3,secrets=[hx(s) for s in secrets[:4]],scope=hx(scope),seats=hx(ss),shares=[hx(s) for s in sh]),
    dict(name='5 of 7',secret=hx(R),t=5,secrets=[hx(s) for s in secrets],scope=hx(scope),seats=hx(seats(R,secrets,scope,5)),shares=[hx(s) for s in deal(R,5,7)])]
def flip(b,i): b=bytearray(b); b[i]^=1; return bytes(b)
other=rnd('other')
v['open_seat_refused']=[
    dict(name='seat 0',seats=hx(ss),seat=0,secret=hx(S0),scope=hx(scope)),
    dict(name='seat 5 of 4',seats=hx(ss),seat=5,secret=hx(secrets[4]),scope=hx(scope)),
    dict(name='secret of another seat',seats=hx(ss),seat=2,secret=hx(secrets[0]),scope=hx(scope)),
    dict(name='another scope',seats=hx(ss),seat=2,secret=hx(secrets[1]),scope=hx(flip(scope,15))),
    dict(name='wrap altered',seats=hx(flip(ss,80)),seat=2,secret=hx(secrets[1]),scope=hx(scope)),
    dict(name='wrap tag altered',seats=hx(flip(ss,80+47)),seat=2,secret=hx(secrets[1]),scope=hx(scope)),
    dict(name='commitment altered',seats=hx(flip(ss,80+48)),seat=2,secret=hx(secrets[1]),scope=hx(scope)),
    dict(name='wraps of two seats swapped',seats=hx(ss[80:160]+ss[:80]+ss[160:]),seat=2,secret=hx(secrets[1]),scope=hx(scope)),
    dict(name='wrap opens to an uncommitted share',seats=hx(ss[:80]+aead(KDF(secrets[1],'share',u32(2),scope),other)+ss[128:]),seat=2,secret=hx(secrets[1]),scope=hx(scope)),
    dict(name='one byte short',seats=hx(ss[:-1]),seat=2,secret=hx(secrets[1]),scope=hx(scope)),
    dict(name='one byte long',seats=hx(ss+b'\0'),seat=2,secret=hx(secrets[1]),scope=hx(scope)),
    dict(name='empty',seats='',seat=1,secret=hx(secrets[0]),scope=hx(scope)),
    dict(name='17 seats',seats=hx(ss*4+ss[:80]),seat=1,secret=hx(secrets[0]),scope=hx(scope))]
v['check_seats_refused']=[
    dict(name='another secret',secret=hx(flip(R,0)),t=3,seats=hx(ss),seat=1),
    dict(name='another t',secret=hx(R),t=2,seats=hx(ss),seat=1),
    dict(name='t is 0',secret=hx(R),t=0,seats=hx(ss),seat=0),
    dict(name='t above n',secret=hx(R),t=5,seats=hx(ss),seat=0),
    dict(name='commitment of seat 4 altered',secret=hx(R),t=3,seats=hx(flip(ss,319)),seat=4),
    dict(name='commitment of seat 3 is of another value',secret=hx(R),t=3,seats=hx(ss[:208]+commit(3,other)+ss[240:]),seat=3),
    dict(name='seats 1 and 2 swapped',secret=hx(R),t=3,seats=hx(ss[80:160]+ss[:80]+ss[160:]),seat=1),
    dict(name='cut',secret=hx(R),t=3,seats=hx(ss[:-80]+ss[-79:]),seat=0)]
acc=rnd('access'); salt=rnd('salt'); text=b'share in the clear'
msg=lambda l: aead(KDF(S0,l,salt=salt),text,acc+b'\0')
v['message']=[dict(access=hx(acc),seat=0,salt=hx(salt),secret=hx(S0),text=hx(text),up=hx(msg('share up')),down=hx(msg('share down')))]
write('shares')

# --- sealing.md §1 to §3 -------------------------------------------------------------------------------------------
b64=lambda b: base64.b64encode(b).rstrip(b'=').decode()
def header(kind,args,body,fk,width=64,mac=None,version='v1'):
    h='age-encryption.org/%s\n-> %s\n'%(version,' '.join([kind]+args))
    e=b64(body)
    if width: 
        i=0
        while True:
            line=e[i:i+width]; h+=line+'\n'; i+=width
            if len(line)<width: break
    h+='---'
    m=mac if mac is not None else hmac.new(hkdf(fk,b'',b'header'),h.encode(),hashlib.sha256).digest()
    return (h+' '+b64(m)+'\n').encode()
def stream(fk,nonce,pt):
    k=hkdf(fk,nonce,b'payload'); o=nonce; n=max(1,(len(pt)+65535)//65536)
    for i in range(n):
        o+=encrypt(k,i.to_bytes(11,'big')+bytes([1 if i==n-1 else 0]),pt[i*65536:(i+1)*65536])
    return o
fk=rnd('file key',16); nonce=rnd('stream nonce',16)
args=[b64(session),b64(record)]
ownerst=aead(KDF(S0,'owner',scope),R); secst=aead(KDF(K+R,'section'),fk)
def agef(pt,body=None,kind='anamnesis.v1',a=None,**kw): return header(kind,a if a is not None else args,body if body is not None else ownerst+secst,fk,**kw)+stream(fk,nonce,pt)
oobody=aead(KDF(S0,'manifest'),fk+b'\0'*16)+rnd('unused',32)
pt=b'\0\0\0\5hello'+b'\0'*503
good=agef(pt); oo=agef(pt,body=oobody)
assert len(good)==len(pt)+294, len(good)
v={'source':'spec/sealing.md','context':ctx,'keys':dict(s0=hx(S0),k=hx(K),scope=hx(scope),r=hx(R),file_key=hx(fk))}
v['record']=[dict(name='512 bytes',file=hx(good),plaintext=hx(pt),owner_stanza=hx(ownerst),section_stanza=hx(secst)),
    dict(name='empty',file=hx(agef(b'')),plaintext='',owner_stanza=hx(ownerst),section_stanza=hx(secst))]
v['owner_only']=[dict(name='512 bytes',file=hx(oo),plaintext=hx(pt))]
bad=aead(KDF(S0,'manifest'),fk+b'\0'*15+b'\1')+rnd('unused',32)
v['owner_only_refused']=[dict(name='tail not zero',file=hx(agef(pt,body=bad))),
    dict(name='an ordinary record',file=hx(good)),
    dict(name='stanza altered',file=hx(agef(pt,body=flip(oobody,0)))),
    dict(name='of another record',file=hx(agef(pt,body=oobody,a=[b64(session),b64(rnd('another',16))]))),
    dict(name='of another session',file=hx(agef(pt,body=oobody,a=[b64(rnd('another')),b64(record)])))]
def rep(f,a,b,n=1):
    assert a in f,a; return f.replace(a,b,n)
sid=args[0].encode(); rid=args[1].encode()
spare=lambda s: s[:-1]+bytes([s[-1]+1])  # sets a spare bit: canonical last digits are even in the alphabet
l1=b64(ownerst+secst)[:64].encode(); l2=b64(ownerst+secst)[64:].encode()
hl=262
macline=good[hl-48:hl]
hr=[
    ('empty file',b''),
    ('header cut',good[:hl-1]),
    ('version 0',agef(pt,version='v0')),
    ('version 2',agef(pt,version='v2')),
    ('carriage returns',rep(good,b'\n',b'\r\n',6)),
    ('stanza of version 2',agef(pt,kind='anamnesis.v2')),
    ('classic stanza alone',header('X25519',[b64(rnd('x'))],rnd('y'),fk)+stream(fk,nonce,pt)),
    ('hybrid stanza alone',header('mlkem768x25519',[b64(rnd('x',1120))],rnd('y'),fk)+stream(fk,nonce,pt)),
    ('scrypt stanza alone',header('scrypt',[b64(rnd('x',16)),'10'],rnd('y'),fk)+stream(fk,nonce,pt)),
    ('stanza type in upper case',agef(pt,kind='ANAMNESIS.V1')),
    ('no stanza',b'age-encryption.org/v1\n'+macline+stream(fk,nonce,pt)),
    ('argument missing',agef(pt,a=args[:1])),
    ('argument more',agef(pt,a=args+['x'])),
    ('arguments swapped',agef(pt,a=args[::-1])),
    ('session id of 31 bytes',agef(pt,a=[b64(session[:31]),args[1]])),
    ('record id of 17 bytes',agef(pt,a=[args[0],b64(record+b'\0')])),
    ('record id padded',agef(pt,a=[args[0],args[1]+'=='])),
    ('session id with a spare bit',rep(good,sid,spare(sid))),
    ('record id with a spare bit',rep(good,rid,spare(rid))),
    ('base64url',rep(good,rid,b'_'+rid[1:])),
    ('two spaces',rep(good,b' '+rid,b'  '+rid)),
    ('space at end of line',rep(good,rid+b'\n',rid+b' \n')),
    ('body of 79 bytes',agef(pt,body=(ownerst+secst)[:79])),
    ('body of 81 bytes',agef(pt,body=ownerst+secst+b'\0')),
    ('body in one line',agef(pt,width=200)),
    ('body in lines of 60',agef(pt,width=60)),
    ('body empty',agef(pt,body=b'')),
    ('body with a spare bit',rep(good,l2,spare(l2))),
    ('line feed in body',rep(good,l1,l1[:32]+b'\n'+l1[32:])),
    ('second stanza of the same kind',rep(good,b'--- ',b'-> anamnesis.v1 '+sid+b' '+rid+b'\n'+l1+b'\n'+l2+b'\n--- ')),
    ('grease stanza after',rep(good,b'--- ',b'-> x-grease\n\n--- ')),
    ('grease stanza before',rep(good,b'-> ',b'-> x-grease\n\n-> ')),
    ('MAC of 31 bytes',header('anamnesis.v1',args,ownerst+secst,fk,mac=b'\0'*31)+stream(fk,nonce,pt)),
    ('MAC with a spare bit',good[:hl-2]+bytes([good[hl-2]+1])+good[hl-1:]),
    ('no space before MAC',rep(good,b'--- ',b'---')),
    ('two dashes',rep(good,b'--- ',b'-- ')),
    ('tab between the ids',rep(good,b' '+rid,b'\t'+rid)),
    ('space for the line end after the ids',rep(good,rid+b'\n',rid+b' ')),
    ('space for the line end in the body',rep(good,l1+b'\n',l1+b' ')),
    ('space for the line end before the MAC',rep(good,b'\n--- ',b' --- ')),
    ('space for the last line end',good[:hl-1]+b' '+good[hl:]),
    ('armored',b'-----BEGIN AGE ENCRYPTED FILE-----\n'+base64.encodebytes(good)+b'-----END AGE ENCRYPTED FILE-----\n')]
v['header_refused']=[dict(name=n,file=hx(f)) for n,f in hr]
orr=[
    ('header alone',good[:hl]),
    ('stream nonce cut',good[:hl+15]),
    ('no chunk',good[:hl+16]),
    ('last byte cut',good[:-1]),
    ('one byte more',good+b'\0'),
    ('last bit of tag',flip(good,len(good)-1)),
    ('first byte of text',flip(good,hl+16)),
    ('stream nonce altered',flip(good,hl)),
    ('MAC altered',header('anamnesis.v1',args,ownerst+secst,fk,mac=rnd('mac'))+stream(fk,nonce,pt)),
    ('MAC of another header',rep(good,rid,b64(rnd('another',16)).encode())),
    ('owner stanza altered after the MAC',rep(good,l1,b64(flip(ownerst,0)+secst)[:64].encode())),
    ('chunk without the last flag',good[:hl+16]+encrypt(hkdf(fk,nonce,b'payload'),b'\0'*12,pt)),
    ('empty last chunk after a full one',header('anamnesis.v1',args,ownerst+secst,fk)+nonce+encrypt(hkdf(fk,nonce,b'payload'),b'\0'*10+b'\1\1',b''))]
v['open_refused']=[dict(name=n,file=hx(f)) for n,f in orr]
write('sealing')

# --- sealing.md §4 and §5 ------------------------------------------------------------------------------------------
def blobfile(pt,fk,nonce,rec=record,kind='anamnesis.blob.v1',version='v1'):
    h='age-encryption.org/%s\n-> %s %s\n\n---'%(version,kind,b64(rec))
    m=hmac.new(hkdf(fk,b'',b'header'),h.encode(),hashlib.sha256).digest()
    return (h+' '+b64(m)+'\n').encode()+stream(fk,nonce,pt)
leafh=lambda b: H(b'\0',b)
def root(l):
    if len(l)==1: return l[0]
    k=1
    while k*2<len(l): k*=2
    return H(b'\1',root(l[:k]),root(l[k:]))
def pattern(n): # i-th 32 bytes are SHA-256 of i as 4 bytes
    return b''.join(H(u32(i)) for i in range((n+31)//32))[:n]
def leaves(er,f): return [er]+[f[i:i+262144] for i in range(0,len(f),262144)]
er=HH('erase',ek,KDF(S0,'erase',u32(1)))
v={'source':'spec/sealing.md','note':'bytes: the i-th 32 bytes are SHA-256 of i in 4 bytes big-endian, cut to size; then zeros to padded','record':hx(record),'erase':hx(er),'file_key':hx(fk),'stream_nonce':hx(nonce)}
out=[]
for size,padded in [(0,512),(1,512),(512,512),(65536,65536),(65537,66560),(262144-147,262144-147),(262144-146,262144-146),(600000,606208)]:
    data=pattern(size); f=blobfile(data+b'\0'*(padded-size),fk,nonce); ls=leaves(er,f); hs=[leafh(l) for l in ls]
    out.append(dict(size=size,padded=padded,sha256=hx(H(data)),leaves=[hx(h) for h in hs],root=hx(root(hs)),last_leaf=len(ls[-1])))
v['blob']=out
data=pattern(600); padded=608; full=data+b'\0'*8; f=blobfile(full,fk,nonce)
def neg(name,f,size=600,padded=608,key=fk,hs=None,rt=None,served=None,error='open'):
    ls=leaves(er,f); h=hs or [leafh(l) for l in ls]
    return dict(name=name,size=size,padded=padded,file_key=hx(key),sha256=hx(H(data)),leaves=[hx(x) for x in h],root=hx(rt or root(h)),served=[hx(x) for x in (served or ls)],error=error)
good=leaves(er,f); gh=[leafh(l) for l in good]
inner=H(b'\1',gh[0],gh[1])
v['blob_refused']=[
    neg('of another record',blobfile(full,fk,nonce,rec=rnd('another',16)),error='header'),
    neg('another stanza',blobfile(full,fk,nonce,kind='anamnesis.blob.v2'),error='header'),
    neg('version 0',blobfile(full,fk,nonce,version='v0'),error='header'),
    neg('another file key',f,key=flip(fk,0)),
    neg('MAC altered',f[:114-20]+(b'A' if f[94:95]!=b'A' else b'B')+f[95:]),
    neg('text altered',flip(f,131)),
    neg('tag altered',flip(f,len(f)-1)),
    neg('padding not zero',blobfile(data+b'\0'*7+b'\1',fk,nonce)),
    neg('other bytes than named',blobfile(flip(full,0),fk,nonce)),
    neg('root of other leaves',f,rt=rnd('root'),error='leaf'),
    neg('hash of a leaf altered',f,hs=[gh[0],rnd('leaf')],error='leaf'),
    neg('served leaf altered',f,hs=gh,served=[good[0],flip(good[1],200)],error='leaf'),
    neg('served leaf cut',f,hs=gh,served=[good[0],good[1][:-1]],error='leaf'),
    neg('served leaf extended',f,hs=gh,served=[good[0],good[1]+b'\0'],error='leaf'),
    neg('served leaves swapped',f,hs=gh,served=good[::-1],error='leaf'),
    neg('a leaf missing',f,hs=gh[:1],error='leaf'),
    neg('a leaf more',f,hs=gh+[leafh(b'')],error='leaf'),
    neg('an inner node as the only leaf',f,hs=[inner],rt=root(gh),error='leaf'),
    neg('two nodes as a leaf',f,hs=[gh[0],gh[1]],served=[good[0],b'\1'+gh[0]+gh[1]],error='leaf'),
    neg('the empty root',f,hs=gh,rt=H(b''),error='leaf'),
    neg('a piece a byte longer, its hash named',f,served=[good[0],good[1]+b'\0'],hs=[gh[0],leafh(good[1]+b'\0')],error='leaf'),
    neg('a piece a byte shorter, its hash named',f,served=[good[0],good[1][:-1]],hs=[gh[0],leafh(good[1][:-1])],error='leaf'),
    neg('size above padded',f,size=609,error='leaf'),
    neg('padded understated',f,padded=607,error='leaf'),
    neg('padded overstated',f,padded=624,error='leaf'),
    neg('negative size',f,size=-1,error='leaf')]
write('blob')
