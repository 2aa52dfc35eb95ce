// The JSON of Go's view.Live, which says what each field means, and what is kept of its answers.

export interface LiveRow {
  id: number
  start_ms: number
  duration_ms: number
  open: boolean
  method: string
  verb: string
  path: string
  query: string
  group: string
  version: string
  resource: string
  namespace: string
  name: string
  status: number
  outcome: string
  error: string
  test: string
  source: string
  why: string
  phase: string
  client: string
  command: string
}

export interface Live {
  requests: number
  errors_4xx: number
  errors_5xx: number
  watches: number
  specs: number
  specs_ended: number
  now_ms: number
  ended: boolean
  running: { test: string; node: string; worker: string; start_ms: number }[]
  sending: { test: string; last_ms: number }[]
  last: number
  seen: number
  skipped: number
  rows: LiveRow[]
  closed: LiveRow[]
}

/** What requests can be chosen by. */
export const filters = ['test', 'verb', 'resource', 'status', 'client'] as const

/** How many requests are kept and shown. */
export const most = 500

/** How many are asked for at once: more in half a second nobody reads. */
const atOnce = 100

/** Over how many milliseconds the rate is taken. */
const rateOver = 5000

/** The newest requests, newest first, as answers tell of them one after the other. */
export class Tail {
  rows: LiveRow[] = []
  skipped = 0 // chosen ones that were never sent
  missed = 0 // new ones since the pause
  last: Live | null = null
  private after = 0
  private counts: { at: number; requests: number }[] = []

  /** Begins anew with other requests of the same run. */
  anew(): Tail {
    const tail = new Tail()
    tail.last = this.last
    tail.counts = this.counts
    return tail
  }

  /** Whether an answer told of requests. */
  get begun(): boolean {
    return this.after > 0
  }

  /** The next question. While it is paused it is for numbers only. */
  query(filter: URLSearchParams, paused: boolean): URLSearchParams {
    const q = new URLSearchParams({ after: String(this.after), limit: String(paused ? 0 : this.after ? atOnce : most) })
    for (const key of filters) if (filter.get(key)) q.set(key, filter.get(key)!)
    const open = this.rows.filter((r) => r.open).slice(0, atOnce)
    if (open.length > 0 && !paused) q.set('open', open.map((r) => r.id).join(','))
    return q
  }

  /** Takes the answer. Rows may come again, and may have ended since. */
  take(live: Live, paused: boolean) {
    this.last = live
    this.counts = [...this.counts, { at: live.now_ms, requests: live.requests }].filter((c) => c.at >= live.now_ms - rateOver)
    this.missed = paused ? live.seen : 0
    if (paused) return
    this.skipped += live.skipped
    this.after = Math.max(this.after, live.last)
    const changed = new Map([...live.rows, ...live.closed].map((r) => [r.id, r]))
    const known = new Set(this.rows.map((r) => r.id))
    const old = this.rows.map((r) => changed.get(r.id) ?? r)
    this.rows = [...live.rows.filter((r) => !known.has(r.id)), ...old].sort((a, b) => b.id - a.id).slice(0, most)
  }

  /** Requests per second lately; null if it is not known yet. */
  rate(): number | null {
    const [first, last] = [this.counts[0], this.counts.at(-1)]
    return first && last && last.at > first.at ? ((last.requests - first.requests) * 1000) / (last.at - first.at) : null
  }
}
