const numbers = new Intl.NumberFormat('en-US')

export const count = (n: number) => numbers.format(n)

/** A duration in three figures and a unit: "1.28 ms", "3m 05s". */
export function ms(n: number | null): string {
  if (n === null) return '–'
  if (n < 0) return '−' + ms(-n)
  if (n === 0) return '0 ms'
  if (n < 1) return `${Math.round(n * 1000)} µs`
  if (n < 1000) return `${figures(n)} ms`
  if (n < 60_000) return `${figures(n / 1000)} s`
  const s = Math.round(n / 1000)
  if (s < 3600) return `${Math.floor(s / 60)}m ${two(s % 60)}s`
  return `${Math.floor(s / 3600)}h ${two(Math.floor(s / 60) % 60)}m`
}

/** A place on a time axis whose ticks are step milliseconds apart: "350ms", "1.5s", "2m05s", "1h30m". */
export function tick(at: number, step: number): string {
  if (step < 1000) return at < 1000 ? `${+at.toFixed(3)}ms` : `${+(at / 1000).toFixed(6)}s`
  const s = Math.round(at / 1000)
  if (s < 60) return `${s}s`
  if (s < 3600) return `${Math.floor(s / 60)}m${s % 60 ? two(s % 60) + 's' : ''}`
  return `${Math.floor(s / 3600)}h${s % 3600 ? two(Math.floor((s % 3600) / 60)) + 'm' : ''}`
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`
  for (const unit of ['KiB', 'MiB', 'GiB']) {
    n /= 1024
    if (n < 1024 || unit === 'GiB') return `${n.toFixed(1)} ${unit}`
  }
  return ''
}

export function percent(part: number, whole: number): string {
  if (whole === 0) return '–'
  const p = (100 * part) / whole
  return `${p > 0 && p < 0.1 ? '< 0.1' : p > 99.9 && p < 100 ? '> 99.9' : +p.toFixed(1)} %`
}

/** An instant, in the reader's own time zone. */
export function instant(rfc3339: string): string {
  const t = new Date(rfc3339)
  return isNaN(t.getTime()) ? rfc3339 : t.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
}

/** An instant for a list, where there is little space. */
export function moment(rfc3339: string): string {
  const t = new Date(rfc3339)
  return isNaN(t.getTime()) ? rfc3339 : t.toLocaleString(undefined, { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' })
}

const two = (n: number) => String(n).padStart(2, '0')

const figures = (n: number) => (n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2))
