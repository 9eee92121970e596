#!/usr/bin/env python3
"""Writes vectors/{padme,record,kit,meeting,device,folder}.json from record.md, kit.md, meeting.md, device.md and folder.md.

It is written from the pages, not from the Go code, and shares nothing with it but the word list: Python's standard library,
ChaCha20-Poly1305 as RFC 8439 and HChaCha20 as draft-irtf-cfrg-xchacha give them. Everything in it is fixed, so that a second
run gives the same files. The vectors are committed; only a change of a page runs this again:

    python3 shared/spec/folder.py
"""
import base64, hashlib, hmac, json, os, re, struct

HERE = os.path.dirname(os.path.abspath(__file__))
# the word list is data, with its own hash in the file
W = ''.join(re.findall(r'^\t"(.*)"', open(os.path.join(HERE, '../folder/english.go')).read(), re.M)).split()
assert hashlib.sha256(('\n'.join(W) + '\n').encode()).hexdigest().startswith('2f5eed53')

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

# --- msgpack
def uint(n):
    if n<128: return bytes([n])
    if n<256: return b'\xcc'+bytes([n])
    if n<1<<16: return b'\xcd'+struct.pack('>H',n)
    if n<1<<32: return b'\xce'+struct.pack('>I',n)
    return b'\xcf'+struct.pack('>Q',n)
def bin_(b):
    n=len(b)
    if n<256: return b'\xc4'+bytes([n])+b
    if n<1<<16: return b'\xc5'+struct.pack('>H',n)+b
    return b'\xc6'+struct.pack('>I',n)+b
def str_(s):
    b=s.encode() if isinstance(s,str) else s; n=len(b)
    if n<32: return bytes([0xa0|n])+b
    if n<256: return b'\xd9'+bytes([n])+b
    return b'\xda'+struct.pack('>H',n)+b
def arr(*xs):
    n=len(xs)
    h=bytes([0x90|n]) if n<16 else b'\xdc'+struct.pack('>H',n)
    return h+b''.join(xs)
def padme(n):
    if n<=512: return 512
    e=n.bit_length()-1; s=e.bit_length(); low=e-s; m=(1<<low)-1
    return (n+m)&~m
def pad(a):
    p=struct.pack('>I',len(a))+a
    return p+bytes(padme(len(p))-len(p))
def hkdf(k,info,n=32):
    prk=hmac.new(bytes(32),k,hashlib.sha256).digest(); t=b'';o=b'';i=1
    while len(o)<n: t=hmac.new(prk,t+info+bytes([i]),hashlib.sha256).digest(); o+=t; i+=1
    return o[:n]
def D(net,k,label,ctx=b''): return hkdf(k,b'anamnesis/v1/'+label.encode()+b'\0'+net+ctx)
def seq(n,a=0): return bytes((a+i)&255 for i in range(n))
def sha(b): return hashlib.sha256(b).digest()
def dump(name,obj):
    with open(os.path.join(HERE,'vectors',name),'w') as f: json.dump(obj,f,indent=1,ensure_ascii=True); f.write('\n')

# --- padme
dump('padme.json',{
 'source':'spec/record.md section 1',
 'padded':[{'name':f'{n} bytes','in':n,'out':padme(n)} for n in [0,1,511,512,513,528,529,544,1000,1023,1024,1025,1056,1057,2047,2048,2049,4095,4096,4097,8191,8192,8193,16383,16384,16385,65535,65536,65537,262144,262145,1000000,1048576,1048577,4294967295,4294967296]],
})
# --- record
folder=seq(32,1); ref1=seq(32,0x40); ref2=seq(32,0x60)
def rec(kind=5,folder=folder,section=1,media='text/plain',time=1763643600000,refs=(),cred=b'',sig=b'',source=b'',form=0,content=None,version=1):
    return arr(uint(version),uint(kind),bin_(folder),uint(section),str_(media),uint(time),arr(*[bin_(r) for r in refs]),bin_(cred),bin_(sig),bin_(source),uint(form),content)
def blob(root=seq(32,0x80),size=300000,leaves=3,key=seq(16,0xa0),h=seq(32,0xc0)):
    return arr(bin_(root),uint(size),uint(leaves),bin_(key),bin_(h))
h=lambda b:b.hex()
def R(name,kind=5,section=1,media='text/plain',time=1763643600000,refs=(),cred=b'',sig=b'',source=b'',content=b'',bl=None):
    f=dict(kind=kind,folder=h(folder),section=section,mediaType=media,timeMS=time,refs=[h(r) for r in refs],credential=h(cred),signature=h(sig),source=h(source))
    if bl is None:
        a=rec(kind,folder,section,media,time,refs,cred,sig,source,0,bin_(content)); f['content']=h(content)
    else:
        a=rec(kind,folder,section,media,time,refs,cred,sig,source,1,blob(**bl)); f['blob']=dict(root=h(seq(32,0x80)),size=bl.get('size',300000),leaves=bl.get('leaves',3),fileKey=h(seq(16,0xa0)),sha256=h(seq(32,0xc0)))
    return dict(name=name,record=f,array=h(a),padded=padme(4+len(a)))
good=[R('note',content='slept well'.encode()),
 R('FHIR of a file',kind=3,section=3,media='application/fhir+json',refs=[ref1,ref2],cred=seq(40),sig=seq(64,9),source=seq(16,3),content=b'{"resourceType":"Basic"}'),
 R('blob',kind=4,section=4,media='application/dicom',bl={}),
 R('largest blob',kind=4,media='',bl=dict(size=1<<32,leaves=1<<20)),
 R('owner only',kind=1,section=0,media='',content=b'\x90'),
 R('newer kind',kind=64,section=2,content=b'x'),
 R('newer kind, owner only',kind=1023,section=0,content=b'x'),
 R('16 bit lengths',content=seq(300)),
 R('note, newer version',media='text/plain;rel=amends',refs=[ref1],content=b'slept badly'),
 R('FHIR, newer version of two',kind=3,media='application/fhir+json;rel=amends',refs=[ref1,ref2],content=b'{"resourceType":"Basic"}'),
 R('time 0',time=0), R('time 2^63-1',time=(1<<63)-1)]
N=bin_(b'slept well')
ok=rec(content=N)
def bad(name,b,err='record/format'): return dict(name=name,array=h(b),error=err)
negs=[bad('empty',b''),bad('nil',b'\xc0'),bad('map',b'\x80'),bad('eleven fields',b'\x9b'+ok[1:]),bad('thirteen fields',b'\x9d'+ok[1:]),
 bad('array 16 header',b'\xdc\x00\x0c'+ok[1:]),bad('one byte more',ok+b'\x00'),bad('cut by one',ok[:-1]),
 bad('version 0',rec(version=0,content=N),'record/version'),bad('version 2',rec(version=2,content=N),'record/version'),
 bad('version not shortest',b'\x9c\xcc\x01'+ok[2:]),bad('version signed',b'\x9c\xd0\x01'+ok[2:]),
 bad('kind 0',rec(kind=0,content=N)),bad('kind 65536',rec(kind=65536,content=N)),
 bad('folder id of 31',rec(folder=seq(31),content=N)),bad('folder id of 33',rec(folder=seq(33),content=N)),
 bad('folder id as text',ok.replace(bin_(folder),str_(bytes(folder)))),bad('folder id in bin 16',ok.replace(bin_(folder),b'\xc5\x00\x20'+folder)),
 bad('section 7',rec(section=7,content=N)),bad('note for the owner only',rec(section=0,content=N)),bad('manifest in a section',rec(kind=1,content=N)),
 bad('looked in a section',rec(kind=9,section=2,content=N)),
 bad('media type not UTF-8',ok.replace(str_('text/plain'),str_(b'text/\xff'))),bad('media type not ASCII',rec(media='text/\u00e9',content=N)),
 bad('media type of 256',rec(media='a'*256,content=N)),bad('media type as bytes',ok.replace(str_('text/plain'),bin_(b'text/plain'))),
 bad('media type in str 8',ok.replace(str_('text/plain'),b'\xd9\x0atext/plain')),
 bad('time 2^63',rec(time=1<<63,content=N)),bad('time in 32 bits too many',rec(time=7,content=N).replace(b'\x07\x90',b'\xce\x00\x00\x00\x07\x90')),
 bad('refs descend',rec(refs=[ref2,ref1],content=N)),bad('one ref twice',rec(refs=[ref1,ref1],content=N)),bad('ref of 31',rec(refs=[ref1[:31]],content=N)),
 bad('65 refs',rec(refs=[bytes([i])+bytes(31) for i in range(65)],content=N)),
 bad('credential of 1025',rec(cred=bytes(1025),content=N)),
 bad('source id of 15',rec(source=seq(15),content=N)),bad('source id zero',rec(source=bytes(16),content=N)),
 bad('form 2',rec(form=2,content=N)),bad('form 1 of bytes',rec(form=1,content=N)),bad('form 0 of a blob',rec(form=0,content=blob())),
 bad('content as text',rec(content=str_('slept well'))),bad('content in bin 16',rec(content=b'\xc5\x00\x0aslept well')),
 bad('blob of four fields',rec(form=1,content=b'\x94'+blob()[1:-34])),bad('blob size 2^32+1',rec(form=1,content=blob(size=(1<<32)+1))),
 bad('blob leaves 2^20+1',rec(form=1,content=blob(leaves=(1<<20)+1))),bad('blob key of 15',rec(form=1,content=blob(key=seq(15)))),
 bad('blob key of 32',rec(form=1,content=blob(key=seq(32)))),
]
g=pad(ok)
pads=[('511 bytes',g[:511]),('one zero more',g+b'\0'),('last byte set',g[:-1]+b'\x01'),('first padding byte set',g[:4+len(ok)]+b'\x01'+g[5+len(ok):]),
 ('length one short',struct.pack('>I',len(ok)-1)+g[4:]),('length 2^32-1',b'\xff'*4+g[4:]),('padded to the next step',g+bytes(16)),('nothing',b'')]
# contents
id_=lambda c:bytes([c])*32
src=arr(uint(1),bin_(seq(16,1)),str_('\u00e5r.json'),str_('application/fhir+json'),uint(30),bin_(seq(32,2)),arr(arr(uint(0),bin_(b'[')),arr(uint(1),bin_(id_(3))),arr(uint(1),bin_(id_(3))),arr(uint(0),bin_(b']'))))
ver=arr(uint(2),str_('not mine')); rule=arr(bin_(id_(4)),arr(uint(1),uint(4)),uint(1763643600000),uint(0))
hide=arr(arr(bin_(id_(5)),bin_(id_(6))),uint(1)); looked=arr(bin_(id_(7)),arr(bin_(id_(8)),bin_(id_(9))),arr(bin_(id_(10))),uint(1763643600000))
def C(kind,name,b,err=None):
    d=dict(kind=kind,name=name,bytes=h(b))
    if err: d['error']=err
    return d
F='record/format'
contents=[C('source','two gaps, one record twice',src),C('source','empty file',arr(uint(1),bin_(seq(16,1)),str_(''),str_(''),uint(0),bin_(seq(32,2)),arr())),
 C('source','version 2',b'\x97\x02'+src[2:],'record/version'),C('source','id zero',src.replace(bin_(seq(16,1)),bin_(bytes(16))),F),
 C('source','empty gap',src.replace(arr(uint(0),bin_(b'[')),arr(uint(0),bin_(b''))),F),C('source','piece form 2',src.replace(arr(uint(0),bin_(b'[')),arr(uint(2),bin_(b'['))),F),
 C('source','record as gap of three fields',src.replace(arr(uint(0),bin_(b'[')),arr(uint(0),bin_(b'['),uint(0))),F),
 C('source','two gaps beside each other',arr(uint(1),bin_(seq(16,1)),str_(''),str_(''),uint(2),bin_(seq(32,2)),arr(arr(uint(0),bin_(b'[')),arr(uint(0),bin_(b']')))),F),
 C('source','gaps past the size',src.replace(uint(30)+bin_(seq(32,2)),uint(1)+bin_(seq(32,2))),F),
 C('source','file name of 256',arr(uint(1),bin_(seq(16,1)),str_('x'*256),str_(''),uint(0),bin_(seq(32,2)),arr()),F),
 C('source','pieces promised, not there',src[:src.index(b'\x94\x92')]+b'\xdd\x00\x00\x9c\x40',F),
 C('verdict','dispute',ver),C('verdict','accept',arr(uint(1),str_(''))),C('verdict','withdraw',arr(uint(3),str_(''))),
 C('verdict','opinion 0',arr(uint(0),str_('')),F),C('verdict','opinion 4',arr(uint(4),str_('')),F),C('verdict','reason of 1001',arr(uint(1),str_('x'*1001)),F),
 C('verdict','reason missing',arr(uint(1)),F),C('verdict','reason not UTF-8',arr(uint(1),str_(b'\xff')),F),C('verdict','one byte more',ver+b'\0',F),
 C('rule','two sections, open end',rule),C('rule','until',arr(bin_(id_(4)),arr(uint(6)),uint(1),uint(2))),
 C('rule','no section',arr(bin_(id_(4)),arr(),uint(1),uint(2)),F),C('rule','section 0',arr(bin_(id_(4)),arr(uint(0)),uint(1),uint(2)),F),
 C('rule','section 7',arr(bin_(id_(4)),arr(uint(7)),uint(1),uint(2)),F),C('rule','sections descend',arr(bin_(id_(4)),arr(uint(2),uint(1)),uint(1),uint(2)),F),
 C('rule','section twice',arr(bin_(id_(4)),arr(uint(2),uint(2)),uint(1),uint(2)),F),C('rule','over at once',arr(bin_(id_(4)),arr(uint(1)),uint(2),uint(2)),F),
 C('rule','writer of 31',arr(bin_(id_(4)[:31]),arr(uint(1)),uint(1),uint(2)),F),
 C('hide','two',hide),C('hide','show',arr(arr(bin_(id_(5))),uint(0))),C('hide','nothing',arr(arr(),uint(1)),F),C('hide','neither',arr(arr(bin_(id_(5))),uint(2)),F),
 C('hide','descend',arr(arr(bin_(id_(6)),bin_(id_(5))),uint(1)),F),C('hide','bool',arr(arr(bin_(id_(5))),b'\xc3'),F),
 C('looked','two given, one refused',looked),C('looked','nothing',arr(bin_(id_(7)),arr(),arr(),uint(0))),
 C('looked','given and refused',arr(bin_(id_(7)),arr(bin_(id_(8))),arr(bin_(id_(8))),uint(1)),F),C('looked','given twice',arr(bin_(id_(7)),arr(bin_(id_(8)),bin_(id_(8))),arr(),uint(1)),F),
 C('looked','time missing',arr(bin_(id_(7)),arr(),arr()),F),
]
# what refs say: kind, media type, number of refs -> relation and the content's own media type
def L(name,kind,media,refs,says,own=None): return dict(name=name,kind=kind,mediaType=media,refs=refs,says=says,own=media if own is None else own)
relations=[L('note of its own',5,'text/plain',0,''),L('answer',5,'text/plain',1,'answers'),L('attachment',4,'image/jpeg',1,'attached'),
 L('document of its own',4,'image/jpeg',0,''),L('FHIR with a ref',3,'application/fhir+json',1,''),
 L('newer note',5,'text/plain;rel=amends',1,'amends','text/plain'),L('newer FHIR of two',3,'application/fhir+json;rel=amends',2,'amends','application/fhir+json'),
 L('newer document',4,'image/jpeg;rel=amends',1,'amends','image/jpeg'),L('of no media type',4,';rel=amends',1,'amends',''),
 L('amends nothing',5,'text/plain;rel=amends',0,'','text/plain'),
 L('space',5,'text/plain; rel=amends',1,'answers'),L('capitals',5,'text/plain;REL=amends',1,'answers'),L('quoted',5,'text/plain;rel="amends"',1,'answers'),
 L('not last',5,'text/plain;rel=amends;charset=utf-8',1,'answers'),L('one letter more',5,'text/plain;rel=amendsx',1,'answers'),
 L('behind another',5,'text/plain;charset=utf-8;rel=amends',1,'amends','text/plain;charset=utf-8'),
 L('twice',5,'text/plain;rel=amends;rel=amends',1,'amends','text/plain;rel=amends'),
 L('verdict',6,'',1,''),L('verdict with the suffix',6,';rel=amends',1,''),L('source',2,'x;rel=amends',1,''),L('newer kind',64,'text/plain;rel=amends',1,'')]
dump('record.json',{'source':'spec/record.md sections 2 and 3','records':good,'refused':negs,'padding':[dict(name=n,padded=h(b),error=F) for n,b in pads],'contents':contents,'relations':relations})

# --- split: what is a record of a file and what is gap, by Python's own JSON reader
def split(name,text,err=None,at=0):
    b=text.encode()
    if err: return dict(name=name,file=h(b),error=err,at=at)
    pos=0; pieces=[]; dec=json.JSONDecoder(); t=text.removeprefix('\ufeff'); first=len(text)-len(t)
    while True:
        while pos<len(t) and t[pos] in ' \t\r\n': pos+=1
        if pos==len(t): break
        v,end=dec.raw_decode(t,pos); assert isinstance(v['resourceType'],str)
        pieces.append([len(text[:first+pos].encode()),len(text[:first+end].encode())]); pos=end
    return dict(name=name,file=h(b),kind='ndjson' if len(pieces)>1 else 'resource',records=pieces)
A='{"resourceType":"A","v":1.00}'; Bu='{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A"}}]}'
splits=[split('one',A),split('one and a line feed',A+'\n'),split('two',A+'\n'+A),split('two, line feed last',A+'\n'+A+'\n'),split('CRLF, empty lines',A+'\r\n\r\n'+A+'\r\n'),
 split('byte-order mark','\ufeff'+A+'\n'+A),split('spaces around',' '+A+' \n\t'+A+' '),split('bundles on lines',Bu+'\n'+Bu),split('Arabic',A+'\n{"resourceType":"A","x":"\u0623\u0645\u064a\u0646\u0629"}'),
 split('a value over two lines','{"resourceType":\n"A"}\n'+A),
 split('two on one line',A+' '+A,'import/json',30),split('nothing between',A+A,'import/json',29),split('a comma between',A+',\n'+A,'import/json',29),
 split('carriage return alone',A+'\r'+A,'import/json',30),split('second cut',A+'\n{"resourceType":"A"','import/json',49),split('words after',A+'\nend','import/json',30),
 split('second without type',A+'\n{"v":1}','import/not-fhir',30),split('first without type','{"v":1}\n'+A,'import/not-fhir',0),split('a number',A+'\n7','import/not-fhir',30),
 split('array of resources',A+'\n['+A+']','import/not-fhir',30),split('second byte-order mark',A+'\n\ufeff'+A,'import/json',30),
 split('a name twice on a later line',A+'\n{"resourceType":"A","a":1,"a":2}','import/duplicate-key',56),
]
dump('split.json',splits)

# --- kit
def words(bits,n): return [W[(bits>>(11*(n-1-i)))&2047] for i in range(n)]
def kwords(root): return words(int.from_bytes(root+sha(root)[:1],'big'),24)
def kq(b): return 'ANAMNESIS-KIT:1:'+base64.b32encode(b+sha(b'anamnesis/v1/kit\0'+b)[:4]).decode().rstrip('=')
def karr(root,net,ident,relays,v=1): return arr(uint(v),bin_(root),bin_(net),bin_(ident),arr(*[str_(r) for r in relays]))
roots=[bytes(32),b'\xff'*32,seq(32),sha(b'amina')]
net=seq(32,0x10); ident=seq(32,0x50)
ww=[dict(name=f'root {i}',root=h(r),words=' '.join(kwords(r))) for i,r in enumerate(roots)]
w=kwords(roots[2]); J=' '.join
pw=[dict(name='upper case, tabs and new lines',**{'in':'\t'+'\n '.join(x.upper() for x in w)+' \r\n'},root=h(roots[2])),
 dict(name='four letters each',**{'in':J(x[:4] for x in w)},root=h(roots[2])),
 dict(name='five letters each',**{'in':J(x[:5] for x in w)},root=h(roots[2]))]
def nw(name,ws,err,detail=''): return dict(name=name,**{'in':J(ws)},error=err,detail=detail)
sw=w[:]; sw[3],sw[4]=sw[4],sw[3]
one=w[:]; one[7]=W[(W.index(one[7])+1)%2048]
pn=[nw('nothing',[], 'kit/word','1'),nw('23 words',w[:23],'kit/word','24'),nw('25 words',w+['zoo'],'kit/word','25'),nw('unknown first',['abcde']+w[1:],'kit/word','1'),
 nw('unknown last',w[:23]+['zzzz'],'kit/word','24'),nw('three letters of a longer word',[*w[:5],'aba',*w[6:]],'kit/word','6'),nw('one letter too many',w[:2]+[w[2]+'s']+w[3:],'kit/word','3'),
 nw('wrong after four letters',w[:9]+[w[9][:4]+'qq']+w[10:],'kit/word','10'),nw('a German word',w[:11]+['\u00fcber']+w[12:],'kit/word','12'),
 nw('one word wrong',one,'kit/checksum'),nw('two words swapped',sw,'kit/checksum'),nw('last word wrong',w[:23]+[W[(W.index(w[23])+1)%2048]],'kit/checksum'),
 nw('hyphens',['-'.join(w)],'kit/word','1')]
K=[('one relay',roots[3],['https://relay.example']),('loopback',roots[2],['http://localhost:8080']),('loopback, version 6',roots[2],['ws://[::1]:8080/v1']),('three relays of 64',roots[1],['wss://'+'a'*58,'https://'+'b'*56,'http://127.0.0.1:9/'+'c'*45])]
qr=[dict(name=n,root=h(r),net=h(net),identity=h(ident),relays=rs,qr=kq(karr(r,net,ident,rs))) for n,r,rs in K]
for q in qr: assert len(q['qr'])<=512,len(q['qr'])
B=karr(roots[3],net,ident,['https://relay.example']); good_qr=kq(B)
def nq(name,s,err): return dict(name=name,**{'in':s},error=err)
flip=lambda s,i:s[:i]+('A' if s[i]!='A' else 'B')+s[i+1:]
def rel(*rs): return kq(karr(roots[3],net,ident,rs))
qn=[nq('nothing','','kit/format'),nq('a link','https://relay.example/#/join/AAAAAAAAAAA/AAAAAAAAAAA','kit/format'),nq('emergency card','ANAMNESIS-CARD:1:AAAA','kit/format'),
 nq('prefix alone','ANAMNESIS-KIT:','kit/format'),nq('no body','ANAMNESIS-KIT:1:','kit/format'),nq('lower case prefix',good_qr.lower(),'kit/format'),
 nq('lower case body','ANAMNESIS-KIT:1:'+good_qr[16:].lower(),'kit/format'),nq('version 2 outside','ANAMNESIS-KIT:2:'+good_qr[16:],'kit/version'),nq('version 01','ANAMNESIS-KIT:01:'+good_qr[16:],'kit/version'),
 nq('not base32',good_qr[:-1]+'1','kit/format'),nq('padded base32',good_qr+'=','kit/format'),nq('new line inside',good_qr[:50]+'\n'+good_qr[50:],'kit/format'),
 nq('one character changed',flip(good_qr,40),'kit/checksum'),nq('checksum changed',flip(good_qr,len(good_qr)-4),'kit/checksum'),nq('cut by eight',good_qr[:-8],'kit/format'),
 nq('version 2 inside',kq(karr(roots[3],net,ident,['https://relay.example'],2)),'kit/version'),nq('six fields',kq(b'\x96'+B[1:]+b'\0'),'kit/format'),nq('four fields',kq(b'\x94'+B[1:]),'kit/format'),
 nq('one byte more',kq(B+b'\0'),'kit/format'),nq('root of 31',kq(karr(roots[3][:31],net,ident,['https://relay.example'])),'kit/format'),nq('identity of 33',kq(karr(roots[3],net,seq(33),['https://relay.example'])),'kit/format'),
 nq('version not shortest',kq(b'\x95\xcc\x01'+B[2:]),'kit/format'),nq('array missing',kq(b''),'kit/format'),
 nq('no relay',rel(),'kit/format'),nq('four relays',rel(*['https://r.example']*4),'kit/format'),nq('relay of 65',rel('https://'+'a'*57),'kit/format'),nq('relay in the clear',rel('http://relay.example'),'kit/format'),
 nq('relay like the loopback address',rel('http://localhost.example'),'kit/format'),nq('relay like the loopback address of version 6',rel('http://[::1].example'),'kit/format'),nq('relay with a user',rel('http://localhost:1@relay.example'),'kit/format'),nq('relay that is a script',rel('javascript:alert(1)'),'kit/format'),
 nq('relay without host',rel('https:///x'),'kit/format'),nq('relay with a space',rel('https://relay.example/ x'),'kit/format'),nq('relay with U+202E',rel('https://\u202erelay.example'),'kit/format'),nq('relay a file',rel('file:///etc/passwd'),'kit/format')]
assert len(base64.b32decode(good_qr[16:]+'='*(-len(good_qr[16:])%8)))==len(B)+4
dump('kit.json',{'source':'spec/kit.md','words':ww,'typed':pw,'typedRefused':pn,'qr':qr,'qrRefused':qn})

# --- meeting
A64='ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
def code_forms(c):
    return dict(code=h(c.to_bytes(9,'big')),words=' '.join(words(c,6)),digits='%020d'%c,letters=''.join(A64[(c>>(6*(10-i)))&63] for i in range(11)))
sn=lambda net: base64.urlsafe_b64encode(net[:8]).decode().rstrip('=')
cs=[('zero',0),('one',1),('highest',(1<<66)-1),('counting',int.from_bytes(seq(9,1),'big')&((1<<66)-1)),('random',int.from_bytes(sha(b'code')[:9],'big')>>6)]
codes=[]
for n,c in cs:
    f=code_forms(c); codes.append(dict(name=n,**f,share='#/join/'+sn(net)+'/'+f['letters'],device='#/link/'+sn(net)+'/'+f['letters']))
R_=codes[4]; S=R_['share']; Dv=R_['device']; wl=R_['words'].split(); dg=R_['digits']
def P(name,s,p='share',**kw): return dict(name=name,**{'in':s},purpose=p,net=h(net),**kw)
O='https://relay.example/'
parse=[P('words',R_['words'],code=R_['code']),P('words for a device',R_['words'],'device',code=R_['code']),P('four letters, upper case','  '+'\n'.join(x[:4].upper() for x in wl),code=R_['code']),
 P('digits',dg,code=R_['code']),P('digits in groups',' '.join(dg[i:i+4] for i in range(0,20,4)),code=R_['code']),P('digits with hyphens','-'.join(dg[i:i+5] for i in range(0,20,5)),code=R_['code']),
 P('path',S,code=R_['code']),P('link',O+S,code=R_['code']),P('link of another origin','https://evil.example/'+S,code=R_['code']),P('link for a device',O+Dv,'device',code=R_['code']),
 P('device link where a share is wanted',O+Dv,error='meet/wrong-kind'),P('share link where a device is wanted',O+S,'device',error='meet/wrong-kind'),
 P('recovery kit',good_qr,error='meet/wrong-kind'),P('emergency card','ANAMNESIS-CARD:1:AAAA',error='meet/wrong-kind'),
 P('another network','#/join/'+sn(seq(32,0x11))+'/'+R_['letters'],error='meet/network'),
 P('nothing','',error='meet/format'),P('five words',' '.join(wl[:5]),error='meet/format'),P('seven words',R_['words']+' zoo',error='meet/format'),P('unknown word',' '.join(wl[:5]+['qqqq']),error='meet/format'),
 P('19 digits',dg[1:],error='meet/format'),P('21 digits',dg+'0',error='meet/format'),P('digits past 2^66','99999999999999999999',error='meet/format'),P('2^66',str(1<<66),error='meet/format'),P('Arabic-Indic digits',''.join(chr(0x660+int(d)) for d in dg),error='meet/format'),
 P('code alone',R_['letters'],error='meet/format'),P('code of 10',S[:-1],error='meet/format'),P('code of 12',S+'A',error='meet/format'),P('code with a plus',S[:-1]+'+',error='meet/format'),P('code with a percent escape',S[:-3]+'%41',error='meet/format'),
 P('network of 10','#/join/'+sn(net)[:-1]+'/'+R_['letters'],error='meet/format'),P('network with spare bits','#/join/'+sn(net)[:-1]+'B/'+R_['letters'],error='meet/format'),
 P('third part','#/join/'+sn(net)+'/'+R_['letters']+'/x',error='meet/format'),P('part missing','#/join/'+R_['letters'],error='meet/format'),P('other route','#/open/'+sn(net)+'/'+R_['letters'],error='meet/format'),
 P('route in capitals','#/JOIN/'+sn(net)+'/'+R_['letters'],error='meet/format'),P('query behind',S+'?x=1',error='meet/format'),P('origin without slash','https://relay.example'+S,error='meet/format'),P('very long','abandon '*200,error='meet/format')]
def rend(p,c): 
    b=hashlib.scrypt(b'anamnesis/v1/meet\0'+bytes([p])+c.to_bytes(9,'big'),salt=net,n=1<<15,r=8,p=1,dklen=48,maxmem=1<<27); return b[:16],b[16:]
rv=[]
for n,c in (cs[0],cs[4]):
    for p,pn_ in ((1,'share'),(2,'device')):
        r,s=rend(p,c); rv.append(dict(name=n+', '+pn_,purpose=pn_,net=h(net),code=h(c.to_bytes(9,'big')),room=h(r),secret=h(s)))
u32=lambda n: struct.pack('>I',n)
def sealed(room,secret,slot,text):
    t=struct.pack('>I',len(text))+text; t+=bytes(4080-len(t))
    return encrypt(D(net,secret,'slot',u32(slot)),bytes(12),t,room+u32(slot))
room,secret=rend(1,cs[4][1])
hh=b'host hello '+seq(100); hj=b'joiner hello '+seq(100,50); H,Jh=sha(hh),sha(hj)
res=b'sealed grant id'
match=D(net,H+Jh,'match',room)
posts=[(0,H),(1,Jh),(2,hh),(3,hj),(4,match),(5,res)]
ends=[(6,b'\1'),(7,b'\2')]
emo="anchor apple balloon banana bell bicycle bird boat book bread bridge bucket butterfly cactus cake camel candle car carrot cat chair cheese cherry clock cloud corn crab crown dog dolphin door drum elephant feather fish flag flower fox frog glasses grapes guitar hammer hat heart horse house key kite ladder lamp leaf lemon lion moon mushroom owl pencil piano rocket scissors star tree umbrella".split()
assert len(emo)==64
def sas(room,a,b):
    d=D(net,a+b,'sas',room); bits=int.from_bytes(d[8:11],'big')
    return '%012d'%(int.from_bytes(d[:8],'big')%10**12),[emo[(bits>>s)&63] for s in (18,12,6,0)]
ss=[]
for n,r,a,b in (('the meeting below',room,H,Jh),('hellos swapped',room,Jh,H),('another room',seq(16),H,Jh),('zeros',bytes(16),bytes(32),bytes(32))):
    d,e=sas(r,a,b); ss.append(dict(name=n,net=h(net),room=h(r),host=h(a),joiner=h(b),digits=d,emoji=e))
meeting=dict(purpose='share',net=h(net),code=R_['code'],hostHello=h(hh),joinerHello=h(hj),result=h(res),digits=ss[0]['digits'],emoji=ss[0]['emoji'],
 info=h(b'anamnesis/v1/meet\0'+net+room+H+Jh),posts=[dict(slot=s,text=h(t),bodySHA256=h(sha(sealed(room,secret,s,t)))) for s,t in posts],
 ends=[dict(slot=s,text=h(t),bodySHA256=h(sha(sealed(room,secret,s,t)))) for s,t in ends],
 waiting=[dict(slot=s+8,text=h(t),bodySHA256=h(sha(sealed(room,secret,s+8,t)))) for s,t in posts+ends])
dump('meeting.json',{'source':'spec/meeting.md','codes':codes,'parse':parse,'rendezvous':rv,'shortStrings':ss,'meeting':meeting})

# --- device: vault and segment
def rotl(x,n): return ((x<<n)|(x>>(32-n)))&0xffffffff
def hchacha(key,n16):
    s=list(struct.unpack('<4I',b'expand 32-byte k'))+list(struct.unpack('<8I',key))+list(struct.unpack('<4I',n16))
    def q(a,b,c,d):
        s[a]=(s[a]+s[b])&0xffffffff; s[d]=rotl(s[d]^s[a],16); s[c]=(s[c]+s[d])&0xffffffff; s[b]=rotl(s[b]^s[c],12)
        s[a]=(s[a]+s[b])&0xffffffff; s[d]=rotl(s[d]^s[a],8); s[c]=(s[c]+s[d])&0xffffffff; s[b]=rotl(s[b]^s[c],7)
    for _ in range(10):
        q(0,4,8,12);q(1,5,9,13);q(2,6,10,14);q(3,7,11,15);q(0,5,10,15);q(1,6,11,12);q(2,7,8,13);q(3,4,9,14)
    return struct.pack('<8I',*(s[0:4]+s[12:16]))
def xseal(key,n,t,ad): return encrypt(hchacha(key,n[:16]),bytes(4)+n[16:],t,ad)
def scr(pw,salt,logn=15,r=8,p=1): return hashlib.scrypt(pw,salt=salt,n=1<<logn,r=r,p=p,dklen=32,maxmem=1<<30)
def wrap(pw,key,kind=1,logn=15,r=8,p=1,salt=None,nonce=None,real=None,cred=None):
    salt=salt or seq(16,0x70); nonce=nonce or seq(24,0x20)
    k=scr(pw,salt,*(real or (logn,r,p))) if kind==1 else D(net,pw,'vault passkey',salt) if kind==2 else seq(32)
    more=[bin_(cred)] if cred is not None else []
    return arr(uint(kind),uint(logn),uint(r),uint(p),bin_(salt),bin_(nonce),bin_(xseal(k,nonce,key,b'anamnesis/v1/vault wrap\0')),*more)
key=seq(32,0x90); nonce=seq(24,0xb0); pay=b'the vault of a device'
def vault(wraps,v=1,key=key,nonce=nonce,pay=pay,ad=None,n=None):
    hd=arr(uint(v),arr(*wraps)); return arr(bin_(hd),bin_(nonce),bin_(xseal(key,nonce,pay,ad if ad is not None else hd)))
pw='trois \u00e9toiles'.encode()
v0=vault([wrap(pw,key)])
prf=seq(32,0xc0); cred=seq(20,0x50)
def passkey(key=key,prf=prf,**more): return wrap(prf,key,**{**dict(kind=2,logn=0,r=0,p=0,cred=cred),**more})
pk=passkey(); both=vault([wrap(pw,key),pk]); later=wrap(b'',key,kind=3,logn=0,r=0,p=0)
P=[dict(name='a passkey beside the passphrase',file=h(both),credential=h(cred),salt=h(seq(16,0x70))),dict(name='a credential id of 1,023 bytes',file=h(vault([wrap(pw,key),passkey(cred=seq(1023))])),credential=h(seq(1023)),salt=h(seq(16,0x70)))]
PK='vault/passkey'
pn=[('no passkey',v0,h(prf),PK),('another output',both,h(seq(32,0xc1)),PK),('an output of 31 bytes',both,h(prf[:31]),PK),('no output',both,'',PK),('the salt of another',both.replace(seq(16,0x70)+b'\xc4\x18'+seq(24,0x20)+bin_(xseal(D(net,prf,'vault passkey',seq(16,0x70)),seq(24,0x20),key,b'anamnesis/v1/vault wrap\0')),seq(16,0x71)+b'\xc4\x18'+seq(24,0x20)+bin_(xseal(D(net,prf,'vault passkey',seq(16,0x70)),seq(24,0x20),key,b'anamnesis/v1/vault wrap\0'))),h(prf),PK),
 ('an empty credential id',vault([wrap(pw,key),passkey(cred=b'')]),h(prf),'vault/format'),('a credential id of 1,024 bytes',vault([wrap(pw,key),passkey(cred=seq(1024))]),h(prf),'vault/format'),('seven fields',vault([wrap(pw,key),passkey(cred=None)]),h(prf),'vault/format'),
 ('N of 2^15 in a passkey',vault([wrap(pw,key),passkey(logn=15)]),h(prf),'vault/format'),('two passkeys',vault([pk,pk]),h(prf),'vault/format'),('two passphrases',vault([wrap(pw,key),wrap(pw,key)]),h(prf),'vault/format'),
 ('a passkey of another key',vault([wrap(pw,key),passkey(key=seq(32,0x91))]),h(prf),'vault/format')]
V=[dict(name='one wrap',file=h(v0)),dict(name='a passkey beside it',file=h(both)),dict(name='a later kind beside it',file=h(vault([later,wrap(pw,key)]))),dict(name='N of 2^16',file=h(vault([wrap(pw,key,logn=16)])))]
PF='vault/passphrase'; VF='vault/format'
other=wrap(pw,seq(32,0x91))
vn=[('wrong passphrase',v0,'wrong',PF),('empty passphrase',v0,'',PF),('passphrase not normalized',v0,'trois e\u0301toiles',PF),
 ('salt changed',vault([wrap(pw,key).replace(seq(16,0x70),seq(16,0x71))]),None,PF),('only a passkey',vault([pk]),None,PF),
 ('wrap of another key',vault([other]),None,VF),('header of another vault',vault([wrap(pw,key)],ad=b''),None,VF),('sealed bytes changed',v0[:-1]+bytes([v0[-1]^1]),None,VF),('nonce changed',v0.replace(nonce,seq(24,0xb1)),None,VF),
 ('N of 2^14',vault([wrap(pw,key,logn=14)]),None,VF),('N of 2^19',vault([wrap(pw,key,logn=19,real=(15,8,1))]),None,VF),('N of 2^63',vault([wrap(pw,key,logn=63,real=(15,8,1))]),None,VF),
 ('r of 9',vault([wrap(pw,key,r=9)]),None,VF),('p of 2',vault([wrap(pw,key,p=2)]),None,VF),('p of 0',vault([wrap(pw,key,p=0,real=(15,8,1))]),None,VF),
 ('three wraps',vault([pk,later,wrap(pw,key)]),None,VF),('no wrap',vault([]),None,VF),('version 2',vault([wrap(pw,key)],v=2),None,VF),('empty',b'',None,VF),('cut',v0[:-1],None,VF),('one byte more',v0+b'\0',None,VF),
 ('nonce of 12',vault([wrap(pw,key)],nonce=seq(24)).replace(bin_(seq(24)),bin_(seq(12))),None,VF),('wrapped key of 47',v0.replace(bin_(xseal(scr(pw,seq(16,0x70)),seq(24,0x20),key,b'anamnesis/v1/vault wrap\0')),b'\xc4\x2f'+bytes(47)),None,VF),
 ('two fields',b'\x92'+v0[1:],None,VF),('four fields',b'\x94'+v0[1:]+b'\xc0',None,VF)]
ents=[(1,b'a block'),(2,seq(300)),(3,b''),(8,b'\x01')]
def segm(number,ents,net=net,epoch=1):
    b=b'ANAMSEG1'+struct.pack('>H',epoch)+net+u32(number); out=[]
    for k,t in ents:
        off=len(b); out.append(dict(offset=off,kind=k,bytes=h(t)))
        b+=u32(len(t))+bytes([k])+t+sha(u32(number)+u32(off)+bytes([k])+t)[:16]
    return b,out
b1,e1=segm(1,ents)
sg=dict(net=h(net),number=1,entries=e1,file=h(b1))
def SN(name,b,err,net=net): return dict(name=name,net=h(net),file=h(b),error=err)
sn_=[SN('format epoch 2',segm(1,ents,epoch=2)[0],'storage/format'),SN('format epoch 0',segm(1,ents,epoch=0)[0],'storage/format'),SN('other magic',b'ANAMSEG2'+b1[8:],'storage/format'),
 SN('other network',b1,'storage/format',seq(32,0x11)),SN('other number',segm(2,ents)[0],'storage/damaged')]
torn=[sum(1 for i in range(len(ents)) if n>=(e1[i+1]['offset'] if i+1<len(ents) else len(b1))) for n in range(46,len(b1)+1)]
dump('device.json',{'source':'spec/device.md','passphrase':h(pw),'payload':h(pay),'vaults':V,'net':h(net),'prf':h(prf),'passkeys':P,'passkeysRefused':[dict(name=n,prf=o,file=h(b),error=e) for n,b,o,e in pn],'vaultsRefused':[dict(name=n,passphrase=(h(p.encode()) if p is not None else h(pw)),file=h(b),error=e) for n,b,p,e in vn],'segment':sg,'segmentsRefused':sn_,'torn':torn})
# --- the engine's own arrays: folder.md sections 1 to 3, meeting.md sections 4 to 6, device.md sections 3 and 4. Each is a list of
# names and forms as the page gives them.
def bool_(v): return b'\xc3' if v else b'\xc2'
def ms(n):  # a signed integer in its shortest form: device clocks may stand before 1970
    if -32<=n<128: return struct.pack('>b',n)
    for code,form,bits in ((0xd0,'>b',7),(0xd1,'>h',15),(0xd2,'>i',31),(0xd3,'>q',63)):
        if (code!=0xd0 or n<0) and -1<<bits<=n<1<<bits: return bytes([code])+struct.pack(form,n)
def listed(form): return lambda v: arr(*[form(x) for x in v])
def struct_(*fields): return lambda v: arr(*[form(v[name]) for name,form in fields])
FORMS=dict(
 credential=struct_(('version',uint),('identity',bin_),('device',bin_),('name',str_),('signature',bin_),('member',bin_)),
 manifest=struct_(('version',uint),('folder',bin_),('number',uint),('person',struct_(('name',str_),('born',str_))),
  ('keys',listed(struct_(('section',uint),('k',bin_),('a',bin_),('scope',bin_),('replaces',listed(bin_))))),
  ('grants',listed(struct_(('chain',bin_),('nonce',bin_),('generation',uint),('g',bin_),('reader',bin_),('recipient',bin_),('name',str_),('device',bin_),('guest',bool_),
   ('sections',bin_),('records',listed(bin_)),('rights',uint),('expiry',uint),('state',uint),('sinceMS',ms),('stoppedMS',ms),('purpose',str_)))),
  ('writers',listed(struct_(('chain',bin_),('credential',bin_),('own',bool_),('session',bin_),('head',bin_),('cut',listed(uint)),('erase',bin_))))),
 deviceSealed=struct_(('seals',bin_),('box',bin_)),
 deviceBody=struct_(('version',uint),('name',str_),('devices',listed(struct_(('name',str_),('key',bin_),('recipient',bin_)))),
  ('folders',listed(struct_(('id',bin_),('writers',listed(bin_))))),('owners',listed(bin_)),('secrets',listed(bin_)),('nextKit',uint)),
 hello=struct_(('version',uint),('role',uint),('genesis',bin_),('recipient',bin_),('name',str_),('nonce',bin_),('credential',bin_)),
 result=struct_(('grant',bin_),('block',bin_)),
 deviceHello=struct_(('version',uint),('role',uint),('device',bin_),('recipient',bin_),('name',str_),('nonce',bin_)),
 linkResult=struct_(('identity',bin_),('device',bin_),('nextKit',uint),('leaves',listed(bin_)),('claim',bin_)),
 share=struct_(('pairs',listed(struct_(('record',bin_),('r',bin_)))),('refused',str_)),
 reason=struct_(('mode',uint),('preset',str_),('text',str_)),
 outboxMark=struct_(('state',uint),('atMS',ms),('ids',listed(bin_))),
)
dev=b'\x01'+seq(32,0x33)
cred_=dict(version=1,identity=seq(32,0x10),device=dev,name='Amina\u2019s laptop',signature=seq(64,9),member=b'')
key_=lambda s,n,old: dict(section=s,k=seq(32,n),a=seq(32,n+1),scope=seq(16,n+2),replaces=old)
grant_=dict(chain=seq(32,1),nonce=seq(16,2),generation=0,g=seq(32,3),reader=seq(32,4),recipient=seq(1216,5),name='Dr. Lin Wei',device=dev,guest=True,
 sections=bytes([1,6]),records=[],rights=3,expiry=1763730000,state=1,sinceMS=1763643600000,stoppedMS=0,purpose='follow-up')
stopped=dict(grant_,guest=False,generation=200,sections=bytes([2]),records=[id_(1),id_(2)],rights=1,state=2,stoppedMS=1763650000123,purpose='')
writer_=dict(chain=seq(32,6),credential=seq(40),own=True,session=seq(32,7),head=seq(32,8),cut=[],erase=seq(32,9))
man=dict(version=1,folder=seq(32,1),number=7,person=dict(name='Amina',born='1980-02-29'),keys=[key_(1,0x20,[]),key_(1,0x50,[seq(16,0x22)])],grants=[grant_,stopped],
 writers=[writer_,dict(writer_,own=False,cut=[4294967295])])
empty=dict(version=1,folder=bytes(32),number=0,person=dict(name='',born=''),keys=[],grants=[],writers=[])
dbody=dict(version=1,name='laptop',devices=[dict(name='laptop',key=dev,recipient=seq(1216,1))],folders=[dict(id=seq(32,1),writers=[seq(32,2),seq(32,3)])],owners=[seq(32,4)],secrets=[seq(32,5),seq(32,6)],nextKit=300)
hello_=dict(version=1,role=1,genesis=seq(300),recipient=seq(1216,1),name='Dr. Lin Wei',nonce=seq(32,2),credential=FORMS['credential'](cred_))
mark=lambda s,t,n: dict(state=s,atMS=t,ids=[id_(i) for i in range(n)])
VALUES=[('credential','of a device',cred_),('credential','of a guest',dict(cred_,identity=b'',signature=b'')),
 ('manifest','all lists empty',empty),('manifest','two key epochs, two grants, two writers',man),
 ('deviceSealed','two seals',dict(seals=seq(2336),box=seq(528))),('deviceBody','one device, one folder',dbody),('deviceBody','of a reader',dict(dbody,folders=[],devices=[],owners=[],secrets=[],nextKit=0)),
 ('hello','joiner',hello_),('result','grant and block',dict(grant=seq(32,1),block=seq(32,2))),
 ('deviceHello','host',dict(version=1,role=0,device=dev,recipient=seq(1216,1),name='Amina',nonce=seq(32,2))),('deviceHello','joiner',dict(version=1,role=1,device=dev,recipient=seq(1216,1),name='',nonce=seq(32,2))),
 ('linkResult','two leaves',dict(identity=seq(32,1),device=seq(32,2),nextKit=300,leaves=[seq(32,3),seq(32,4)],claim=seq(64,5))),('linkResult','no leaf left',dict(identity=seq(32,1),device=seq(32,2),nextKit=0,leaves=[],claim=seq(64,5))),
 ('share','two of three',dict(pairs=[dict(record=id_(1),r=seq(32,2)),dict(record=id_(2),r=seq(32,3))],refused='access/section')),('share','refused',dict(pairs=[],refused='access/stopped')),
 ('reason','preset and words',dict(mode=0,preset='visit',text='\u00e0 16 h')),('reason','preset alone',dict(mode=0,preset='visit',text='')),
 *[('outboxMark',n,mark(s,t,k)) for n,s,t,k in [('attempted',1,1763643600000,1),('sent',2,1763643600000,3),('discarded',3,1763643600000,1),('blob stored',4,1763643600000,2),
   ('abandoned',5,1763643600000,20),('at 127',1,127,0),('at 128',1,128,0),('at 32768',1,32768,0),('at 2^31',1,1<<31,0),('before 1970',1,-1,0),('at -33',1,-33,0),('at -32769',1,-32769,0)]]]
def jsonable(v):
    if isinstance(v,bytes): return h(v)
    if isinstance(v,dict): return {k:jsonable(x) for k,x in v.items()}
    return [jsonable(x) for x in v] if isinstance(v,list) else v
good=[dict(kind=k,name=n,value=jsonable(v),bytes=h(FORMS[k](v))) for k,n,v in VALUES]
B={k:FORMS[k](v) for k,n,v in VALUES if (k,n) not in (('manifest','all lists empty'),('deviceBody','of a reader'),('share','refused'),('credential','of a guest'),('deviceHello','host'),('linkResult','no leaf left'))}
# short ones, where the recipient's length says nothing
short=dict(grant_,recipient=b'r')
B['manifest']=FORMS['manifest'](dict(man,grants=[short,dict(stopped,recipient=b'r')])); B['deviceBody']=FORMS['deviceBody'](dict(dbody,devices=[dict(name='laptop',key=dev,recipient=b'r')]))
B['hello']=FORMS['hello'](dict(hello_,genesis=b'g',recipient=b'recipient')); B['deviceSealed']=FORMS['deviceSealed'](dict(seals=b'',box=seq(300)))
B['outboxMark']=FORMS['outboxMark'](mark(5,1763643600000,1)); B['reason']=FORMS['reason'](dict(mode=0,preset='visit',text='x'))
refused=[]
def no(kind,name,b): assert b!=B[kind],(kind,name); refused.append(dict(kind=kind,name=name,bytes=h(b)))
for k,b in B.items():  # of every structure
    n=b[0]&15; n=struct.unpack('>H',b[1:3])[0] if b[0]==0xdc else n
    no(k,'empty',b''); no(k,'nil',b'\xc0'); no(k,'map',bytes([0x80|n])+b[1:]); no(k,'one byte more',b+b'\0'); no(k,'cut by one',b[:-1])
    no(k,'a field fewer',bytes([0x90|n-1])+b[1:]); no(k,'a field more',bytes([0x90|n+1])+b[1:]+b'\xc0'); no(k,'array 16 header',b'\xdc'+struct.pack('>H',n)+b[1:]); no(k,'array 32 header',b'\xdd'+struct.pack('>I',n)+b[1:])
    if b[1]<128: no(k,'first number not shortest',b[:1]+b'\xcc'+b[1:2]+b[2:]); no(k,'first number signed',b[:1]+b'\xd0'+b[1:2]+b[2:]); no(k,'first number true',b[:1]+b'\xc3'+b[2:])
def other(kind,name,was,now): no(kind,name,B[kind].replace(was,now,1))
other('manifest','folder id of 31',bin_(seq(32,1)),bin_(seq(31,1))); other('manifest','folder id as text',bin_(seq(32,1)),b'\xd9\x20'+seq(32,1))
other('manifest','folder id in bin 16',bin_(seq(32,1)),b'\xc5\0\x20'+seq(32,1)); other('manifest','name as bytes',str_('Amina'),bin_(b'Amina'))
other('manifest','name in str 8',str_('Amina'),b'\xd9\x05Amina'); other('manifest','person of three',b'\x92'+str_('Amina'),b'\x93'+str_('Amina'))
other('manifest','guest as 1',b'\xc3'+bin_(bytes([1,6])),b'\x01'+bin_(bytes([1,6]))); other('manifest','guest nil',b'\xc3'+bin_(bytes([1,6])),b'\xc0'+bin_(bytes([1,6])))
other('manifest','since unsigned',ms(1763643600000),uint(1763643600000)); other('manifest','since as float',ms(1763643600000),b'\xcb'+struct.pack('>d',1763643600000))
other('manifest','number negative',b'\x07'+b'\x92'+str_('Amina'),b'\xff'+b'\x92'+str_('Amina')); other('manifest','number 2^32',b'\x07'+b'\x92'+str_('Amina'),uint(1<<32)+b'\x92'+str_('Amina'))
other('manifest','generation 256',b'\xcc\xc8',b'\xcd\x01\0'); other('manifest','seq not shortest',b'\x91'+uint(4294967295),b'\x91\xcf'+bytes(4)+b'\xff'*4)
no('manifest','keys that are not there',FORMS['manifest'](empty)[:-3]+b'\xdd\xff\xff\xff\xff\x90\x90'); no('manifest','writers that are not there',FORMS['manifest'](empty)[:-1]+b'\xdd\x00\x10\x00\x00')
other('deviceBody','next kit signed',uint(300),b'\xd1\x01\x2c'); other('deviceBody','device key of 32',bin_(dev),bin_(dev[:32])); other('deviceBody','owner of 33',bin_(seq(32,4)),bin_(seq(33,4)))
no('deviceBody','secrets that are not there',B['deviceBody'].replace(b'\x92'+bin_(seq(32,5)),b'\xdd\xff\xff\xff\xff'+bin_(seq(32,5)),1))
other('deviceSealed','box as text',b'\xc5\x01\x2c',b'\xda\x01\x2c'); other('deviceSealed','box in bin 32',b'\xc5\x01\x2c',b'\xc6\0\0\x01\x2c'); other('deviceSealed','box longer than is there',b'\xc5\x01\x2c',b'\xc6\xff\xff\xff\xff')
other('credential','device key of 34',bin_(dev),bin_(dev+b'\0')); other('credential','name as bytes',str_('Amina\u2019s laptop'),bin_('Amina\u2019s laptop'.encode())); other('credential','identity nil',bin_(seq(32,0x10)),b'\xc0')
other('hello','nonce of 31',bin_(seq(32,2)),bin_(seq(31,2))); other('hello','role 256',b'\x97\x01\x01',b'\x97\x01\xcd\x01\0'); other('hello','recipient absent as nil',bin_(b'recipient'),b'\xc0')
no('result','grant of 31',arr(bin_(seq(31)),bin_(seq(32)))); no('result','in one bin',arr(bin_(seq(64)))); no('result','as texts',arr(b'\xd9\x20'+seq(32,1),b'\xd9\x20'+seq(32,2)))
no('share','r of 31',arr(arr(arr(bin_(id_(1)),bin_(seq(31)))),str_(''))); no('share','pair of three',arr(arr(arr(bin_(id_(1)),bin_(seq(32)),b'\0')),str_(''))); no('share','pair of one',arr(arr(arr(bin_(id_(1)))),str_('')))
no('share','pairs that are not there',b'\x92\xdd\xff\xff\xff\xff\xa0'); no('share','65,535 pairs, none there',b'\x92\xdc\xff\xff\xa0'); no('share','refused nil',arr(arr(),b'\xc0')); no('share','refused as bytes',arr(arr(),bin_(b'access/stopped')))
no('reason','mode 256',arr(uint(256),str_('visit'),str_(''))); no('reason','mode negative',arr(b'\xff',str_('visit'),str_(''))); no('reason','text as bytes',arr(uint(0),str_('visit'),bin_(b'x'))); no('reason','text in str 16',arr(uint(0),str_('visit'),b'\xda\0\x01x'))
M=lambda t,i: arr(uint(1),t,i)
no('outboxMark','time unsigned',M(uint(1763643600000),arr())); no('outboxMark','time not shortest',M(b'\xd1\0\x7f',arr())); no('outboxMark','time over 2^63',M(uint(1<<63),arr())); no('outboxMark','time as float',M(b'\xcb'+bytes(8),arr()))
no('outboxMark','id of 31',M(ms(1),arr(bin_(seq(31))))); no('outboxMark','ids nil',M(ms(1),b'\xc0')); no('outboxMark','ids in one bin',M(ms(1),bin_(seq(64)))); no('outboxMark','ids that are not there',M(ms(1),b'\xdd\xff\xff\xff\xff')); no('outboxMark','one id nested',M(ms(1),arr(arr(bin_(id_(1))))))
dump('folder.json',{'source':'spec/folder.md sections 1 to 3, spec/meeting.md sections 4 to 6, spec/device.md sections 3 and 4','arrays':good,'refused':refused})
