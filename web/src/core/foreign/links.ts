/**
 * SMART Health Links. A link names a file at a foreign host, which this app never asks: the person fetches the file and
 * brings it, and the key inside the link opens it here. Source: SMART Health Cards and Links IG 1.0, links-specification.
 */
import { base64url, compactDecrypt } from "jose"
import type { HealthLink } from "./found.ts"
import { listOf, objectOf, parsed, stringOf } from "./json.ts"
import { fileMax, linkTextMax } from "./limits.ts"
import { Refused, textOf } from "./refused.ts"

const start = "shlink:/"

export const looksLikeLink = (text: string): boolean => /^(?:https:\/\/\S+#)?shlink:\/\S+$/.test(text.trim())

/** Reads a link, with or without the address of a viewer before it. @throws Refused import/link-… */
export function readLink(text: string): HealthLink {
  const code = text.trim().slice(text.trim().indexOf(start) + start.length)
  if (code.length > linkTextMax) throw new Refused("import/link-form", "length")
  let payload: Readonly<Record<string, unknown>>
  try {
    payload = objectOf(parsed(textOf(base64url.decode(code))))
  } catch {
    throw new Refused("import/link-form", "payload")
  }
  const { url, key, label, exp, flag, v } = payload
  if (v !== undefined && v !== 1) throw new Refused("import/link-version", JSON.stringify(v).slice(0, 20))
  if (typeof url !== "string" || !URL.canParse(url)) throw new Refused("import/link-form", "url")
  if (typeof key !== "string" || !/^[\w-]{43}$/.test(key)) throw new Refused("import/link-form", "key")
  const flags = stringOf(flag)
  return { url, key, label: stringOf(label).slice(0, 80), expires: typeof exp === "number" ? exp : 0, flags }
}

export const looksSealed = (text: string): boolean =>
  /^eyJ[\w-]*\.[\w-]*\.[\w-]+\.[\w-]*\.[\w-]+$/.test(text.trim())

export interface LinkedFile {
  readonly mediaType: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Opens a file of a link. @throws Refused import/link-key when the link's key does not open it */
export async function openSealed(jwe: string, link: HealthLink): Promise<LinkedFile> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(jwe.trim(), base64url.decode(link.key), {
      keyManagementAlgorithms: ["dir"],
      contentEncryptionAlgorithms: ["A256GCM"],
      maxDecompressedLength: fileMax,
    })
    return { mediaType: stringOf(protectedHeader.cty), bytes: new Uint8Array(plaintext) }
  } catch {
    throw new Refused("import/link-key")
  }
}

/** What a list of a link's files names: those inside it, and the addresses of those that are not. */
export interface Manifest {
  readonly embedded: readonly string[]
  readonly elsewhere: readonly string[]
}

/** The files of a link's list, or null when text is none. */
export function manifestIn(value: unknown): Manifest | null {
  const files = objectOf(value)["files"]
  if (!Array.isArray(files)) return null
  const all = listOf(files).map(objectOf)
  if (all.length === 0 || !all.every((file) => "contentType" in file)) return null
  return {
    embedded: all.flatMap((file) => (typeof file["embedded"] === "string" ? [file["embedded"]] : [])),
    elsewhere: all.flatMap((file) =>
      typeof file["embedded"] !== "string" && typeof file["location"] === "string" ? [file["location"]] : [],
    ),
  }
}
