import { useMemo } from 'preact/hooks'
import { endpointKey, endpointTitle, groupVersion, resourceOf, type RunData, type TestData } from '../data/run'
import type { Endpoint } from '../data/types'
import { count } from '../format'
import { endpointHref } from '../route'
import { Table, byNumber, byText, type Column } from '../parts/table'
import { Verb } from '../parts/words'

interface Row {
  endpoint: Endpoint
  requests: number
  errors: number
}

const columns: Column<Row>[] = [
  { key: 'verb', title: 'Verb', width: '6.6rem', compare: byText((r) => r.endpoint.verb), cell: (r) => <Verb verb={r.endpoint.verb} /> },
  {
    key: 'resource', title: 'Resource', width: 'minmax(6rem, 1fr)', compare: byText((r) => resourceOf(r.endpoint)),
    cell: (r) => <a href={endpointHref(endpointKey(r.endpoint))} title={endpointTitle(r.endpoint)}>{resourceOf(r.endpoint) || '(no resource)'}</a>,
  },
  { key: 'group', title: 'Group, version', width: 'minmax(4rem, .8fr)', from: 520, compare: byText((r) => groupVersion(r.endpoint)), cell: (r) => groupVersion(r.endpoint) },
  { key: 'requests', title: 'Requests', width: '5.4rem', end: true, compare: byNumber((r) => r.requests), cell: (r) => count(r.requests) },
  { key: 'errors', title: '4xx, 5xx', width: '4.6rem', from: 380, end: true, compare: byNumber((r) => r.errors), cell: (r) => <span class={r.errors ? 'warn' : 'none'}>{count(r.errors)}</span> },
]

/** The endpoints that a test asked for, most requests first. */
export function TestEndpoints({ test }: { data: RunData; test: TestData }) {
  const rows = useMemo(() => {
    const all = new Map<string, Row>()
    for (const u of test.uses) {
      const key = endpointKey(u.endpoint)
      const row = all.get(key) ?? { endpoint: u.endpoint, requests: 0, errors: 0 }
      row.requests += u.requests
      if (u.status >= 400) row.errors += u.requests
      all.set(key, row)
    }
    return [...all.values()]
  }, [test])
  return <Table name="Endpoints of the test" columns={columns} rows={rows} sort="requests" href={(r) => endpointHref(endpointKey(r.endpoint))} />
}
