/** Bounds of reading foreign files, with where each comes from. */

/** What the core takes as one file, and so the largest original kept as a document. Source: spec/record.md §5. */
export const fileMax = 32 << 20

/** A31: what one archive may hold, unpacked; how much larger than packed; how many entries. Source: threats.md. */
export const unpackedMax = 200 << 20
export const ratioMax = 100
export const entriesMax = 2000
/** Small files may well be a hundred times smaller packed: below this the ratio is not looked at. */
export const ratioFrom = 1 << 20
/** The list of an archive's entries: 2,000 with long names. */
export const directoryMax = 1 << 20

/** One measurement file of an Apple Health export is read as it streams and never held; ten years of a watch are 2 GB. */
export const streamMax = 4 * 1024 * 1024 * 1024
/** How many measurements of one kind are brought in, the newest; the rest stays in the export. */
export const perKindMax = 1000
/** The core takes 20,000 records of one file. Source: spec/record.md §5. */
export const recordsMax = 20_000

/** A32: elements open at once, and the longest tag. A real document stays below 40 and 4 KB. */
export const xmlDepthMax = 64
export const tagMax = 64 << 10
/** C-CDA documents of hospitals have up to a few MB; the converter holds about 20 times their size. */
export const ccdaMax = 8 << 20

/** A card's payload, inflated. Cards are made to fit QR codes: the largest sample has 20 KB. */
export const cardMax = 5 << 20
export const cardsMax = 20
/** A JWE of a link holds at most what a file may hold. */
export const linkTextMax = 4096

/** Of a CSV table. */
export const csvMax = 8 << 20
export const rowsMax = 20_000
export const columnsMax = 100
/** Shown of a table before its columns are named. */
export const rowsShown = 5

/** Warnings shown of one record, and records checked: more helps nobody. */
export const warningsMax = 5
