import { useContext, useMemo, useState } from 'preact/hooks'
import { resourceOf, type RunData } from '../data/run'
import { most, type Live, type LiveRow } from '../data/live'
import { count, ms } from '../format'
import { href, setParams, testHref, type Route } from '../route'
import { Model } from '../model'
import { useKeys } from '../parts/hooks'
import { useTail } from '../parts/tail'
import { Table, type Column } from '../parts/table'
import { Choice, Problem, Search, Stat, TestName, Verb } from '../parts/words'
import { LiveDetail } from './live-detail'

/** A run that goes on: what runs now, and its requests as they come. */
export function LivePage({ data, route }: { data: RunData; route: Route }) {
  const { source } = useContext(Model)
  const [paused, setPaused] = useState(false)
  const tail = useTail(source, route.params, paused)
  const toggle = () => setPaused((p) => !p)
  useKeys((key) => key === 'p' && toggle(), [])
  if (!source.tail) return <Problem error="Only a run that goes on has a live view." />
  const live = tail.last
  const id = Number(route.params.get('id'))
  return (
    <>
      {tail.error && <Problem error={tail.error} />}
      {live && <Counters live={live} rate={live.ended ? null : tail.rate()} />}
      {live && live.running.length > 0 ? <Running live={live} /> : live && live.sending.length > 0 && <Sending live={live} />}
      <section>
        <h2>{live?.ended ? 'The run has ended' : 'Requests as they come'}</h2>
        <Filters data={data} route={route} rows={tail.rows} />
        <div class="live-bar">
          <button type="button" aria-pressed={paused} disabled={live?.ended} onClick={toggle}>{paused ? 'Resume' : 'Pause'} <kbd>p</kbd></button>
          <output>
            {paused ? `Paused: ${count(tail.missed)} new since.` : `The newest ${count(tail.rows.length)}${tail.rows.length === most ? ', no more are kept' : ''}.`}
            {tail.skipped > 0 && ` ${count(tail.skipped)} more not shown.`}
          </output>
        </div>
        {id > 0 && <LiveDetail id={id} rows={tail.rows} server={data.model.run.server} close={() => setParams({ id: null })} />}
        <div class="fill">
          <Table
            name="Newest requests" columns={columns} rows={tail.rows} rowHeight={26} href={(r) => href('live', { ...Object.fromEntries(route.params), id: r.id })}
            rowClass={(r) => `${isBad(r) ? 'is-bad' : ''} ${r.id === id ? 'is-open' : ''}`} empty={tail.begun ? 'No request is like that yet.' : 'Reading…'}
          />
        </div>
      </section>
    </>
  )
}

export const isBad = (r: LiveRow) => r.status >= 400 || (r.status === 0 && !r.open)

const statusText = (r: LiveRow) => String(r.status || (r.open ? 'open' : 'none'))

const columns: Column<LiveRow>[] = [
  { key: 'start', title: 'At', width: '5.6rem', from: 700, end: true, cell: (r) => ms(r.start_ms) },
  { key: 'verb', title: 'Verb', width: '6.6rem', from: 300, cell: (r) => <Verb verb={r.verb} /> },
  { key: 'what', title: 'Resource', width: 'minmax(7rem, 13rem)', cell: (r) => <span title={r.path}>{r.resource || r.path}</span> },
  { key: 'object', title: 'Namespace, name', width: 'minmax(8rem, 1fr)', from: 900, cell: (r) => <bdi title={r.path}>{r.resource ? [r.namespace, r.name].filter(Boolean).join('/') : ''}</bdi> },
  { key: 'status', title: 'Status', width: '4rem', end: true, cell: (r) => <span title={r.outcome} class={isBad(r) ? 'bad' : ''}>{statusText(r)}</span> },
  { key: 'duration', title: 'Duration', width: '5.4rem', end: true, from: 520, cell: (r) => (r.open ? '…' : ms(r.duration_ms)) },
  { key: 'client', title: 'Client', width: 'minmax(6rem, 11rem)', from: 1200, cell: (r) => <bdi>{r.client}</bdi> },
  { key: 'test', title: 'Test', width: 'minmax(8rem, 2fr)', from: 620, cell: (r) => (r.test ? <a href={testHref(r.test)} title={r.test.slice(0, 500)}><TestName name={r.test} /></a> : <span class="none">{r.why || '(no test)'}</span>) },
]

function Counters({ live, rate }: { live: Live; rate: number | null }) {
  const errors = live.errors_4xx + live.errors_5xx
  return (
    <div class="stats">
      <Stat title="Requests" value={count(live.requests)} note="in the run" />
      <Stat title="Per second" value={rate === null ? '–' : count(Math.round(rate))} note="in the last 5 seconds" />
      <Stat title="Answers 4xx, 5xx" value={count(errors)} note={`${count(live.errors_4xx)} and ${count(live.errors_5xx)}`} />
      <Stat title="Watches" value={count(live.watches)} />
      <Stat title="Specs that ended" value={count(live.specs_ended)} note={live.running.length > 0 || live.sending.length === 0 ? `${count(live.running.length)} running` : `${count(live.sending.length)} sent requests lately`} />
    </div>
  )
}

/** More running specs than these are counted only. */
const shownRunning = 12

function Running({ live }: { live: Live }) {
  return (
    <section>
      <h2>Running now</h2>
      <ul class="plain running" aria-label="Running specs">
        {live.running.slice(0, shownRunning).map((s) => (
          <li key={`${s.worker} ${s.start_ms} ${s.test}`}>
            <span class="n">{ms(Math.max(0, live.now_ms - s.start_ms))}</span>
            {s.test ? <a href={testHref(s.test)}><TestName name={s.test} /></a> : <span>{s.node}</span>}
            {s.worker && <span class="none">process {s.worker}</span>}
          </li>
        ))}
      </ul>
      {live.running.length > shownRunning && <p class="none">and {count(live.running.length - shownRunning)} more</p>}
    </section>
  )
}

/** Where nothing tells what runs, as with parallel processes of ginkgo, requests do. */
function Sending({ live }: { live: Live }) {
  return (
    <section>
      <h2>Sent requests in the last 10 seconds</h2>
      <ul class="plain running" aria-label="Tests that send requests">
        {live.sending.slice(0, shownRunning).map((s) => (
          <li key={s.test}>
            <span class="n">{ms(Math.max(0, live.now_ms - s.last_ms))} ago</span>
            <a href={testHref(s.test)}><TestName name={s.test} /></a>
          </li>
        ))}
      </ul>
      {live.sending.length > shownRunning && <p class="none">and {count(live.sending.length - shownRunning)} more</p>}
    </section>
  )
}

function Filters({ data, route, rows }: { data: RunData; route: Route; rows: LiveRow[] }) {
  const of = (key: string) => route.params.get(key) ?? ''
  const known = useMemo(() => choices(data), [data])
  const clients = [...new Set(rows.map((r) => r.client))].sort()
  const choose = (key: string, label: string, all: string[]) => (
    <Choice label={label} value={of(key)} all={all.map((v) => [v, 0])} plain onChange={(v) => setParams({ [key]: v })} />
  )
  return (
    <div class="filters">
      <Search label="Test: a part of its name, or none" value={of('test')} onInput={(test) => setParams({ test })} />
      {choose('verb', 'Verb', known.verbs)}
      {choose('resource', 'Resource', known.resources)}
      {choose('status', 'Status', known.statuses)}
      {choose('client', 'Client', clients)}
    </div>
  )
}

/** What the run has asked for and got so far. */
function choices(data: RunData) {
  const sorted = (list: string[]) => [...new Set(list)].filter(Boolean).sort()
  const statuses = sorted((data.model.uses.status ?? []).map((s) => String(s || '')))
  return {
    verbs: sorted(data.endpoints.map((e) => e.endpoint.verb)), resources: sorted(data.endpoints.map((e) => resourceOf(e.endpoint))),
    statuses: ['2xx', '4xx', '5xx', 'none', ...statuses],
  }
}
