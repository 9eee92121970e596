/** Decodes a record's picture in a Worker without keys. Source: threats.md A33. */
export { decodePicture } from "#core/picture.ts"
