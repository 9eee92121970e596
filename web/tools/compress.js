// Writes name.br beside each text or wasm file under a folder; the relay serves it to browsers that accept brotli.
//   node web/tools/compress.js web/dist
// A .br that is already right is left alone: quality 11 takes seconds per megabyte.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib"

const worth = /\.(?:html|js|css|svg|json|webmanifest|wasm|txt)$/
const root = process.argv[2]
if (!root) throw new Error("usage: compress.js <folder>")

for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !worth.test(entry.name)) continue
  const path = join(entry.parentPath, entry.name)
  const bytes = readFileSync(path)
  if (bytes.length >= 1024 && !isRight(path + ".br", bytes)) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 }
    params[constants.BROTLI_PARAM_SIZE_HINT] = bytes.length
    writeFileSync(path + ".br", brotliCompressSync(bytes, { params }))
  }
}

function isRight(path, bytes) {
  try {
    return existsSync(path) && brotliDecompressSync(readFileSync(path)).equals(bytes)
  } catch {
    return false
  }
}
