import { useMemo } from 'preact/hooks'
import { groupVersion, resourceOf, type RunData, type TestData } from '../data/run'
import type { Request } from '../data/requests'
import type { Endpoint } from '../data/types'
import { count, ms, tick } from '../format'
import { setParams, type Route } from '../route'
import { ticks } from '../parts/axis'
import { useWidth } from '../parts/hooks'
import { Table, byNumber, type Column } from '../parts/table'
import { Choice, Search, Verb, hasWords, tally, verbClass } from '../parts/words'

/** A request with what its row shows. */
interface Row extends Request {
  end: Endpoint
  object: string
  bad: boolean
  slow: boolean
}


/** A test's requests on a time axis, as a table whose last column is the axis. */
export function Waterfall({ data, test, requests, route }: { data: RunData; test: TestData; requests: Request[]; route: Route }) {
  const rows = useMemo(() => requests.map((r) => rowOf(data, r)), [data, requests])
  const query = route.params.toString()
  const chosen = useMemo(() => choose(rows, route.params), [rows, query])
  const [low, high] = useMemo(() => range(test, rows), [test, rows])
  const bands = useMemo(() => phaseBands(test, low, high), [test, low, high])
  const [ref, width] = useWidth<HTMLDivElement>()
  const columns = useMemo(() => columnsOf(low, high, width), [low, high, width])
  const phases = tally(rows, (r) => [r.kind.phase])
  return (
    <div ref={ref}>
      <div class="filters">
        <Search label="Search" value={route.params.get('q') ?? ''} onInput={(q) => setParams({ q })} />
        <Choice label="Verb" value={route.params.get('verb') ?? ''} all={tally(rows, (r) => [r.end.verb])} onChange={(verb) => setParams({ verb })} />
        <Choice label="Only" value={route.params.get('only') ?? ''} all={tally(rows, marksOf)} onChange={(only) => setParams({ only })} />
        {phases.length > 0 && <Choice label="Phase" value={route.params.get('phase') ?? ''} all={phases} onChange={(phase) => setParams({ phase })} />}
        <output>{count(chosen.length)} of {count(rows.length)} requests</output>
      </div>
      <Legend data={data} bands={bands !== 'none'} exact={requests[0]?.exact ?? true} />
      <div class="waterfall" style={{ '--bands': bands }}>
        <Table
          name="Requests" columns={columns} rows={chosen} rowHeight={24} sort={route.params.get('sort') ?? ''} onSort={(sort) => setParams({ sort })}
          rowClass={(r) => (r.bad ? 'is-bad' : r.slow ? 'is-slow' : '')} empty="No request is like that."
        />
      </div>
    </div>
  )
}

function rowOf(data: RunData, r: Request): Row {
  const end = data.model.endpoints![r.endpoint]!
  const named = [end.resource === 'namespaces' ? '' : r.namespace, r.name ?? ''].filter(Boolean).join('/')
  const status = r.kind.status
  return {
    ...r, end, object: end.resource ? named : end.path,
    bad: status >= 400 || (status === 0 && !r.open), slow: !end.long_running && r.duration >= data.slow,
  }
}

function marksOf(r: Row): string[] {
  const marks: string[] = []
  if (r.kind.status >= 400) marks.push('errors')
  if (r.slow) marks.push('slow')
  if (r.kind.status === 0) marks.push('without an answer')
  if (r.kind.outcome === 'open') marks.push('open')
  return marks
}

function choose(rows: Row[], params: URLSearchParams): Row[] {
  const [q, verb, only, phase] = ['q', 'verb', 'only', 'phase'].map((k) => params.get(k) ?? '') as [string, string, string, string]
  return rows.filter((r) =>
    (!verb || r.end.verb === verb) && (!phase || r.kind.phase === phase) && (!only || marksOf(r).includes(only)) &&
    (!q || hasWords(`${r.end.verb} ${groupVersion(r.end)} ${resourceOf(r.end)} ${r.object} ${r.kind.status} ${r.kind.source} ${r.kind.outcome}`, q)))
}

/** The time that is shown: of the requests and specs. Requests that last on beyond all of them do not count. */
function range(test: TestData, rows: Row[]): [number, number] {
  const specs = test.specs.filter((s) => s.start_ms !== null)
  let low = Infinity
  let high = -Infinity
  for (const r of rows) {
    low = Math.min(low, r.start)
    high = Math.max(high, r.end.long_running ? r.start : r.start + r.duration)
  }
  for (const s of specs) {
    low = Math.min(low, s.start_ms!)
    high = Math.max(high, s.end_ms ?? s.start_ms!)
  }
  return low < high ? [low, high] : [Math.min(low, 0), low + 1]
}

/** The phases of the test's specs as a background of the axis. */
function phaseBands(test: TestData, low: number, high: number): string {
  const at = (t: number) => `${Math.min(100, Math.max(0, (100 * (t - low)) / (high - low))).toFixed(3)}%`
  const stops: string[] = []
  for (const s of test.specs) {
    s.phases?.forEach((p, i) => {
      const color = `var(--phase-${p.phase.replace(/[^a-z]/g, '') || 'none'})`
      stops.push(`${color} ${at(p.at_ms)}`, `${color} ${at(s.phases![i + 1]?.at_ms ?? s.end_ms ?? high)}`)
    })
    if (s.phases?.length) stops.push(`transparent ${at(s.end_ms ?? high)}`)
  }
  return stops.length ? `linear-gradient(to right, transparent ${stops[0]!.split(' ')[1]}, ${stops.join(', ')})` : 'none'
}

function columnsOf(low: number, high: number, width: number): Column<Row>[] {
  const percent = (t: number) => (100 * (t - low)) / (high - low)
  const { step, at } = ticks(0, high - low, Math.max(2, Math.floor(width / 220)))
  return [
    { key: 'start', title: 'At', width: '5.2rem', from: 720, end: true, cell: (r) => ms(r.start - low) },
    { key: 'verb', title: 'Verb', width: '6.6rem', from: 340, cell: (r) => <Verb verb={r.end.verb} /> },
    { key: 'what', title: 'Resource', width: 'minmax(7rem, 10.5rem)', cell: (r) => <span title={groupVersion(r.end)}>{resourceOf(r.end) || '(none)'}</span> },
    { key: 'object', title: 'Namespace, name', width: width > 1800 ? '22rem' : '14rem', from: 950, cell: (r) => <bdi title={r.object}>{r.object}</bdi> },
    { key: 'phase', title: 'Phase', width: '4.6rem', from: 1150, cell: (r) => r.kind.phase },
    { key: 'source', title: 'Named by', width: '6.5rem', from: 1600, cell: (r) => (r.kind.source === 'none' ? r.kind.why : r.kind.source) },
    { key: 'status', title: 'Status', width: '4rem', end: true, from: 440, cell: (r) => <span title={r.kind.outcome} class={r.bad ? 'bad' : ''}>{r.kind.status || (r.open ? 'open' : 'none')}</span> },
    { key: 'duration', title: 'Duration', width: '5.4rem', end: true, from: 560, compare: byNumber((r) => r.duration), cell: (r) => <span class={r.slow ? 'warn' : ''}>{r.open ? '…' : (r.exact ? '' : '≈ ') + ms(r.duration)}</span> },
    {
      key: 'bar', width: 'minmax(6rem, 1fr)', label: 'Time',
      title: <span class="axis">{at.map((t) => <i key={t} style={{ left: `${percent(low + t)}%` }}><b>{percent(low + t) < 94 && tick(t, step)}</b></i>)}</span>,
      cell: (r) => <BarOf r={r} left={percent(r.start)} right={r.open ? 100 : Math.min(100, percent(r.start + r.duration))} />,
    },
  ]
}

function BarOf({ r, left, right }: { r: Row; left: number; right: number }) {
  const classes = ['bar', verbClass(r.end.verb), r.bad && 'is-bad', r.slow && 'is-slow', r.end.long_running && 'is-long'].filter(Boolean).join(' ')
  return (
    <span class="track">
      <span class={classes} style={{ left: `${left}%`, width: `${Math.max(0, right - left)}%` }} />
      {(r.bad || r.slow) && <span class="mark" aria-hidden="true" style={left > 85 ? { right: `${100 - left}%` } : { left: `${right > 85 ? left : right}%` }}>{r.bad ? r.kind.status || '✗' : 'slow'}</span>}
    </span>
  )
}

function Legend({ data, bands, exact }: { data: RunData; bands: boolean; exact: boolean }) {
  return (
    <p class="legend">
      {['get', 'list', 'watch', 'create', 'update', 'delete', 'other'].map((v) => <span key={v} class={`verb v-${v}`}>{v === 'update' ? 'update, patch' : v}</span>)}
      <span><span class="swatch is-bad" />an error, or no answer</span>
      <span><span class="swatch is-slow" />slow: {ms(data.slow)} or more</span>
      {bands && <span><span class="swatch p-setup" />set-up <span class="swatch p-body" />body <span class="swatch p-cleanup" />clean-up</span>}
      {!exact && <span>durations are good to 4.5 %</span>}
    </p>
  )
}

