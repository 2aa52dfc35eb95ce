import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Activity } from './data/types'
import { runData } from './data/run'
import { gone, type Source } from './data/source'
import { count } from './format'
import { href, parseRoute, useRoute, type Route } from './route'
import { Model } from './model'
import { useKeys, usePromise } from './parts/hooks'
import { RunChoice } from './parts/run-choice'
import { seen } from './parts/tail'
import { Problem, Waiting } from './parts/words'
import { Differences } from './views/differences'
import { CoveragePage } from './views/coverage'
import { EndpointPage } from './views/endpoint'
import { Endpoints } from './views/endpoints'
import { AuditedPage } from './views/audited'
import { Help } from './views/help'
import { OperationPage } from './views/operation'
import { LivePage } from './views/live'
import { Overview } from './views/overview'
import { TestPage } from './views/test'
import { Tests } from './views/tests'
import { TimelinePage } from './views/timeline'
import { UnattributedPage } from './views/unattributed'

const views: [view: string, title: string, key: string][] = [
  ['', 'Run', 'r'], ['tests', 'Tests', 't'], ['timeline', 'Timeline', 'l'], ['endpoints', 'Endpoints', 'e'], ['coverage', 'Coverage', 'c'],
  ['unattributed', 'Without a test', 'u'], ['differences', 'Differences', 'd'], ['live', 'Live', 'v'],
]

/** Which entry of the navigation a view belongs to. */
const parents: Record<string, string> = { test: 'tests', endpoint: 'endpoints', operation: 'coverage', 'no-test': 'unattributed', audited: 'tests' }

/**
 * How often a live source is asked for changes, in milliseconds. What a change makes necessary is asked for less often where that takes
 * long: so many times longer is waited. The live view has its own way to be up to date and needs the rest hardly.
 */
const every = 2000
const times = 20
const longest = 60_000
const everyBesideLive = 30_000

const never = new Promise<Activity>(() => {})

export function App({ source }: { source: Source }) {
  const route = useRoute()
  const [revision, setRevision] = useState(0)
  const [lost, setLost] = useState('')
  const [help, setHelp] = useState(false)
  useEffect(() => follow(source, () => setRevision((n) => n + 1), setLost), [source])
  const model = usePromise(() => source.model(), [revision])
  const live = route.view === 'live' // which has no use for what is read from all rows
  const activity = usePromise(() => (live ? never : source.model().then(() => source.activity())), [revision, live]) // what is shown first comes first
  const runs = usePromise(() => source.runs(), [revision])
  const offered = (view: string) => {
    switch (view) {
      case 'live': return !!source.tail && !!model.value && !model.value.run.end
      case 'differences': return !!runs.value && (!!runs.value.against || runs.value.runs.length > 1)
    }
    return true
  }
  const data = useMemo(() => model.value && runData(model.value), [model.value])
  useShortcuts(() => setHelp((h) => !h), () => setHelp(false))
  const context = useMemo(() => ({ source }), [source])
  useTitle(route, model.value?.run.run)
  useEffect(() => scrollTo(0, 0), [route.view, route.params.get('name'), route.params.get('key'), route.params.get('id')])
  return (
    <Model.Provider value={context}>
      <header>
        <RunChoice run={model.value?.run.run} all={runs.value?.runs ?? []} route={route} />
        <nav aria-label="Views">
          {views.filter(([view]) => view === route.view || offered(view)).map(([view, title]) => (
            <a key={view} href={href(view)} aria-current={(parents[route.view] ?? route.view) === view ? 'page' : undefined}>{title}</a>
          ))}
        </nav>
        {model.value && !model.value.run.end && <span class="live" title="This run has not ended, as far as the recording tells.">{source.live ? 'live' : 'unfinished'}{!live && ` · ${count(model.value.total.requests)}`}</span>}
        <button type="button" class="help" aria-label="Keys" onClick={() => setHelp(true)}>?</button>
      </header>
      <main id="main" tabIndex={-1}>
        {lost && !live && <Problem error={lost} />}
        {model.error && <Problem error={model.error} />}
        {data ? <View route={route} data={data} activity={activity} runs={runs} /> : !model.error && <Waiting />}
      </main>
      {help && <Help close={() => setHelp(false)} />}
    </Model.Provider>
  )
}

type ViewProps = Parameters<typeof TimelinePage>[0] & Parameters<typeof Differences>[0]

function View(p: ViewProps) {
  switch (p.route.view) {
    case '': return <Overview {...p} />
    case 'tests': return <Tests {...p} />
    case 'test':
    case 'no-test': return <TestPage key={p.route.params.get('name') ?? ''} {...p} />
    case 'timeline': return <TimelinePage {...p} />
    case 'endpoints': return <Endpoints {...p} />
    case 'endpoint': return <EndpointPage key={p.route.params.get('key') ?? ''} {...p} />
    case 'audited': return <AuditedPage {...p} />
    case 'differences': return <Differences {...p} />
    case 'coverage': return <CoveragePage {...p} />
    case 'operation': return <OperationPage {...p} />
    case 'live': return <LivePage {...p} />
    case 'unattributed': return <UnattributedPage {...p} />
  }
  return <Problem error={`There is no view "${p.route.view}".`} />
}

/** Asks a live source again and again until the run has ended. */
function follow(source: Source, changed: () => void, lost: (why: string) => void): () => void {
  let timer: ReturnType<typeof setTimeout>
  let stopped = false
  let last = performance.now()
  let first = true // which tells whether the run goes on
  const look = async () => {
    await seen()
    const pause = Math.max(parseRoute(location.hash).view === 'live' ? everyBesideLive : 0, Math.min(times * source.spent, longest))
    if (first || performance.now() - last >= pause) {
      first = false
      try {
        if (await source.changed()) {
          last = performance.now()
          changed()
        }
        lost('')
      } catch (e) {
        lost(gone(e))
      }
    }
    if (source.live && !stopped) timer = setTimeout(look, every)
  }
  if (source.live) void look()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

function useShortcuts(toggleHelp: () => void, close: () => void) {
  const g = useRef(false) // whether the last key was g
  useKeys((key, e) => {
    const view = g.current ? views.find(([, , k]) => k === key) : undefined
    g.current = key === 'g'
    if (view) location.hash = href(view[0])
    else if (key === '?') toggleHelp()
    else if (key === 'Escape') close()
    else if (key === '/') {
      e.preventDefault()
      document.getElementById('search')?.focus()
    } else if ((key === 'j' || key === 'k') && !(e.target as Element).closest('.table')) {
      document.querySelector<HTMLElement>('.table')?.focus()
    }
  }, [])
}

function useTitle(route: Route, run: string | undefined) {
  useEffect(() => {
    if (!run) return
    const of = route.params.get('name') ?? route.params.get('key') ?? route.params.get('id') ?? views.find(([v]) => v === route.view)?.[1] ?? route.view
    document.title = route.view === '' ? `${run} · e2etap` : `${of.slice(0, 120)} · ${run} · e2etap`
  }, [route, run])
}
