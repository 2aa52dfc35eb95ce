/** A linear scale of time to a length, which may be inverted. */
export interface Scale {
  (t: number): number
  invert(x: number): number
  low: number
  high: number
}

export function scale([from, to]: [number, number], [low, high]: [number, number]): Scale {
  const factor = (high - low) / (to - from || 1)
  return Object.assign((t: number) => low + (t - from) * factor, { invert: (x: number) => from + (x - low) / factor, low, high })
}

/** Steps that clocks have, in milliseconds, from a second on. */
const clock = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map((s) => s * 1000)

/** Round times between two, about as many as asked for and not more, with the step between them. */
export function ticks(from: number, to: number, atMost: number): { step: number; at: number[] } {
  const least = (to - from) / Math.max(1, atMost)
  const step = least > 500 ? (clock.find((s) => s >= least) ?? Math.ceil(least / 86_400_000) * 86_400_000) : decimal(least)
  const at: number[] = []
  for (let n = Math.ceil(from / step - 1e-9); n * step <= to && at.length <= atMost + 1; n++) at.push(n * step)
  return { step, at }
}

/** The next of 1, 2 and 5 times a power of ten. */
function decimal(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-3)))
  return power * ([1, 2, 5, 10].find((n) => n * power >= least) ?? 10)
}
