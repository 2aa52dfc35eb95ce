import type { RunLine } from '../data/types'
import { moment } from '../format'
import { href, type Route } from '../route'

/** The name of the run, which is a choice where there are several. */
export function RunChoice({ run, all, route }: { run: string | undefined; all: RunLine[]; route: Route }) {
  if (run === undefined) return <h1><a href={href('', { run: null })}>e2etap</a></h1> // the way out of a run that is not there
  if (all.length < 2) return <h1><a href={href('')}>{run}</a></h1>
  const choose = (name: string) => {
    location.hash = href(route.view, { ...Object.fromEntries(route.params), from: null, to: null, against: null, run: name })
  }
  return (
    <>
      <h1 class="sr">{run}</h1>
      <label class="run-choice">
        <span class="sr">Run</span>
        <select value={run} onChange={(e) => choose(e.currentTarget.value)}>
          {all.map((r) => <option key={r.run} value={r.run}>{runText(r)}</option>)}
        </select>
      </label>
    </>
  )
}

/** A run in a list of runs. */
export function runText(r: RunLine): string {
  const how = r.end === null ? ' · not ended' : r.exit_code ? ` · exit ${r.exit_code}` : ''
  return `${r.run} · ${moment(r.start)}${how}`
}
