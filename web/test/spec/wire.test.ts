import { describe, expect, test } from "vitest"
import { type Bytes, Refused, concat, fromHex, prefix, sha256, toHex } from "./bytes.ts"
import { verify } from "./ed25519.ts"
import { type Value, decode, encode } from "./msgpack.ts"
import { vectors } from "./vectors.ts"

interface Case {
  name: string
  frame: string
  net?: string
  relay?: string
  nonce?: string
  signed?: string
  error?: string
}

/** Fixed bins by length; `bytes` any bin, `u8`…`u64` numbers, `text`, `flag`; a list by its item and its most items. */
type Form =
  number | "bytes" | "u8" | "u16" | "u32" | "u64" | "text" | "flag" | { most: number; of: Form | Form[] }

const any = 2 ** 32
/** wire.md §2, row by row. */
const messages: Record<number, Form[]> = {
  1: ["u32", "u32", 32, "u16", 32, 32, "bytes"],
  2: [33, { most: 1, of: [32, "u64", "bytes"] }, "bytes"],
  3: [32, "u64"],
  4: ["u32", { most: 256, of: 16 }, "u32", "u64"],
  5: ["u32"],
  6: ["u32", "u32"],
  7: ["u32", { most: any, of: "bytes" }],
  8: ["u32", { most: 4096, of: [32, "text"] }],
  13: ["u32", "u32", "u64", "flag", { most: any, of: "bytes" }],
  14: ["u32", "u64", { most: 4096, of: [32, "u32", 32] }],
  15: ["u32", 32, "u32", "u32", { most: 512, of: 32 }, { most: 4096, of: 32 }, { most: 64, of: 32 }, "flag"],
  16: [16, "u8", "bytes"],
  18: [32, "u8", 32, "bytes", "bytes"],
  23: ["bytes", "bytes", "bytes", "bytes"],
  25: ["u32", "text", "u32"],
}

const greetingMax = 8 << 10

/** The fields of a frame. @throws Refused canonical, version or limit. */
function readFrame(frame: Bytes): Value[] {
  const [type] = frame
  if (type === undefined) throw new Refused("canonical", "empty")
  const forms = messages[type]
  if (forms === undefined) throw new Refused("version", String(type))
  if (type <= 2 && frame.length > greetingMax) throw new Refused("limit", "greeting")
  const fields = decode(frame.slice(1))
  check(fields, forms)
  return fields as Value[]
}

function check(value: Value | undefined, form: Form | Form[]): void {
  if (!fits(value, form)) throw new Refused("canonical", "a field of another form")
}

const below: Record<string, number> = { u8: 2 ** 8, u16: 2 ** 16, u32: 2 ** 32, u64: Infinity }

function fits(value: Value | undefined, form: Form | Form[]): boolean {
  if (Array.isArray(form)) {
    if (!Array.isArray(value) || value.length !== form.length) return false
    return value.every((field, i) => fits(field, form[i] ?? "flag"))
  }
  if (typeof form === "object") {
    return Array.isArray(value) && value.length <= form.most && value.every((item) => fits(item, form.of))
  }
  if (typeof form === "number") return value instanceof Uint8Array && value.length === form
  if (form === "bytes") return value instanceof Uint8Array
  if (form === "text") return typeof value === "string"
  if (form === "flag") return typeof value === "boolean"
  return form === "u64"
    ? typeof value === "number" || typeof value === "bigint"
    : inRange(value, below[form] ?? 0)
}

function inRange(value: Value | undefined, end: number): boolean {
  return typeof value === "number" && value < end
}

const cases = vectors("wire") as Case[]

describe("wire", () => {
  test.each(cases.filter((c) => c.error === undefined))("$name", (c) => {
    const frame = fromHex(c.frame)
    expect(toHex(concat(frame.slice(0, 1), encode(readFrame(frame))))).toBe(c.frame)
  })

  test.each(cases.filter((c) => c.error !== undefined))("refused: $name", (c) => {
    let code = ""
    try {
      readFrame(fromHex(c.frame))
    } catch (e) {
      if (!(e instanceof Refused)) throw e
      code = e.code
    }
    expect(code).toBe(c.error)
  })

  test.each(cases.filter((c) => c.nonce !== undefined))("hello signature: $name", async (c) => {
    const [key, , signature] = readFrame(fromHex(c.frame))
    if (!(key instanceof Uint8Array) || !(signature instanceof Uint8Array)) throw new Error("no AUTH")
    const body = concat(fromHex(c.relay ?? ""), fromHex(c.nonce ?? ""))
    const signed = concat(prefix(fromHex(c.net ?? ""), "hello"), await sha256(body))
    expect(await verify(key.slice(1), signed, signature)).toBe(true)
    const other = concat(prefix(fromHex(c.net ?? ""), "block"), await sha256(body))
    expect(await verify(key.slice(1), other, signature)).toBe(false)
  })

  test.each(cases.filter((c) => c.signed !== undefined))("what is signed: $name", (c) => {
    expect(toHex(encode(readFrame(fromHex(c.frame)).slice(0, -1)))).toBe(c.signed)
  })
})
