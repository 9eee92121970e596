/** The fields of an array, each in the form that block.md gives it. */
import { type Bytes, Refused, compare } from "./bytes.ts"
import { mayEnroll } from "./ed25519.ts"
import type { Value } from "./msgpack.ts"

export function array(value: Value | undefined, length: number): Value[] {
  if (!Array.isArray(value) || value.length !== length)
    throw new Refused("canonical", `not ${String(length)} fields`)
  return value
}

export function list(value: Value | undefined, max: number): Value[] {
  if (!Array.isArray(value) || value.length > max) throw new Refused("canonical", "not a list, or too long")
  return value
}

export function bin(value: Value | undefined, length?: number): Bytes {
  if (!(value instanceof Uint8Array)) throw new Refused("canonical", "not bytes")
  if (length !== undefined && value.length !== length)
    throw new Refused("canonical", `not ${String(length)} bytes`)
  return value
}

export function emptyOr(value: Value | undefined, length: number): void {
  if (bin(value).length > 0) bin(value, length)
}

export function uint(value: Value | undefined, below: number): number {
  if (typeof value !== "number" || value >= below) throw new Refused("canonical", "not a number in its range")
  return value
}

export function key(value: Value | undefined): Bytes {
  const bytes = bin(value, 33)
  if (!mayEnroll(bytes)) throw new Refused("key", "may not be enrolled")
  return bytes
}

export function ascending(items: Bytes[]): void {
  items.reduce((before, item) => {
    if (compare(before, item) >= 0) throw new Refused("canonical", "does not ascend")
    return item
  }, new Uint8Array())
}
