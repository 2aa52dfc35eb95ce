import { useMemo } from 'preact/hooks'
import { endpointTitle, groupVersion, resourceOf, type EndpointData, type RunData, type TestData, type Use } from '../data/run'
import type { Endpoint } from '../data/types'
import { count } from '../format'
import { setParams, testHref, type Route } from '../route'
import { OperationLink, useCoverage } from '../parts/coverage'
import { Table, byNumber, byText, type Column } from '../parts/table'
import { Outcome, Problem, Stat, TestName, Verb } from '../parts/words'

interface Row {
  test: TestData
  requests: number
  errors: number
  statuses: Map<number, number>
}

const columns: Column<Row>[] = [
  { key: 'outcome', title: <span class="sr">Outcome</span>, width: '2rem', compare: byText((r) => r.test.outcome), cell: (r) => (r.test.test ? <Outcome outcome={r.test.outcome} short /> : null) },
  { key: 'test', title: 'Test', width: 'minmax(8rem, 1fr)', compare: byText((r) => r.test.test), cell: (r) => <a href={testHref(r.test.test)}><TestName name={r.test.test} /></a> },
  { key: 'requests', title: 'Requests', width: '6rem', end: true, compare: byNumber((r) => r.requests), cell: (r) => count(r.requests) },
  { key: 'errors', title: '4xx, 5xx', width: '6rem', end: true, compare: byNumber((r) => r.errors), cell: (r) => <span class={r.errors ? 'warn' : 'none'}>{count(r.errors)}</span> },
  { key: 'statuses', title: 'Answers', width: '14rem', from: 760, cell: (r) => statusText(r.statuses) },
]

export function EndpointPage({ data, route }: { data: RunData; route: Route }) {
  const key = route.params.get('key') ?? ''
  const e = data.groups.get(key)
  const coverage = useCoverage(data).value
  const rows = useMemo(() => (e ? byTest(e) : []), [e])
  if (!e || e.requests === 0) return <Problem error={`This run has no requests for the endpoint "${key.slice(0, 200)}".`} />
  return (
    <>
      <h2 class="name"><Verb verb={e.endpoint.verb} /> {resourceOf(e.endpoint) || '(no resource)'}</h2>
      <div class="stats">
        <Stat title="Method" value={e.endpoint.method || '–'} />
        <Stat title="Group, version" value={groupVersion(e.endpoint) || '–'} />
        <Stat title="Requests" value={count(e.requests)} />
        <Stat title="Tests" value={count(e.tests)} note="that sent some" />
        <Stat title="Answers 4xx, 5xx" value={count(e.errors)} />
      </div>
      <section>
        <h3>What was asked for</h3>
        <ul class="plain numbers">{forms(e).map(([form, n, end]) => <li key={form}><span><code>{form}</code> <OperationLink coverage={coverage} endpoint={end} /></span> <span class="n">{count(n)}</span></li>)}</ul>
      </section>
      <section class="fill">
        <h3>Tests that hit it</h3>
        <Table
          name={`Tests that asked for ${endpointTitle(e.endpoint)}`} columns={columns} rows={rows} href={(r) => testHref(r.test.test)}
          sort={route.params.get('sort') ?? 'requests'} onSort={(sort) => setParams({ sort })}
        />
      </section>
    </>
  )
}

function byTest(e: EndpointData): Row[] {
  const rows = new Map<TestData, Row>()
  for (const u of e.uses) {
    const row = rows.get(u.test) ?? { test: u.test, requests: 0, errors: 0, statuses: new Map<number, number>() }
    row.requests += u.requests
    if (u.status >= 400) row.errors += u.requests
    row.statuses.set(u.status, (row.statuses.get(u.status) ?? 0) + u.requests)
    rows.set(u.test, row)
  }
  return [...rows.values()]
}

const statusText = (statuses: Map<number, number>) =>
  [...statuses].sort((a, b) => a[0] - b[0]).map(([s, n]) => `${s || 'none'}${statuses.size > 1 || n > 1 ? ` × ${n}` : ''}`).join(', ')

/** The forms of paths that an endpoint was asked for by, which tell its operations apart. */
function forms(e: EndpointData): [string, number, Endpoint][] {
  const counts = new Map<string, [string, number, Endpoint]>()
  for (const u of e.uses as Use[]) {
    const form = formOf(u.endpoint)
    counts.set(form, [form, (counts.get(form)?.[1] ?? 0) + u.requests, u.endpoint])
  }
  return [...counts.values()].sort((a, b) => b[1] - a[1])
}

function formOf(e: Endpoint): string {
  if (!e.resource) return e.path || '(path not kept)'
  const inPath = e.named && !['list', 'watch', 'deletecollection'].includes(e.verb)
  return [
    e.group ? `/apis/${e.group}/${e.version}` : `/api/${e.version}`, e.namespaced && 'namespaces/{namespace}', e.resource,
    inPath && '{name}', e.subresource, e.sub_path && '{path}',
  ].filter(Boolean).join('/') + (e.named && !inPath ? '  of one name' : '')
}
