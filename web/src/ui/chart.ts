/** Arithmetic of a line chart: scales, marks on the axes, and no more points than the screen has columns. */

export interface Dot {
  readonly at: number
  readonly value: number
  readonly hollow: boolean
}

/** Round marks from at or below low to at or above high, at most about count of them. */
export function ticks(low: number, high: number, count: number): readonly number[] {
  const span = high - low
  if (!(span > 0) || !Number.isFinite(span)) return [low]
  const rough = span / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((times) => times * power).find((each) => each >= rough) ?? 10 * power
  const first = Math.floor(low / step)
  const last = Math.ceil(high / step)
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/**
 * The dots that can be told apart in columns: of each column the first, the lowest, the highest and the last, in
 * time's order, so that the drawn line has the shape of the whole one. dots are in time's order.
 */
export function thinned(dots: readonly Dot[], columns: number): readonly Dot[] {
  const [first, last] = [dots[0], dots.at(-1)]
  if (first === undefined || last === undefined || dots.length <= columns * 4) return dots
  const span = last.at - first.at || 1
  const out: Dot[] = []
  for (let from = 0; from < dots.length;) {
    const column = columnOf(dots[from], first.at, span, columns)
    let to = from
    while (to < dots.length && columnOf(dots[to], first.at, span, columns) === column) to++
    out.push(...outline(dots.slice(from, to)))
    from = to
  }
  return out
}

const columnOf = (dot: Dot | undefined, from: number, span: number, columns: number): number =>
  dot === undefined ? -1 : Math.floor(((dot.at - from) / span) * columns)

function outline(dots: readonly Dot[]): readonly Dot[] {
  let [low, high] = [0, 0]
  dots.forEach((dot, i) => {
    if (dot.value < (dots[low]?.value ?? Infinity)) low = i
    if (dot.value > (dots[high]?.value ?? -Infinity)) high = i
  })
  const kept = [...new Set([0, low, high, dots.length - 1])].sort((a, b) => a - b)
  return kept.flatMap((i) => dots[i] ?? [])
}
