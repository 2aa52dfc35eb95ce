import type { ComponentChildren } from 'preact'
import { useContext } from 'preact/hooks'
import type { RunData, TestData } from '../data/run'
import { bytes, count, ms } from '../format'
import { testHref, type Route } from '../route'
import { Model } from '../model'
import { useKeys, usePromise } from '../parts/hooks'
import { Outcome, Problem, Stat, TestName, Waiting, sourcesText } from '../parts/words'
import { AuditedOf, AuditedOnly } from '../parts/audited'
import { TestEndpoints } from './test-endpoints'
import { Waterfall } from './waterfall'

export function TestPage({ data, route }: { data: RunData; route: Route }) {
  const { source } = useContext(Model)
  const name = route.view === 'no-test' ? '' : (route.params.get('name') ?? '')
  const t = data.byName.get(name)
  const requests = usePromise(() => (t ? source.requests(data.model, name) : Promise.resolve([])), [data, name])
  useKeys((key) => {
    const step = key === ']' ? 1 : key === '[' ? -1 : 0
    const next = t && step ? data.tests[t.index + step] : undefined
    if (next) location.hash = testHref(next.test)
  }, [t])
  if (!t) return <AuditedOnly data={data} route={route} name={name} otherwise={name ? `This run has no test named "${name.slice(0, 200)}".` : 'Every request of this run has a test.'} />
  return (
    <>
      <h2 class="name"><TestName name={t.test} /></h2>
      <Figures t={t} />
      {t.specs.length > 0 && <Specs t={t} />}
      <section>
        <h3>Requests</h3>
        {requests.error && <Problem error={requests.error} />}
        {requests.value ? <Waterfall data={data} test={t} requests={requests.value} route={route} /> : !requests.error && <Waiting />}
      </section>
      <AuditedOf data={data} route={route} name={name} />
      <div class="columns">
        <section>
          <h3>Operations and endpoints</h3>
          <TestEndpoints data={data} test={t} />
        </section>
        <section>
          <h3>Namespaces</h3>
          {requests.value && <Namespaces list={requests.value.map((r) => r.namespace)} />}
        </section>
      </div>
    </>
  )
}

function Figures({ t }: { t: TestData }) {
  return (
    <div class="stats">
      <Stat title="Requests" value={count(t.requests)} note={`to ${count(t.endpoints)} endpoints`} />
      <Stat title="Answers 4xx, 5xx" value={count(t.errors_4xx + t.errors_5xx)} note={`${count(t.errors_4xx)} and ${count(t.errors_5xx)}`} />
      <Stat title="Watches" value={count(t.watches)} />
      <Stat title="p50, p99, max" value={t.p50_ms === null ? '–' : ms(t.p50_ms)} note={`${ms(t.p99_ms)}, ${ms(t.max_ms)}`} />
      <Stat title="In, out" value={bytes(t.bytes_out)} note={`${bytes(t.bytes_in)} in`} />
      <Stat title="Named by" value={Object.keys(t.sources).length === 1 ? sourcesText(t.sources) : 'several'} note={Object.keys(t.sources).length > 1 ? sourcesText(t.sources) : undefined} />
    </div>
  )
}

function Specs({ t }: { t: TestData }) {
  return (
    <section>
      <h3>{t.specs.length === 1 ? 'Spec' : `Specs: it ran ${count(t.specs.length)} times`}</h3>
      {t.specs.map((s, i) => (
        <dl class="facts spec" key={i}>
          <Fact title="Outcome"><Outcome outcome={s.outcome} />{s.attempts > 1 ? `, after ${s.attempts} attempts` : ''}</Fact>
          <Fact title="Duration">{ms(s.duration_ms)}{s.start_ms === null ? '' : `, from ${ms(s.start_ms)} on`}</Fact>
          {s.worker && <Fact title="Process">{s.worker}</Fact>}
          {s.location && <Fact title="Source"><code>{s.location}</code></Fact>}
          {s.labels && s.labels.length > 0 && <Fact title="Labels">{s.labels.map((l) => <span class="label" key={l}>{l}</span>)}</Fact>}
          <Fact title="Told by">{s.told}</Fact>
        </dl>
      ))}
    </section>
  )
}

const Fact = ({ title, children }: { title: string; children: ComponentChildren }) => <div><dt>{title}</dt><dd>{children}</dd></div>

function Namespaces({ list }: { list: string[] }) {
  const counts = new Map<string, number>()
  for (const n of list) counts.set(n, (counts.get(n) ?? 0) + 1)
  const all = [...counts].sort((a, b) => b[1] - a[1])
  return (
    <ul class="plain numbers">
      {all.slice(0, 200).map(([name, n]) => <li key={name}><span>{name || <em>(none)</em>}</span> <span class="n">{count(n)}</span></li>)}
      {all.length > 200 && <li>and {count(all.length - 200)} more</li>}
    </ul>
  )
}
