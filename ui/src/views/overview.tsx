import type { RunData } from '../data/run'
import type { Activity } from '../data/types'
import { count, instant, ms, percent } from '../format'
import { href } from '../route'
import { useCoverage } from '../parts/coverage'
import { runEnd } from '../parts/lanes'
import { Timeline } from '../parts/timeline'
import { Outcome, Problem, Stat, TestName, Waiting, tally, testsWith } from '../parts/words'
import type { Answer } from '../parts/hooks'
import { testHref } from '../route'
import { AuditedRoles } from '../parts/audited'

export function Overview({ data, activity }: { data: RunData; activity: Answer<Activity> }) {
  const { run, total } = data.model
  return (
    <>
      <Tiles data={data} />
      <section>
        <h2>Over time <a class="more" href={href('timeline')}>look closer</a></h2>
        {activity.error && <Problem error={activity.error} />}
        {activity.value ? <Timeline data={data} activity={activity.value} from={0} to={runEnd(data, activity.value)} /> : !activity.error && <Waiting />}
      </section>
      <AuditedRoles data={data} />
      <div class="columns">
        <section>
          <h2>What named the tests</h2>
          <Sources data={data} />
        </section>
        <section>
          <h2>Specs that failed</h2>
          <Failed data={data} />
        </section>
        <section>
          <h2>The run</h2>
          <dl class="facts">
            <dt>Name</dt><dd>{run.run}</dd>
            <dt>Began</dt><dd><time dateTime={run.start}>{instant(run.start)}</time></dd>
            <dt>Ended</dt><dd>{run.end ? <time dateTime={run.end}>{instant(run.end)}</time> : 'not yet, or it was killed'}</dd>
            <dt>Exit code</dt><dd>{run.exit_code ?? '–'}</dd>
            <dt>Not recorded</dt><dd>{run.lost === null ? '–' : count(run.lost)}</dd>
            <dt>API server</dt><dd>{[run.server_version, run.server].filter(Boolean).join(' at ') || '–'}</dd>
            <dt>Context</dt><dd>{run.context || '–'}</dd>
            <dt>Recorded by</dt><dd>e2etap {run.tool_version || '–'}</dd>
            {run.uncertainty_ms > 0 && <><dt>Times are off by</dt><dd>{ms(run.uncertainty_ms)} at most</dd></>}
            <dt>Durations</dt><dd>half within {ms(total.p50_ms)}, 99 % within {ms(total.p99_ms)}, all within {ms(total.max_ms)}</dd>
            <dt>Command</dt><dd><code class="command">{(run.command ?? []).join(' ') || '–'}</code></dd>
          </dl>
        </section>
      </div>
    </>
  )
}

function Tiles({ data }: { data: RunData }) {
  const { run, total, specs } = data.model
  const failed = (specs ?? []).filter((s) => s.test && s.outcome === 'failed').length
  const none = total.sources['none'] ?? 0
  const errors = total.errors_4xx + total.errors_5xx
  return (
    <div class="stats">
      <Stat title="Requests" value={count(total.requests)} note={`to ${count(data.groups.size)} endpoints`} to={href('endpoints')} />
      <Stat title="Tests" value={count(run.tests)} note="with requests" to={href('tests')} />
      <Stat title="Specs" value={count(run.specs)} note={failed ? `${count(failed)} failed` : 'none failed'} to={testsWith(failed ? { outcome: 'failed' } : {})} bad={failed > 0} />
      <Stat title="Answers 4xx, 5xx" value={count(errors)} note={`${count(total.errors_4xx)} and ${count(total.errors_5xx)}`} to={href('endpoints', { sort: 'errors' })} />
      <Stat title="Without a test" value={count(none)} note={percent(none, total.requests)} to={href('unattributed')} />
      <OperationsHit data={data} />
      <Stat title="Duration" value={ms(run.duration_ms)} note={run.exit_code === null ? 'it goes on' : `exit code ${run.exit_code}`} to={href('timeline')} />
    </div>
  )
}

function OperationsHit({ data }: { data: RunData }) {
  const coverage = useCoverage(data).value
  if (!coverage?.operations.known) return null
  const [hit, all] = [coverage.all.filter((c) => c.uses.length > 0).length, coverage.all.length]
  return <Stat title="Operations hit" value={`${count(hit)} of ${count(all)}`} note={percent(hit, all)} to={href('coverage')} />
}

function Sources({ data }: { data: RunData }) {
  const { sources, requests } = data.model.total
  const list = Object.entries(sources).sort((a, b) => b[1] - a[1])
  return (
    <ul class="shares">
      {list.map(([name, n]) => (
        <li key={name}>
          <a href={name === 'none' ? href('unattributed') : testsWith({ source: name })}>{name === 'none' ? 'nothing' : name}</a>
          <span class="n">{count(n)}</span>
          <span class="n">{percent(n, requests)}</span>
          <span class="share"><span style={{ width: `${(100 * n) / requests}%` }} /></span>
        </li>
      ))}
    </ul>
  )
}

function Failed({ data }: { data: RunData }) {
  const failed = data.tests.filter((t) => t.outcome === 'failed' || t.outcome === 'interrupted')
  const all = tally(data.model.specs ?? [], (s) => (s.test ? [s.outcome || 'not known'] : []))
  return (
    <>
      <p>{all.length ? all.map(([outcome, n]) => `${count(n)} ${outcome}`).join(', ') : 'Nothing told of specs.'}</p>
      <ul class="plain">
        {failed.slice(0, 30).map((t) => (
          <li key={t.test}><Outcome outcome={t.outcome} short /> <a href={testHref(t.test)}><TestName name={t.test} /></a></li>
        ))}
      </ul>
      {failed.length > 30 && <a href={testsWith({ outcome: 'failed' })}>all {count(failed.length)}</a>}
    </>
  )
}
