import { useMemo } from 'preact/hooks'
import { operationName, type Covered, type OperationUse } from '../data/coverage'
import { endpointKey, endpointTitle, type RunData } from '../data/run'
import type { Endpoint, Operation, Operations } from '../data/types'
import { count } from '../format'
import { endpointHref, href, setParams, testHref, type Route } from '../route'
import { NoOperations, useCoverage } from '../parts/coverage'
import { Table, byNumber, byText, type Column } from '../parts/table'
import { Outcome, Problem, Stat, TestName, Waiting } from '../parts/words'

const columns: Column<OperationUse>[] = [
  { key: 'outcome', title: <span class="sr">Outcome</span>, width: '2rem', compare: byText((u) => u.test.outcome), cell: (u) => (u.test.test ? <Outcome outcome={u.test.outcome} short /> : null) },
  { key: 'test', title: 'Test', width: 'minmax(8rem, 1fr)', compare: byText((u) => u.test.test), cell: (u) => <a href={testHref(u.test.test)}><TestName name={u.test.test} /></a> },
  { key: 'conformance', title: 'Conformance', width: '7rem', from: 900, compare: byNumber((u) => +u.test.conformance), cell: (u) => (u.test.conformance ? 'yes' : <span class="none">no</span>) },
  { key: 'requests', title: 'Requests', width: '5.4rem', end: true, compare: byNumber((u) => u.requests), cell: (u) => count(u.requests) },
  { key: 'errors', title: '4xx, 5xx', width: '5rem', from: 420, end: true, compare: byNumber((u) => u.errors), cell: (u) => <span class={u.errors ? 'warn' : 'none'}>{count(u.errors)}</span> },
  { key: 'statuses', title: 'Answers', width: '14rem', from: 760, cell: (u) => [...u.statuses].sort((a, b) => b[1] - a[1]).map(([s, n]) => `${s || 'none'} × ${count(n)}`).join(', ') },
]

export function OperationPage({ data, route }: { data: RunData; route: Route }) {
  const { value, error } = useCoverage(data)
  const id = route.params.get('id') ?? ''
  if (error) return <Problem error={error} />
  if (!value) return <Waiting />
  if (!value.operations.known) return <section><h2>Operation</h2><NoOperations run={data.model.run.run} /></section>
  const covered = value.byName.get(id)
  if (!covered) return <Problem error={`The API server of this run has no operation "${id.slice(0, 200)}".`} />
  return <Page data={data} covered={covered} operations={value.operations} sort={route.params.get('sort') ?? 'requests'} />
}

function Page({ data, covered, operations, sort }: { data: RunData; covered: Covered; operations: Operations; sort: string }) {
  const { op, uses } = covered
  const sum = (of: (u: OperationUse) => number) => uses.reduce((n, u) => n + of(u), 0)
  const tests = uses.filter((u) => u.test.test)
  return (
    <>
      <h2 class="name">{operationName(op)}</h2>
      <p><code>{op.method} {op.path}</code></p>
      <div class="stats">
        <Stat title="Hit" value={uses.length ? 'yes' : 'no'} note={uses.length ? `${count(sum((u) => u.successes))} requests succeeded` : 'no request was for it'} />
        <Stat title="Requests" value={count(sum((u) => u.requests))} />
        <Stat title="Tests" value={count(tests.length)} note={operations.tests_known ? `${count(tests.filter((u) => u.test.conformance).length)} of conformance` : undefined} />
        <Stat title="Answers 4xx, 5xx" value={count(sum((u) => u.errors))} />
        <Stat title="Eligible" value={!operations.eligibility_known ? '–' : op.eligible ? 'yes' : 'no'} note={op.pending ? 'pending' : undefined} />
      </div>
      <div class="columns">
        <section><h3>The operation</h3><Facts op={op} operations={operations} /></section>
        <section><h3>Asked for by these endpoints</h3><Endpoints data={data} op={op} operations={operations} /></section>
      </div>
      <section class="fill">
        <h3>Tests that hit it</h3>
        {uses.length === 0
          ? <p>No test of this run hit this operation, and no request without a test did.</p>
          : <Table name={`Tests that hit ${operationName(op)}`} columns={columns} rows={uses} href={(u) => testHref(u.test.test)} sort={sort} onSort={(sort) => setParams({ sort })} />}
      </section>
    </>
  )
}

function Facts({ op, operations }: { op: Operation; operations: Operations }) {
  const to = (names: string[], text: string) => <a href={href('coverage', { at: JSON.stringify(names) })}>{text}</a>
  const eligible = !operations.eligibility_known ? 'not known' : !op.eligible ? `no: ${op.why}` : op.pending ? 'yes; pending, it may lack a conformance test for now' : 'yes'
  return (
    <dl class="facts">
      <dt>Group</dt><dd>{to([op.level, op.group], op.group || '(core)')}</dd>
      <dt>Version</dt><dd>{op.version || '–'}</dd>
      <dt>Kind</dt><dd>{to([op.level, op.group, op.kind], op.kind || '(none)')}</dd>
      <dt>Verb</dt><dd>{op.verb}</dd>
      <dt>Level</dt><dd>{to([op.level], op.level)}</dd>
      <dt>Deprecated</dt><dd>{op.deprecated ? 'yes' : 'no'}</dd>
      <dt>Eligible for conformance</dt><dd>{eligible}</dd>
    </dl>
  )
}

function Endpoints({ data, op, operations }: { data: RunData; op: Operation; operations: Operations }) {
  const found = useMemo(() => {
    const n = operations.operations.indexOf(op)
    const all = new Map<string, Endpoint>()
    for (const e of data.model.endpoints ?? []) if (e.operation === n) all.set(endpointKey(e), e)
    return [...all]
  }, [data, op])
  if (!found.length) return <p class="none">None.</p>
  return <ul class="plain">{found.map(([key, e]) => <li key={key}><a href={endpointHref(key)}>{endpointTitle(e)}{e.resource ? '' : ` ${e.path}`}</a></li>)}</ul>
}
