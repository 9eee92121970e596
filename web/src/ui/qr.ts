import { encodeQR } from "qr"

/** Quiet modules around the code, as the standard asks. */
const quiet = 4

/** One SVG path of all dark modules of text at error level M, and the side of the whole drawing in modules. */
export function qrPath(text: string): { readonly path: string; readonly size: number } {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: quiet })
  const runs: string[] = []
  rows.forEach((row, y) => {
    let start = -1
    for (let x = 0; x <= row.length; x++) {
      const dark = row[x] === true
      if (dark && start < 0) start = x
      if (!dark && start >= 0) {
        runs.push(`M${String(start)} ${String(y)}h${String(x - start)}v1h-${String(x - start)}z`)
        start = -1
      }
    }
  })
  return { path: runs.join(""), size: rows.length }
}
