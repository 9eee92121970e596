/** Reads the codes in a picture, for ui/Scanner: `read={readCodes}`. */
export { readCodes } from "#core/scan.ts"
