import { useContext, useMemo } from 'preact/hooks'
import type { RunData } from '../data/run'
import type { Change, Compared, Diff, Runs } from '../data/types'
import { count, instant, percent } from '../format'
import { href, setParams, type Route } from '../route'
import { Model } from '../model'
import { changeColumns, kindsOf, narrowColumns, narrowWidth, KindWord, whoOf } from '../parts/changes'
import { usePromise, useWidth, type Answer } from '../parts/hooks'
import { Table } from '../parts/table'
import { Problem, Search, Waiting, hasWords } from '../parts/words'
import { runText } from '../parts/run-choice'

/** What changed from another run to the one that is shown. */
export function Differences({ data, route, runs }: { data: RunData; route: Route; runs: Answer<Runs> }) {
  const { source } = useContext(Model)
  const against = route.params.get('against') ?? ''
  const shown = data.model.run.run
  const nothing = against === '' && !!runs.value && !hasUsual(runs.value, shown)
  const ready = !!runs.value && !nothing
  const answer = usePromise(async () => (ready ? source.diff(against) : undefined), [data, against, ready])
  if (runs.error) return <Problem error={runs.error} />
  if (!runs.value) return <Waiting />
  const diff = answer.value
  return (
    <section class="fill">
      <h2>Differences</h2>
      <Against runs={runs.value} shown={shown} chosen={against || (diff && !diff.before.label ? diff.before.run : '')} />
      {nothing ? <p>{runs.value.runs.length > 1 ? 'This is the first run of the recording. Choose which one to compare it with.' : 'There is no other run to compare with.'}</p> : answer.error ? <Problem error={answer.error} /> : diff ? <Changes data={data} diff={diff} route={route} linked={!diff.before.label && runs.value.runs.some((r) => r.run === diff.before.run)} /> : <Waiting />}
    </section>
  )
}

/** Tells whether there is a run that this one is compared with if nothing is chosen, as the server has it. */
function hasUsual({ against, runs }: Runs, shown: string): boolean {
  if (against && (against.label || against.run !== shown || runs.length === 0)) return true
  const place = runs.findIndex((r) => r.run === shown)
  return place >= 0 && place < runs.length - 1
}

/** Chooses the run to compare with, where there is a choice. */
function Against({ runs, shown, chosen }: { runs: Runs; shown: string; chosen: string }) {
  const others = runs.runs.filter((r) => r.run !== shown)
  const elsewhere = runs.against?.label
  if (others.length + (elsewhere ? 1 : 0) < 2 && chosen !== '') return null
  if (others.length === 0) return null
  return (
    <div class="filters">
      <label class="choice">
        <span>Compare with</span>
        <select class="wide" value={chosen} onChange={(e) => setParams({ against: e.currentTarget.value, kind: null })}>
          {elsewhere ? <option value="">{elsewhere}</option> : chosen === '' && <option value="">choose a run</option>}
          {others.map((r) => <option key={r.run} value={r.run}>{runText(r)}</option>)}
          {chosen !== '' && !others.some((r) => r.run === chosen) && <option value={chosen}>{chosen}</option>}
        </select>
      </label>
    </div>
  )
}

/** Linked tells whether the run before can be shown, too. */
function Changes({ data, diff, route, linked }: { data: RunData; diff: Diff; route: Route; linked: boolean }) {
  const [q, kind] = [route.params.get('q') ?? '', route.params.get('kind') ?? '']
  const [ref, width] = useWidth<HTMLDivElement>()
  const narrow = width > 0 && width < narrowWidth
  const columns = useMemo(() => (narrow ? narrowColumns : changeColumns)(data, diff, linked), [data, diff, linked, narrow])
  const chosen = useMemo(() => diff.changes.filter((c) => (!kind || c.kind === kind) && (!q || hasWords(textOf(c), q))), [diff, q, kind])
  return (
    <div ref={ref} class="differences">
      <div class="compared">
        <Side title="Before" run={diff.before} to={linked ? href('', { run: diff.before.run }) : ''} />
        <span class="arrow" aria-hidden="true">→</span>
        <Side title="After" run={diff.after} to={href('')} />
      </div>
      {diff.changes.length === 0 ? <p class="same"><strong>The runs do not differ.</strong></p> : (
        <>
          <div class="chips" role="group" aria-label="Kind of change">
            <button type="button" class="chip" aria-pressed={kind === ''} onClick={() => setParams({ kind: null })}>all <span class="n">{count(diff.changes.length)}</span></button>
            {kindsOf(diff.changes).map(([k, n]) => (
              <button key={k} type="button" class="chip" aria-pressed={kind === k} onClick={() => setParams({ kind: kind === k ? null : k })}>
                <KindWord kind={k} /> <span class="n">{count(n)}</span>
              </button>
            ))}
          </div>
          <div class="filters" role="search">
            <Search label="Search" value={q} onInput={(q) => setParams({ q })} />
            <output>{count(chosen.length)} of {count(diff.changes.length)} changes</output>
          </div>
          <Table
            name="Changes" columns={columns} rows={chosen} rowHeight={narrow ? 48 : 30} sort={route.params.get('sort') ?? ''} onSort={(sort) => setParams({ sort })}
            empty="No change is like that."
          />
        </>
      )}
      <NotCompared diff={diff} />
    </div>
  )
}

const textOf = (c: Change) => `${c.kind} ${whoOf(c)} ${c.operation} ${c.operation_id} ${c.status ?? ''}`

function Side({ title, run, to }: { title: string; run: Compared; to: string }) {
  const name = run.label || run.run
  return (
    <p>
      <span class="title">{title}</span>
      {to ? <a href={to}><bdi>{name}</bdi></a> : <strong><bdi>{name}</bdi></strong>}
      {run.label && run.label !== run.run && <span>run {run.run}</span>}
      <time dateTime={run.start}>{instant(run.start)}</time>
      <span>{count(run.requests)} requests of {count(run.tests)} tests</span>
    </p>
  )
}

/** What the differences leave out, as the Go package internal/rundiff has it. */
function NotCompared({ diff }: { diff: Diff }) {
  return (
    <p class="not-compared">
      Not compared are bodies, durations, sizes and the order of requests, which test passed, and names of objects and namespaces. Left out is
      what changes by {percent(diff.threshold, 1)} or less, or by fewer than {count(diff.at_least)} requests, how often an error came that both runs have,
      and who asked for discovery. Of a test that only one run has, only that is said.
    </p>
  )
}
