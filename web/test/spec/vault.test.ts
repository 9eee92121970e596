import { describe, expect, test } from "vitest"
import { fromHex, toHex } from "./bytes.ts"
import { isTyped, openByPasskey, openByPassphrase, passkeyOf } from "./vault.ts"
import { codeOf, vectors } from "./vectors.ts"

interface Device {
  net: string
  passphrase: string
  payload: string
  prf: string
  vaults: { name: string; file: string }[]
  vaultsRefused: { name: string; file: string; passphrase?: string; error: string }[]
  passkeys: { name: string; file: string; credential: string; salt: string }[]
  passkeysRefused: { name: string; file: string; prf: string; error: string }[]
}

const v = vectors("device") as Device
const [net, passphrase, prf] = [fromHex(v.net), fromHex(v.passphrase), fromHex(v.prf)]

test("there are vaults, passkeys, and refused ones of both", () => {
  expect(v.vaults.length).toBeGreaterThan(1)
  expect(v.vaultsRefused.length).toBeGreaterThan(15)
  expect(v.passkeys.length).toBeGreaterThan(1)
  expect(v.passkeysRefused.length).toBeGreaterThan(5)
})

test("a passphrase is taken in NFKC", () => {
  const typed = new TextDecoder().decode(passphrase)
  expect(isTyped(typed.normalize("NFD"), passphrase)).toBe(true)
  expect(isTyped(`${typed} `, passphrase)).toBe(false)
})

describe("vaults", () => {
  test.each(v.vaults)("$name", async ({ file }) => {
    expect(toHex(await openByPassphrase(fromHex(file), passphrase))).toBe(v.payload)
  })

  test.each(v.vaultsRefused)("refused: $name", async (c) => {
    const typed = c.passphrase === undefined ? passphrase : fromHex(c.passphrase)
    expect(await codeOf(() => openByPassphrase(fromHex(c.file), typed))).toBe(c.error)
  })
})

describe("passkeys", () => {
  test.each(v.passkeys)("$name", async ({ file, credential, salt }) => {
    const wrap = passkeyOf(fromHex(file))
    expect(wrap && [wrap.credential, wrap.salt].map(toHex)).toEqual([credential, salt])
    expect(toHex(await openByPasskey(fromHex(file), net, prf))).toBe(v.payload)
  })

  test.each(v.passkeysRefused)("refused: $name", async (c) => {
    expect(await codeOf(() => openByPasskey(fromHex(c.file), net, fromHex(c.prf)))).toBe(c.error)
  })
})
