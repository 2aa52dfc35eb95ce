import { useContext, useMemo } from 'preact/hooks'
import type { RunData } from '../data/run'
import type { Asked, AuditedSums, AuditedTest } from '../data/types'
import { count, percent } from '../format'
import { href, setParams, type Route } from '../route'
import { Model } from '../model'
import { usePromise } from './hooks'
import { Table, byNumber, byText, type Column } from './table'
import { Choice, Problem, TestName, Verb } from './words'

/** What the roles mean, as the help of report has them. */
const roles: Record<string, string> = {
  test: 'they name a test, and did not come through the proxy',
  behalf: 'controllers, pods and others sent them on behalf of a test: in a namespace or for an object that it created, or by a service account of such a namespace',
  noise: 'the cluster\'s own: leases, nodes\' status, informers, probes',
  other: 'nothing tells whom they were for',
}

export const RoleName = ({ role }: { role: string }) => <span title={roles[role]}>{role}</span>

export const errorsOf = (s: AuditedSums) => s.errors_4xx + s.errors_5xx

export const requestsOf = (list: AuditedSums[]) => list.reduce((n, r) => n + r.requests, 0)

/** What only the audit log has; undefined while it is read, null without a log. */
export function useAudited(data: RunData) {
  const { source } = useContext(Model)
  return usePromise(() => source.audited(), [data])
}

/** The log's requests by role, with words for each. Nothing where there is no log. */
export function AuditedRoles({ data }: { data: RunData }) {
  const { value, error } = useAudited(data)
  if (error) return <Problem error={error} />
  if (!value) return null
  const all = requestsOf(value.roles)
  return (
    <section class="audited">
      <h2>From the audit log <a class="more" href={href('audited')}>by test</a></h2>
      <p>Only the API server's audit log has these {count(all)} requests of the run's time. No other number of this page counts them.</p>
      <dl class="roles">
        {value.roles.map((r) => (
          <div key={r.role}>
            <dt><a href={roleHref(r.role)}>{r.role}</a></dt>
            <dd class="n">{count(r.requests)}</dd>
            <dd class="n">{percent(r.requests, all)}</dd>
            <dd class="n">{errorsOf(r) ? <span class="warn">{count(errorsOf(r))} 4xx, 5xx</span> : <span class="none">no 4xx, 5xx</span>}</dd>
            <dd class="means">{roles[r.role]}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

const roleHref = (role: string) => (role === 'noise' || role === 'other' ? href('unattributed', { role }) : href('audited', { role }))

const columns: Column<Asked>[] = [
  { key: 'role', title: 'Role', width: '4.5rem', from: 520, compare: byText((a) => a.role), cell: (a) => <RoleName role={a.role} /> },
  { key: 'client', title: 'Client', width: 'minmax(5rem, .7fr)', compare: byText((a) => a.client), cell: (a) => <span title={a.client}>{a.client || <em>(none)</em>}</span> },
  { key: 'verb', title: 'Verb', width: 'minmax(6.2rem, 8.6rem)', compare: byText((a) => a.verb), cell: (a) => <Verb verb={a.verb} /> },
  { key: 'resource', title: 'Resource', width: 'minmax(5.5rem, 1fr)', compare: byText(whatOf), cell: (a) => <span title={`${a.verb} ${whatOf(a)}`}>{whatOf(a)}</span> },
  { key: 'group', title: 'Group, version', width: 'minmax(6rem, .6fr)', from: 800, compare: byText(groupOf), cell: groupOf },
  { key: 'requests', title: 'Requests', width: '5.2rem', end: true, compare: byNumber((a) => a.requests), cell: (a) => count(a.requests) },
  { key: 'errors', title: '4xx, 5xx', width: '4.8rem', from: 480, end: true, compare: byNumber(errorsOf), cell: (a) => <span class={errorsOf(a) ? 'warn' : 'none'}>{count(errorsOf(a))}</span> },
]

function whatOf(a: Asked): string {
  return a.resource ? (a.subresource ? `${a.resource}/${a.subresource}` : a.resource) : a.path || '(path not kept)'
}

function groupOf(a: Asked): string {
  return a.group ? `${a.group}/${a.version}` : a.version
}

interface Props {
  data: RunData
  route: Route
  name: string // of the test; "" for what has none
}

/** What only the log has of a test, or of none. Nothing where it has nothing. */
export function AuditedOf({ data, route, name }: Props) {
  const { value, error } = useAudited(data)
  const of = value?.tests.find((t) => t.test === name)
  if (error) return <Problem error={error} />
  return of ? <AskedOf of={of} route={route} /> : null
}

/** The page of a test that has neither requests nor specs, but is in the log; otherwise what is wrong. */
export function AuditedOnly({ data, route, name, otherwise }: Props & { otherwise: string }) {
  const { value, error } = useAudited(data)
  const of = value?.tests.find((t) => t.test === name && name !== '')
  if (error || value === null || (value && !of)) return <Problem error={error ?? otherwise} />
  return of ? <><h2 class="name"><TestName name={name} /></h2><p>Only the audit log has requests of this test.</p><AskedOf of={of} route={route} /></> : null
}

function AskedOf({ of, route }: { of: AuditedTest; route: Route }) {
  const [role, client] = ['role', 'client'].map((k) => route.params.get(k) ?? '') as [string, string]
  const rows = useMemo(() => of.asked.filter((a) => (!role || a.role === role) && (!client || a.client === client)), [of, role, client])
  const around = of.roles.some((r) => r.role === 'test')
  const title = !of.test ? 'From the audit log, without a test' : around ? 'On behalf of this test, and around the proxy' : 'On behalf of this test'
  return (
    <section class="audited">
      <h3>{title}</h3>
      <ul class="plain">{of.roles.map((r) => <li key={r.role}><strong>{r.role}</strong> ({count(r.requests)}): {roles[r.role]}</li>)}</ul>
      <div class="filters" role="search">
        {of.roles.length > 1 && <Choice label="Role" value={role} all={of.roles.map((r) => [r.role, r.requests])} onChange={(v) => setParams({ role: v })} />}
        <Choice label="Client" value={client} all={clientsOf(of)} onChange={(v) => setParams({ client: v })} />
        <span class="sum" role="status">{count(requestsOf(rows))} of {count(requestsOf(of.asked))} requests that only the audit log has</span>
      </div>
      <Table
        name={title} columns={of.roles.length > 1 ? columns : columns.slice(1)} rows={rows} sort={route.params.get('asort') ?? 'requests'}
        onSort={(asort) => setParams({ asort })} empty="No request is like that."
      />
    </section>
  )
}

function clientsOf(of: AuditedTest): [string, number][] {
  const counts = new Map<string, number>()
  for (const a of of.asked) if (a.client) counts.set(a.client, (counts.get(a.client) ?? 0) + a.requests)
  return [...counts].sort((a, b) => b[1] - a[1])
}
