import { useMemo } from 'preact/hooks'
import type { RunData } from '../data/run'
import type { Audited, AuditedTest } from '../data/types'
import { count } from '../format'
import { href, setParams, testHref, type Route } from '../route'
import { errorsOf, requestsOf, useAudited } from '../parts/audited'
import { Table, byNumber, byText, type Column } from '../parts/table'
import { Choice, Problem, Search, TestName, Waiting, hasWords } from '../parts/words'

/** Tests with what only the audit log has of them, by role. */
export function AuditedPage({ data, route }: { data: RunData; route: Route }) {
  const { value, error } = useAudited(data)
  if (error) return <Problem error={error} />
  if (value === undefined) return <Waiting />
  if (value === null) return <Problem error="No audit log is imported that has anything of this run's time." />
  return <List audited={value} data={data} route={route} />
}

function List({ audited, data, route }: { audited: Audited; data: RunData; route: Route }) {
  const [q, role] = ['q', 'role'].map((k) => route.params.get(k) ?? '') as [string, string]
  const rows = useMemo(() => audited.tests.filter((t) => (!role || of(t, role) > 0) && (!q || hasWords(t.test, q))), [audited, q, role])
  const columns = useMemo(() => columnsOf(audited, data), [audited, data])
  return (
    <section class="fill">
      <h2>From the audit log, by test</h2>
      <div class="filters" role="search">
        <Search label="Search" value={q} onInput={(v) => setParams({ q: v })} />
        <Choice label="Role" value={role} all={audited.roles.map((r) => [r.role, r.requests])} onChange={(v) => setParams({ role: v })} />
        <output>{count(rows.length)} of {count(audited.tests.length)} rows, {count(rows.reduce((n, t) => n + (role ? of(t, role) : requestsOf(t.roles)), 0))} requests</output>
      </div>
      <Table
        name="From the audit log" columns={columns} rows={rows} href={whereOf} sort={route.params.get('sort') ?? 'all'}
        onSort={(sort) => setParams({ sort })} empty="No test is like that."
      />
    </section>
  )
}

const of = (t: AuditedTest, role: string) => t.roles.find((r) => r.role === role)?.requests ?? 0

const errors = (t: AuditedTest) => t.roles.reduce((n, r) => n + errorsOf(r), 0)

const whereOf = (t: AuditedTest) => (t.test ? testHref(t.test) : href('unattributed'))

function columnsOf(audited: Audited, data: RunData): Column<AuditedTest>[] {
  return [
    { key: 'name', title: 'Test', width: 'minmax(8rem, 1fr)', compare: byText((t) => t.test), cell: (t) => <a href={whereOf(t)} title={t.test.slice(0, 500)}><TestName name={t.test} /></a> },
    ...audited.roles.map(({ role }): Column<AuditedTest> => (
      { key: role, title: role, width: '4.5rem', from: 700, end: true, compare: byNumber((t) => of(t, role)), cell: (t) => <span class={of(t, role) ? '' : 'none'}>{count(of(t, role))}</span> }
    )),
    { key: 'all', title: 'In all', width: '4.5rem', end: true, compare: byNumber((t) => requestsOf(t.roles)), cell: (t) => count(requestsOf(t.roles)) },
    { key: 'errors', title: '4xx, 5xx', width: '5rem', from: 380, end: true, compare: byNumber(errors), cell: (t) => <span class={errors(t) ? 'warn' : 'none'}>{count(errors(t))}</span> },
    { key: 'recorded', title: 'Recorded', width: '5.6rem', from: 560, end: true, compare: byNumber((t) => data.byName.get(t.test)?.requests ?? 0), cell: (t) => count(data.byName.get(t.test)?.requests ?? 0) },
  ]
}
