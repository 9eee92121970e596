/** What reading a foreign file can give; it travels from the Worker without keys to the page. */

/** Something about a file that the person should know: a code of i18n's `import.notes`, and its detail. */
export interface Note {
  readonly code: string
  readonly detail: string
}

/** What breaks FHIR's rules in the index-th resource of a file. */
export interface Warning {
  readonly index: number
  readonly text: string
}

/** One thing to bring in: a FHIR file, or a file of another format with what was made from it. */
export interface Part {
  readonly name: string
  readonly mediaType: string
  /** 0 for FHIR; else how many of the bytes are the file itself. The FHIR made from it follows. */
  readonly original: number
  /** What it was, when original is not 0. */
  readonly format: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly notes: readonly Note[]
  readonly warnings: readonly Warning[]
}

export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly count: number
  readonly guess: Mapping
}

/** Which column of a table is what; -1 for none. unit is used where there is no column. */
export interface Mapping {
  readonly date: number
  readonly value: number
  readonly what: number
  readonly unit: number
  readonly whatText: string
  readonly unitText: string
}

/** A public key that an issuer of cards uses, as a key file has it, and the name of that file. */
export interface CardKey {
  readonly jwk: Readonly<Record<string, unknown>>
  readonly from: string
}

/** Where a SMART Health Link points, and the key inside it. */
export interface HealthLink {
  readonly url: string
  readonly key: string
  readonly label: string
  /** Unix seconds, 0 for never. */
  readonly expires: number
  /** U: one file to fetch; P: a passcode is asked for; L: the file changes over time. */
  readonly flags: string
}

export interface Entry {
  readonly index: number
  readonly name: string
  readonly size: number
}

export type Found =
  | { readonly kind: "part"; readonly part: Part }
  | { readonly kind: "parts"; readonly parts: readonly Part[] }
  | {
      readonly kind: "archive"
      readonly whole: Part | null
      readonly entries: readonly Entry[]
      readonly notes: readonly Note[]
    }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "link"; readonly link: HealthLink }
  | { readonly kind: "keys"; readonly keys: readonly CardKey[] }

/** What the page knows beside the file. */
export interface How {
  /** An entry of the archive that the file is. */
  readonly entry: number | null
  readonly mapping: Mapping | null
  readonly link: HealthLink | null
  readonly keys: readonly CardKey[]
  readonly nowMS: number
  /** Whatever it is, keep it as a document. */
  readonly asDocument: boolean
}

export type FromReader =
  | { readonly kind: "progress"; readonly done: number; readonly total: number }
  | { readonly kind: "found"; readonly found: Found }
  | { readonly kind: "refused"; readonly code: string; readonly detail: string }

export interface ToReader {
  readonly file: Blob
  readonly name: string
  readonly how: How
}
