import { useEffect, useState } from 'preact/hooks'

/** A place in the application: "#/tests?q=pods" is the view "tests" with one parameter. */
export interface Route {
  view: string
  params: URLSearchParams
}

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = split(hash.replace(/^#?\/?/, ''), '?')
  return { view: path, params: new URLSearchParams(query) }
}

/** The run that the address asks for; "" is the one that is shown first. */
export const routeRun = () => parseRoute(globalThis.location?.hash ?? '').params.get('run') ?? ''

/** The address of a view, of the run that is shown if params have no other. Empty parameters are left out. */
export function href(view: string, params: Record<string, string | number | null | undefined> = {}): string {
  const kept = Object.entries({ run: routeRun(), ...params }).filter(([, v]) => v !== '' && v !== null && v !== undefined)
  const query = new URLSearchParams(kept.map(([k, v]) => [k, String(v)])).toString()
  return `#/${view}${query ? '?' + query : ''}`
}

export const testHref = (test: string) => (test ? href('test', { name: test }) : href('no-test'))

export const operationHref = (id: string) => href('operation', { id })

export const endpointHref = (key: string) => href('endpoint', { key })

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash))
  useEffect(() => {
    const update = () => setRoute(parseRoute(location.hash))
    addEventListener('hashchange', update)
    return () => removeEventListener('hashchange', update)
  }, [])
  return route
}

/** Changes parameters of the current view without a new entry in the browser's history. */
export function setParams(changes: Record<string, string | number | null>) {
  const { view, params } = parseRoute(location.hash)
  const all: Record<string, string | number | null> = { ...Object.fromEntries(params), ...changes }
  history.replaceState(null, '', href(view, all))
  dispatchEvent(new HashChangeEvent('hashchange'))
}

function split(s: string, at: string): [string, string?] {
  const i = s.indexOf(at)
  return i < 0 ? [s] : [s.slice(0, i), s.slice(i + 1)]
}
