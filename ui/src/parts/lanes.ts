import type { RunData } from '../data/run'
import type { Activity, Spec } from '../data/types'

/** Something that took time: a spec, or a test of which only requests are known. */
export interface Bar {
  key: string
  test: string | null // null: a node of the whole suite
  title: string
  outcome: string
  start: number
  end: number
}

/** What one worker ran. Bars of a row do not overlap. */
export interface Lane {
  title: string
  short: string
  rows: Bar[][]
}

/** A lane for each worker, and one for tests of which no spec is known. */
export function lanesOf(data: RunData, activity: Activity): Lane[] {
  const workers = new Map<string, Bar[]>()
  const told = new Set<string>()
  const end = runEnd(data, activity)
  data.model.specs?.forEach((s, i) => {
    if (s.start_ms === null) return
    told.add(s.test)
    const bars = workers.get(s.worker)
    const bar = barOf(s, i, end)
    if (bars) bars.push(bar)
    else workers.set(s.worker, [bar])
  })
  const names = [...workers.keys()].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }))
  const lanes = names.map((w) => ({ title: titleOf(w), short: /^\d+$/.test(w) ? w : w.slice(0, 4), rows: stack(workers.get(w)!) }))
  const untold: Bar[] = Object.entries(activity.tests).filter(([test]) => test && !told.has(test)).map(([test, [start, last]]) => ({
    key: 'requests of ' + test, test, title: test, outcome: '', start, end: last,
  }))
  if (untold.length) lanes.push({ title: names.length ? 'no spec' : 'tests', short: '', rows: stack(untold) })
  return lanes
}

const titleOf = (worker: string) => (worker === '' ? 'specs' : /^\d+$/.test(worker) ? `process ${worker}` : worker)

function barOf(s: Spec, i: number, end: number): Bar {
  const stop = s.end_ms ?? (s.duration_ms !== null ? s.start_ms! + s.duration_ms : end)
  return { key: String(i), test: s.test || null, title: s.test || `(${s.node})`, outcome: s.outcome, start: s.start_ms!, end: Math.max(stop, s.start_ms!) }
}

/** When the run ended, in milliseconds since its start; as far as is known, if it has not. */
export function runEnd(data: RunData, activity: Activity): number {
  if (data.model.run.duration_ms !== null) return data.model.run.duration_ms
  let end = (activity.requests?.length ?? 0) * activity.width_ms
  for (const s of data.model.specs ?? []) end = Math.max(end, s.end_ms ?? s.start_ms ?? 0)
  return end || 1000
}

/** Puts bars that overlap below each other. */
function stack(bars: Bar[]): Bar[][] {
  const rows: Bar[][] = []
  for (const bar of bars.sort((a, b) => a.start - b.start)) {
    const row = rows.find((r) => r[r.length - 1]!.end <= bar.start + 1)
    if (row) row.push(bar)
    else rows.push([bar])
  }
  return rows
}
