/** For bench.mjs: 50,000 results to lines, drawn by the chart of the app, until the frame with it is painted. */
import "#style/base.css"
import { mount } from "svelte"
import Chart from "#ui/Chart.svelte"
import { resourceIn } from "#ui/fhir/open.ts"
import { resultOf } from "#ui/fhir/result.ts"
import { seriesOf } from "#ui/fhir/trend.ts"

const count = 50_000
const dayMS = 86_400_000

const readings = Array.from({ length: count }, (_, i) => {
  const when = new Date(i * (dayMS / 4)).toISOString()
  const text = `{"code":{"text":"Pulse"},"effectiveDateTime":"${when}","valueQuantity":{"value":${(70 + 20 * Math.sin(i / 90)).toFixed(2)},"unit":"/min"}}`
  const node = resourceIn(new TextEncoder().encode(text))
  if (node === null) throw new Error(text)
  return { record: String(i), result: resultOf(node) }
})

async function drawn(): Promise<number> {
  const target = document.querySelector("#app")
  if (target === null) throw new Error("no #app")
  const from = performance.now()
  const [line] = seriesOf(readings)
  if (line === undefined) throw new Error("no line")
  const dots = line.points.map((point) => ({ at: point.at, value: point.value, hollow: false }))
  mount(Chart, {
    target,
    props: {
      dots,
      low: 60,
      high: 80,
      unit: line.unit,
      sentence: "Pulse",
      date: (ms: number) => new Date(ms).toISOString().slice(0, 4),
    },
  })
  while (document.querySelector("path.line") === null) await new Promise(requestAnimationFrame)
  await new Promise(requestAnimationFrame)
  return performance.now() - from
}

Object.assign(window, { drawn })
