import { useContext } from 'preact/hooks'
import type { RunData } from '../data/run'
import type { Unattributed } from '../data/types'
import { count, percent } from '../format'
import { href, setParams, type Route } from '../route'
import { Model } from '../model'
import { usePromise } from '../parts/hooks'
import { Table, byNumber, byText, type Column } from '../parts/table'
import { Problem, Waiting } from '../parts/words'
import { AuditedOf } from '../parts/audited'

/** What the reasons mean, as internal/traffic has them. */
const reasons: Record<string, string> = {
  suite: 'it belongs to the suite as a whole: BeforeSuite, a client that was made outside of specs',
  'between specs': 'its process ran specs, but none at that moment',
  'boundary of specs': 'one spec had sent its last request and the next one not its first: either, or neither',
  'no spec known': 'nothing tells of a spec that its process, or an ancestor, was running',
  'outside of the tests': 'its process is not one of the command\'s, or not below one that runs specs',
  'process unknown': 'its process is not known, and nothing else names a test',
  'several specs running': 'several specs were running where only one can be told',
  'outlived its spec': 'it may be of a client that an earlier spec left behind',
  'sources disagree': 'its process ran one test, and its namespace is another\'s',
}

const columns: Column<Unattributed>[] = [
  { key: 'client', title: 'Client', width: 'minmax(6rem, .6fr)', compare: byText((u) => u.client), cell: (u) => u.client || <em>(none)</em> },
  { key: 'command', title: 'Command', width: 'minmax(6rem, 1fr)', from: 560, compare: byText((u) => u.command), cell: (u) => u.command || <em>(unknown)</em> },
  { key: 'why', title: 'Why', width: 'minmax(7rem, .8fr)', compare: byText((u) => u.why), cell: (u) => <span title={reasons[u.why]}>{u.why}</span> },
  { key: 'requests', title: 'Requests', width: '6rem', end: true, compare: byNumber((u) => u.requests), cell: (u) => count(u.requests) },
  { key: 'errors', title: '4xx, 5xx', width: '6rem', from: 480, end: true, compare: byNumber((u) => u.errors_4xx + u.errors_5xx), cell: (u) => count(u.errors_4xx + u.errors_5xx) },
  { key: 'watches', title: 'Watches', width: '5.5rem', from: 760, end: true, compare: byNumber((u) => u.watches), cell: (u) => count(u.watches) },
  { key: 'endpoints', title: 'Endpoints', width: '6.2rem', from: 900, end: true, compare: byNumber((u) => u.endpoints), cell: (u) => count(u.endpoints) },
]

export function UnattributedPage({ data, route }: { data: RunData; route: Route }) {
  const { source } = useContext(Model)
  const answer = usePromise(() => source.unattributed(), [data])
  if (answer.error) return <Problem error={answer.error} />
  if (!answer.value) return <Waiting />
  const none = data.model.total.sources['none'] ?? 0
  const whys = new Map<string, number>()
  for (const u of answer.value) whys.set(u.why, (whys.get(u.why) ?? 0) + u.requests)
  return (
    <>
      <section class="fill">
        <h2>Requests without a test</h2>
        {none === 0
          ? <p>Every request of this run has a test.</p>
          : <p>{count(none)} of {count(data.model.total.requests)} requests, {percent(none, data.model.total.requests)}: nothing names a test for certain. <a href={href('no-test')}>Look at them one by one</a></p>}
        <ul class="plain">
          {[...whys].sort((a, b) => b[1] - a[1]).map(([why, n]) => <li key={why}><strong>{why}</strong> ({count(n)}): {reasons[why] ?? ''}</li>)}
        </ul>
        {none > 0 && (
          <Table name="Requests without a test" columns={columns} rows={answer.value} sort={route.params.get('sort') ?? 'requests'} onSort={(sort) => setParams({ sort })} />
        )}
      </section>
      <AuditedOf data={data} route={route} name="" />
    </>
  )
}
