/**
 * Passkeys: WebAuthn exists only on the page, so the output of a passkey's PRF comes into being here. It is handed on
 * at once and kept nowhere; what opens the folder is derived from it in the core.
 */
import { CoreError } from "./error.ts"

/** A new passkey: its credential id, which is public, and the output of its PRF. */
export interface Made {
  readonly id: Uint8Array<ArrayBuffer>
  readonly prf: Uint8Array<ArrayBuffer>
}

/** How long a person may take to answer the browser's dialog, ms. */
const patienceMS = 120_000

/** EdDSA, ES256 and RS256, in the order of preference. The signature is not used. */
const algorithms = [-8, -7, -257]

/** Whether this browser, at this address, can have passkeys: an address of numbers cannot. */
export function passkeysHere(): boolean {
  const nav: { credentials?: unknown } = navigator // what older browsers lack
  const isName = !/^[\d.]+$|^\[/.test(location.hostname)
  return "PublicKeyCredential" in globalThis && nav.credentials !== undefined && isName
}

/**
 * Makes a passkey whose PRF gives an output for salt; a second prompt where the browser answers only then.
 * @throws CoreError passkey/cancelled, passkey/no-prf, passkey/missing or passkey/failed
 */
export async function makePasskey(salt: Uint8Array<ArrayBuffer>, name: string): Promise<Made> {
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { name },
        // Nothing about the person: passkey managers copy this to other devices and to their makers.
        user: { id: random(16), name, displayName: name },
        challenge: random(32),
        pubKeyCredParams: algorithms.map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
        attestation: "none",
        extensions: { prf: { eval: { first: salt } } },
        timeout: patienceMS,
      },
    }),
  )
  const id = new Uint8Array(made.rawId)
  const { prf } = made.getClientExtensionResults()
  if (prf?.results !== undefined) return { id, prf: view(prf.results.first) }
  if (prf?.enabled !== true) throw new CoreError("passkey/no-prf")
  return { id, prf: await askPasskey(id, salt) }
}

/**
 * Asks the passkey with this credential id, and no other, for its output.
 * @throws CoreError as makePasskey, and passkey/other when another passkey answered
 */
export async function askPasskey(
  id: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: random(32),
        allowCredentials: [{ type: "public-key", id }],
        userVerification: "required",
        extensions: { prf: { eval: { first: salt } } },
        timeout: patienceMS,
      },
    }),
  )
  if (!same(new Uint8Array(answer.rawId), id)) throw new CoreError("passkey/other")
  const { prf } = answer.getClientExtensionResults()
  if (prf?.results === undefined) throw new CoreError("passkey/no-prf")
  return view(prf.results.first)
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (!passkeysHere()) throw new CoreError("passkey/missing")
  let answer: Credential | null
  try {
    answer = await ask()
  } catch (e) {
    throw new CoreError(codeOf(e), e instanceof Error ? e.name : "")
  }
  if (!(answer instanceof PublicKeyCredential)) throw new CoreError("passkey/failed")
  return answer
}

/** The browser tells neither a refusal nor a passkey that is elsewhere from a cancelled dialog. */
function codeOf(e: unknown): string {
  const name = e instanceof Error || e instanceof DOMException ? e.name : ""
  if (name === "NotAllowedError" || name === "AbortError") return "passkey/cancelled"
  return name === "NotSupportedError" || name === "SecurityError" ? "passkey/missing" : "passkey/failed"
}

function random(n: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(n))
}

/** The bytes themselves, not a copy. */
function view(source: BufferSource): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(source)
    ? source
    : { buffer: source, byteOffset: 0, byteLength: source.byteLength }
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
