import { useMemo } from 'preact/hooks'
import { endpointKey, endpointTitle, groupVersion, resourceOf, type RunData, type TestData } from '../data/run'
import type { Endpoint } from '../data/types'
import { count } from '../format'
import { endpointHref } from '../route'
import { OperationLink, operationOf, useCoverage, type Coverage } from '../parts/coverage'
import { Table, byNumber, byText, type Column } from '../parts/table'
import { Verb } from '../parts/words'

interface Row {
  endpoint: Endpoint
  requests: number
  errors: number
}

const linked = (e: Endpoint, text: string) => <a href={endpointHref(endpointKey(e))} title={endpointTitle(e)}>{text}</a>

/** Where operations are known they come first, and stay in narrow windows, where the rest does not. */
function columnsOf(coverage: Coverage | undefined): Column<Row>[] {
  const known = coverage?.operations.known
  const name = (r: Row) => operationOf(coverage, r.endpoint)?.operation ?? ''
  const operation: Column<Row> = {
    key: 'operation', title: 'Operation', width: 'minmax(8rem, 2.6fr)', compare: byText(name),
    cell: (r) => (operationOf(coverage, r.endpoint) ? <OperationLink coverage={coverage} endpoint={r.endpoint} /> : linked(r.endpoint, `${r.endpoint.path || endpointTitle(r.endpoint)}: none`)),
  }
  return [
    ...(known ? [operation] : []),
    { key: 'verb', title: 'Verb', width: '6.6rem', from: known ? 760 : 0, compare: byText((r) => r.endpoint.verb), cell: (r) => <Verb verb={r.endpoint.verb} /> },
    {
      key: 'resource', title: 'Resource', width: 'minmax(6rem, 1fr)', from: known ? 480 : 0, compare: byText((r) => resourceOf(r.endpoint)),
      cell: (r) => linked(r.endpoint, resourceOf(r.endpoint) || '(no resource)'),
    },
    { key: 'group', title: 'Group, version', width: 'minmax(4rem, .8fr)', from: known ? 900 : 520, compare: byText((r) => groupVersion(r.endpoint)), cell: (r) => groupVersion(r.endpoint) },
    { key: 'requests', title: 'Requests', width: '5.4rem', end: true, compare: byNumber((r) => r.requests), cell: (r) => count(r.requests) },
    { key: 'errors', title: '4xx, 5xx', width: '4.6rem', from: 380, end: true, compare: byNumber((r) => r.errors), cell: (r) => <span class={r.errors ? 'warn' : 'none'}>{count(r.errors)}</span> },
  ]
}

/** The endpoints that a test asked for with their operations, most requests first. */
export function TestEndpoints({ data, test }: { data: RunData; test: TestData }) {
  const coverage = useCoverage(data).value
  const columns = useMemo(() => columnsOf(coverage), [coverage])
  const rows = useMemo(() => {
    const all = new Map<string, Row>()
    for (const u of test.uses) {
      const key = `${endpointKey(u.endpoint)} ${u.endpoint.operation ?? ''}`
      const row = all.get(key) ?? { endpoint: u.endpoint, requests: 0, errors: 0 }
      row.requests += u.requests
      if (u.status >= 400) row.errors += u.requests
      all.set(key, row)
    }
    return [...all.values()]
  }, [test])
  return <Table name="Endpoints of the test" columns={columns} rows={rows} sort="requests" href={(r) => endpointHref(endpointKey(r.endpoint))} />
}
