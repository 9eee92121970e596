// Clears the line tables of a Go program in WebAssembly, in place: they are an eighth of what a browser loads and
// tell only where in a file a panic came from. Names of functions, stack maps and everything else that the program
// runs on stay as they were; without a table the Go runtime itself says "?:0" (runtime.funcline1).
//   node web/tools/lines.js build/web/core.wasm
// The layout is that of Go 1.20 to 1.26 (runtime/symtab.go). A file of another, or one that is not what it should be
// in any place, is left alone and only larger: build with a newer Go and read what it says.
import { readFileSync, writeFileSync } from "node:fs"

const path = process.argv[2]
if (!path) throw new Error("usage: lines.js <file.wasm>")
try {
  const file = readFileSync(path)
  const memory = image(file)
  clear(memory.bytes)
  memory.store()
  writeFileSync(path, file)
} catch (e) {
  console.warn(`${path} keeps its line tables: ${e.message}`)
}

// image lays the data segments out as the program will see them; store puts them back. What lies between segments
// is zero and stays zero.
function image(wasm) {
  const segments = []
  let at = 8
  const uint = () => {
    for (let n = 0, scale = 1; ; scale *= 128) {
      const b = wasm[at++]
      n += (b & 127) * scale
      if (b < 128) return n
    }
  }
  const expect = (b) => {
    if (wasm[at++] !== b) throw new Error(`data segment: unexpected byte at ${at - 1}`)
  }
  while (at < wasm.length) {
    const section = wasm[at++]
    const end = uint() + at
    for (let n = section === 11 ? uint() : 0; n > 0; n--) {
      expect(0) // memory 0
      expect(0x41) // i32.const
      const address = uint()
      expect(0x0b) // end
      const length = uint()
      segments.push({ address, length, at })
      at += length
    }
    at = end
  }
  const bytes = Buffer.alloc(Math.max(...segments.map((s) => s.address + s.length)))
  for (const s of segments) wasm.copy(bytes, s.address, s.at, s.at + s.length)
  const store = () => {
    for (const s of segments) bytes.copy(wasm, s.at, s.address, s.address + s.length)
  }
  return { bytes, store }
}

function clear(bytes) {
  const header = bytes.indexOf(Buffer.from([0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8]))
  if (header < 0) throw new Error("no table of Go 1.20 to 1.26 in this file")
  const word = (i) => Number(bytes.readBigUInt64LE(header + 8 * i))
  const [functions, pctab, funcs] = [word(1), header + word(7), header + word(8)]
  const kept = new Set([0])
  const dropped = new Set()
  for (let i = 0; i < functions; i++) {
    const f = funcs + bytes.readUInt32LE(funcs + 8 * i + 4)
    const tables = bytes.readUInt32LE(f + 28)
    if (tables > 8) throw new Error(`function ${i} has ${tables} tables`)
    kept.add(bytes.readUInt32LE(f + 16)) // sizes of frames
    for (let t = 0; t < tables; t++) kept.add(bytes.readUInt32LE(f + 44 + 4 * t))
    for (const field of [20, 24]) {
      dropped.add(bytes.readUInt32LE(f + field)) // files, lines
      bytes.writeUInt32LE(0, f + field)
    }
    bytes.writeInt32LE(0, f + 40 - 4) // first line
  }
  // Tables lie one after another; equal ones are stored once, so one that somebody else needs is kept.
  const starts = [...new Set([...kept, ...dropped])].sort((a, b) => a - b)
  for (let i = 0; i < starts.length; i++) {
    if (kept.has(starts[i])) continue
    const end = endOf(bytes, pctab + starts[i])
    if (starts[i + 1] !== undefined && end > pctab + starts[i + 1]) throw new Error("tables overlap")
    bytes.fill(0, pctab + starts[i], end)
  }
}

// endOf walks pairs of variable-length numbers up to the zero that ends a table.
function endOf(bytes, at) {
  const number = () => {
    while (bytes[at++] > 127);
  }
  for (let first = true; bytes[at] !== 0 || first; first = false) {
    number()
    number()
  }
  return at + 1
}
