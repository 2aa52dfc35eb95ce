import { useMemo } from 'preact/hooks'
import { endpointTitle, groupVersion, resourceOf, type EndpointData, type RunData } from '../data/run'
import { count } from '../format'
import { endpointHref, setParams, type Route } from '../route'
import { Table, byNumber, byText, type Column } from '../parts/table'
import { Choice, Search, Verb, hasWords, tally } from '../parts/words'

const columns: Column<EndpointData>[] = [
  { key: 'verb', title: 'Verb', width: '8.5rem', compare: byText((e) => e.endpoint.verb), cell: (e) => <Verb verb={e.endpoint.verb} /> },
  {
    key: 'resource', title: 'Resource', width: 'minmax(7rem, 1fr)', compare: byText((e) => resourceOf(e.endpoint)),
    cell: (e) => <a href={endpointHref(e.key)} title={endpointTitle(e.endpoint)}>{resourceOf(e.endpoint) || '(no resource)'}</a>,
  },
  { key: 'group', title: 'Group', width: 'minmax(5rem, 1fr)', from: 560, compare: byText((e) => e.endpoint.group), cell: (e) => e.endpoint.group || (e.endpoint.resource ? '(core)' : '') },
  { key: 'version', title: 'Version', width: '6rem', from: 560, compare: byText((e) => e.endpoint.version), cell: (e) => e.endpoint.version },
  { key: 'method', title: 'Method', width: '5.5rem', from: 760, compare: byText((e) => e.endpoint.method), cell: (e) => e.endpoint.method },
  { key: 'tests', title: 'Tests', width: '4.5rem', end: true, compare: byNumber((e) => e.tests), cell: (e) => count(e.tests) },
  { key: 'requests', title: 'Requests', width: '6rem', end: true, compare: byNumber((e) => e.requests), cell: (e) => count(e.requests) },
  { key: 'errors', title: '4xx, 5xx', width: '6rem', end: true, from: 480, compare: byNumber((e) => e.errors), cell: (e) => <span class={e.errors ? 'warn' : 'none'}>{count(e.errors)}</span> },
]

export function Endpoints({ data, route }: { data: RunData; route: Route }) {
  const all = useMemo(() => [...data.groups.values()].filter((g) => g.requests > 0), [data])
  const query = route.params.toString()
  const chosen = useMemo(() => {
    const [q, verb, group] = ['q', 'verb', 'group'].map((k) => route.params.get(k) ?? '') as [string, string, string]
    return all.filter((e) => (!verb || e.endpoint.verb === verb) && (!group || groupVersion(e.endpoint) === group) && (!q || hasWords(`${e.key} ${endpointTitle(e.endpoint)}`, q)))
  }, [all, query])
  return (
    <section class="fill">
      <h2>Endpoints</h2>
      <div class="filters" role="search">
        <Search label="Search" value={route.params.get('q') ?? ''} onInput={(q) => setParams({ q })} />
        <Choice label="Verb" value={route.params.get('verb') ?? ''} all={tally(all, (e) => [e.endpoint.verb])} onChange={(verb) => setParams({ verb })} />
        <Choice label="Group, version" value={route.params.get('group') ?? ''} all={tally(all, (e) => [groupVersion(e.endpoint)])} onChange={(group) => setParams({ group })} />
        <output>{count(chosen.length)} of {count(all.length)} endpoints</output>
      </div>
      <Table
        name="Endpoints" columns={columns} rows={chosen} href={(e) => endpointHref(e.key)} sort={route.params.get('sort') ?? 'requests'}
        onSort={(sort) => setParams({ sort })} empty="No endpoint is like that."
      />
    </section>
  )
}
