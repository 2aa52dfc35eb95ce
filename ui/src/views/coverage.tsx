import { useCallback, useMemo } from 'preact/hooks'
import { coverageTree, depths, nodeAt, pathOf, title, type Choice, type Node } from '../data/coverage'
import type { RunData } from '../data/run'
import type { Operations } from '../data/types'
import { href, operationHref, setParams, type Route } from '../route'
import { NoOperations, useCoverage, type Coverage } from '../parts/coverage'
import { Sunburst } from '../parts/sunburst'
import { Problem, Waiting } from '../parts/words'
import { CoverageTable } from './coverage-table'

export function CoveragePage({ data, route }: { data: RunData; route: Route }) {
  const answer = useCoverage(data)
  if (answer.error) return <Problem error={answer.error} />
  if (!answer.value) return <Waiting />
  if (!answer.value.operations.known) return <section><h2>Coverage</h2><NoOperations run={data.model.run.run} /></section>
  return <Covered coverage={answer.value} route={route} />
}

function Covered({ coverage, route }: { coverage: Coverage; route: Route }) {
  const { params } = route
  const is = (key: string) => params.get(key) === '1'
  const choice: Choice = { conformance: is('conformance'), successful: is('successful'), eligible: is('eligible'), settled: is('settled') }
  const root = useMemo(() => coverageTree(coverage.all, choice), [coverage, ...Object.values(choice)])
  const node = nodeAt(root, params.get('at') ?? '')
  const query = params.toString()
  const link = useCallback((n: Node) => linkTo(n, params), [query])
  return (
    <section>
      <h2>Coverage: operations of the API that were hit</h2>
      <Toggles choice={choice} operations={coverage.operations} />
      <nav class="crumbs" aria-label="Part of the API">
        {pathOf(node).map((n) => (n === node ? <strong key={n.at} aria-current="true">{title(n)}</strong> : <a key={n.at} href={link(n)}>{title(n)}</a>))}
        {node.depth > 0 && <small>{depths[node.depth]}</small>}
      </nav>
      {node.operations === 0
        ? <p class="empty">No operation is like that.</p>
        : (
          <div class="coverage">
            <div class="chart">
              <Sunburst root={node} link={link} />
              <p class="legend">
                <span><span class="swatch c-hit" />hit: a part is filled from the inside as far as its operations were hit</span>
                <span><span class="swatch c-not" />not hit</span>
                <span>Rings: {depths.slice(node.depth + 1).join(', ')}</span>
                <span>Arrow keys walk through the rings.</span>
              </p>
            </div>
            <CoverageTable node={node} operations={coverage.operations} params={params} link={link} />
          </div>
        )}
    </section>
  )
}

function linkTo(n: Node, params: URLSearchParams): string {
  return n.covered ? operationHref(n.name) : href('coverage', { ...Object.fromEntries(params), at: n.at, rows: null, q: null, only: null })
}

function Toggles({ choice, operations: o }: { choice: Choice; operations: Operations }) {
  const lists = o.lists ? `by the lists of Kubernetes ${o.lists}` : 'not known: the recording does not tell the version of its API server'
  const all: [key: keyof Choice, title: string, note: string, known: boolean][] = [
    ['conformance', 'Conformance tests only', `requests of all others do not count; ${lists}`, o.tests_known],
    ['successful', 'Successful only', 'requests with an answer 2xx, or 101, count', true],
    ['eligible', 'Without ineligible', `operations that no conformance test can be written for are left out; ${lists}`, o.eligibility_known],
    ['settled', 'Without pending', 'nor operations that may lack a conformance test for now', o.eligibility_known],
  ]
  return (
    <fieldset class="toggles">
      <legend class="sr">What counts</legend>
      {all.map(([key, name, note, known]) => (
        <label key={key}>
          <input type="checkbox" checked={choice[key]} disabled={!known} onChange={(e) => setParams({ [key]: e.currentTarget.checked ? 1 : null })} />
          <span><b>{name}</b> <small>{note}</small></span>
        </label>
      ))}
    </fieldset>
  )
}
