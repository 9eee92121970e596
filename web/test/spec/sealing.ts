/** Age files as sealing.md has them: one stanza of ours, the header MAC, the STREAM of 64 KiB chunks; and PADMÉ. */
import { open, seal } from "./aead.ts"
import { type Bytes, Refused, concat, equal, toHex, utf8 } from "./bytes.ts"

const chunkSize = 64 << 10

export interface Header {
  session: string
  record: string
  owner: Bytes
  section: Bytes
  /** What the MAC covers. */
  covered: Bytes
  mac: Bytes
  /** Where the stream begins. */
  end: number
}

/** The header of a record's file. @throws Refused header. */
export function readHeader(file: Bytes): Header {
  const { lines, end } = headerLines(file)
  const [version, stanza, first, second, mac] = lines
  if (lines.length !== 5 || version !== "age-encryption.org/v1") throw new Refused("header", "not one stanza")
  const [arrow, type, session, record] = split(stanza, 4)
  if (arrow !== "->" || type !== "anamnesis.v1") throw new Refused("header", "stanza")
  if (first?.length !== 64 || second?.length !== 43) throw new Refused("header", "body lines")
  const body = base64(first + second, 80)
  const [dashes, sum] = split(mac, 2)
  if (dashes !== "---") throw new Refused("header", "MAC line")
  return {
    session: toHex(base64(session, 32)),
    record: toHex(base64(record, 16)),
    owner: body.slice(0, 48),
    section: body.slice(48),
    covered: utf8(lines.slice(0, 4).join("\n") + "\n---"),
    mac: base64(sum, 32),
    end,
  }
}

/** The plaintext under a file key. The MAC is checked before anything is opened. @throws Refused open. */
export async function readBody(file: Bytes, header: Header, fileKey: Bytes): Promise<Bytes> {
  const { covered, mac } = header
  if (!equal(await headerMAC(fileKey, covered), mac)) throw new Refused("open", "MAC")
  const nonce = file.slice(header.end, header.end + 16)
  if (nonce.length !== 16) throw new Refused("open", "stream nonce")
  const key = await hkdf(fileKey, nonce, "payload")
  const sealed = file.slice(header.end + 16)
  const chunks: Bytes[] = []
  for (let at = 0, i = 0; i === 0 || at < sealed.length; at += chunkSize + 16, i++) {
    const last = at + chunkSize + 16 >= sealed.length
    const text = open(key, chunkNonce(i, last), sealed.slice(at, at + chunkSize + 16))
    if (text === undefined || (text.length === 0 && i > 0)) throw new Refused("open", `chunk ${String(i)}`)
    chunks.push(text)
  }
  return concat(...chunks)
}

/** An age file with one stanza without a body, as blobs have it. */
export async function sealBlob(record: Bytes, fileKey: Bytes, nonce: Bytes, text: Bytes): Promise<Bytes> {
  const id = btoa(String.fromCharCode(...record)).replace(/=+$/, "")
  const covered = utf8(`age-encryption.org/v1\n-> anamnesis.blob.v1 ${id}\n\n---`)
  const mac = btoa(String.fromCharCode(...(await headerMAC(fileKey, covered)))).replace(/=+$/, "")
  const key = await hkdf(fileKey, nonce, "payload")
  const chunks: Bytes[] = []
  for (let at = 0, i = 0; i === 0 || at < text.length; at += chunkSize, i++) {
    chunks.push(seal(key, chunkNonce(i, at + chunkSize >= text.length), text.slice(at, at + chunkSize)))
  }
  return concat(covered, utf8(` ${mac}\n`), nonce, ...chunks)
}

/** PADMÉ with the floor of 512: the length to which `length` bytes are padded. */
export function padme(length: number): number {
  if (length <= 512) return 512
  const e = Math.floor(Math.log2(length))
  const step = 2 ** (e - (Math.floor(Math.log2(e)) + 1))
  return Math.ceil(length / step) * step
}

function headerLines(file: Bytes): { lines: string[]; end: number } {
  const lines: string[] = []
  let at = 0
  while (lines.length < 8) {
    const feed = file.indexOf(10, at)
    if (feed < 0) throw new Refused("header", "cut")
    const line = String.fromCharCode(...file.subarray(at, Math.min(feed, at + 256)))
    lines.push(line)
    at = feed + 1
    if (line.startsWith("---")) return { lines, end: at }
  }
  throw new Refused("header", "too long")
}

function split(line: string | undefined, n: number): string[] {
  const words = line?.split(" ") ?? []
  if (words.length !== n) throw new Refused("header", `${String(words.length)} words`)
  return words
}

/** Canonical unpadded base64 of exactly `length` bytes. */
function base64(text: string | undefined, length: number): Bytes {
  if (text === undefined || !/^[A-Za-z0-9+/]*$/.test(text)) throw new Refused("header", "not base64")
  let bytes: Bytes
  try {
    bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
  } catch {
    throw new Refused("header", "not base64")
  }
  const again = btoa(String.fromCharCode(...bytes)).replace(/=+$/, "")
  if (bytes.length !== length || again !== text) throw new Refused("header", "another form of base64")
  return bytes
}

function chunkNonce(i: number, last: boolean): Bytes {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setUint32(7, i)
  nonce[11] = last ? 1 : 0
  return nonce
}

async function headerMAC(fileKey: Bytes, covered: Bytes): Promise<Bytes> {
  const raw = await hkdf(fileKey, new Uint8Array(), "header")
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"])
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, covered))
}

async function hkdf(secret: Bytes, salt: Bytes, info: string): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"])
  const params = { name: "HKDF", hash: "SHA-256", salt, info: utf8(info) }
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, 256))
}
