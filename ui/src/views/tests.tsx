import { useMemo } from 'preact/hooks'
import type { RunData, TestData } from '../data/run'
import { bytes, count, ms } from '../format'
import { setParams, testHref, type Route } from '../route'
import { Table, byNumber, byText, type Column } from '../parts/table'
import { Choice, Outcome, Search, TestName, hasWords, sourcesText, tally } from '../parts/words'

export const testColumns: Column<TestData>[] = [
  { key: 'outcome', title: <span class="sr">Outcome</span>, width: '2rem', compare: byText((t) => t.outcome), cell: (t) => (t.test ? <Outcome outcome={t.outcome} short /> : null) },
  { key: 'test', title: 'Test', width: 'minmax(8rem, 1fr)', compare: byText((t) => t.test), cell: (t) => <a href={testHref(t.test)} title={t.test.slice(0, 500)}><TestName name={t.test} /></a> },
  { key: 'duration', title: 'Duration', width: '6rem', from: 760, end: true, compare: byNumber((t) => t.duration), cell: (t) => ms(t.duration) },
  { key: 'requests', title: 'Requests', width: '5.6rem', end: true, compare: byNumber((t) => t.requests), cell: (t) => count(t.requests) },
  { key: 'errors_4xx', title: '4xx', width: '3.4rem', end: true, from: 360, compare: byNumber((t) => t.errors_4xx), cell: (t) => <span class={t.errors_4xx ? 'warn' : 'none'}>{count(t.errors_4xx)}</span> },
  { key: 'errors_5xx', title: '5xx', width: '3.4rem', end: true, from: 480, compare: byNumber((t) => t.errors_5xx), cell: (t) => <span class={t.errors_5xx ? 'bad' : 'none'}>{count(t.errors_5xx)}</span> },
  { key: 'watches', title: 'Watches', width: '5.5rem', from: 1500, end: true, compare: byNumber((t) => t.watches), cell: (t) => count(t.watches) },
  { key: 'endpoints', title: 'Endpoints', width: '6.2rem', from: 1500, end: true, compare: byNumber((t) => t.endpoints), cell: (t) => count(t.endpoints) },
  { key: 'bytes_in', title: 'In', width: '6rem', from: 2000, end: true, compare: byNumber((t) => t.bytes_in), cell: (t) => bytes(t.bytes_in) },
  { key: 'bytes_out', title: 'Out', width: '6rem', from: 1800, end: true, compare: byNumber((t) => t.bytes_out), cell: (t) => bytes(t.bytes_out) },
  { key: 'p50_ms', title: 'p50', width: '5.5rem', from: 1700, end: true, compare: byNumber((t) => t.p50_ms), cell: (t) => ms(t.p50_ms) },
  { key: 'p99_ms', title: 'p99', width: '5.5rem', from: 1000, end: true, compare: byNumber((t) => t.p99_ms), cell: (t) => ms(t.p99_ms) },
  { key: 'max_ms', title: 'max', width: '5.5rem', from: 1600, end: true, compare: byNumber((t) => t.max_ms), cell: (t) => ms(t.max_ms) },
  { key: 'sources', title: 'Named by', width: '12rem', from: 1250, cell: (t) => <span title={sourcesText(t.sources)}>{sourcesText(t.sources)}</span> },
]

const filters = ['outcome', 'source', 'verb', 'resource'] as const
type Filter = (typeof filters)[number]

function valuesOf(t: TestData, f: Filter): Iterable<string> {
  switch (f) {
    case 'outcome': return t.test ? [t.outcome || 'not known'] : []
    case 'source': return Object.keys(t.sources)
    case 'verb': return t.verbs
    case 'resource': return t.resources
  }
}

/** The tests that a view's address chooses. */
export function chosenTests(tests: TestData[], params: URLSearchParams): TestData[] {
  const q = params.get('q') ?? ''
  const wanted = filters.flatMap((f) => (params.get(f) ? [[f, params.get(f)!] as const] : []))
  return tests.filter((t) => {
    for (const [f, value] of wanted) {
      let has = false
      for (const v of valuesOf(t, f)) has ||= v === value
      if (!has) return false
    }
    return q === '' || hasWords(t.test + ' ' + t.specs.map((s) => `${s.location} ${(s.labels ?? []).join(' ')}`).join(' '), q)
  })
}

export function Tests({ data, route }: { data: RunData; route: Route }) {
  const query = route.params.toString()
  const chosen = useMemo(() => chosenTests(data.tests, route.params), [data, query])
  const sums = chosen.reduce((n, t) => n + t.requests, 0)
  return (
    <section class="fill">
      <h2>Tests</h2>
      <div class="filters" role="search">
        <Search label="Search" value={route.params.get('q') ?? ''} onInput={(q) => setParams({ q })} />
        {filters.map((f) => (
          <Choice key={f} label={labels[f]} value={route.params.get(f) ?? ''} all={tally(data.tests, (t) => valuesOf(t, f))} onChange={(v) => setParams({ [f]: v })} />
        ))}
        <output>{count(chosen.length)} of {count(data.tests.length)} rows, {count(sums)} requests</output>
      </div>
      <Table
        name="Tests" columns={testColumns} rows={chosen} href={(t) => testHref(t.test)} sort={route.params.get('sort') ?? 'requests'}
        onSort={(sort) => setParams({ sort })} empty="No test is like that."
      />
    </section>
  )
}

const labels: Record<Filter, string> = { outcome: 'Outcome', source: 'Named by', verb: 'Verb', resource: 'Resource' }
