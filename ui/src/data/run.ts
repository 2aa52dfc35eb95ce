import type { Endpoint, Model, Spec, Test } from './types'

/** A model with what views look up in it. */
export interface RunData {
  model: Model
  tests: TestData[]
  byName: Map<string, TestData>
  groups: Map<string, EndpointData> // by endpointKey
  endpoints: EndpointData[] // by index in model.endpoints
  slow: number // from how many milliseconds on a request is slow
}

/** A test with what is known of it from elsewhere. */
export interface TestData extends Test {
  index: number
  specs: Spec[]
  outcome: string // the worst of its specs'; "" if none is known
  duration: number | null // of its specs together
  uses: Use[]
  verbs: Set<string>
  resources: Set<string>
}

/** Requests of a test for an endpoint with a status. */
export interface Use {
  test: TestData
  endpoint: Endpoint
  status: number
  requests: number
}

/** Endpoints that report counts as one: they differ in what is named only. */
export interface EndpointData {
  key: string
  endpoint: Endpoint
  uses: Use[]
  requests: number
  errors: number
  tests: number
}

const badness = ['failed', 'interrupted', '', 'passed', 'pending', 'skipped']

export function runData(model: Model): RunData {
  const tests: TestData[] = (model.tests ?? []).map((t, index) => ({
    ...t, index, specs: [], outcome: '', duration: null, uses: [], verbs: new Set(), resources: new Set(),
  }))
  const byName = new Map(tests.map((t) => [t.test, t]))
  for (const spec of model.specs ?? []) {
    if (spec.test) byName.get(spec.test)?.specs.push(spec)
  }
  for (const t of tests) conclude(t)
  const data: RunData = { model, tests, byName, groups: new Map(), endpoints: [], slow: Math.max(model.total.p99_ms ?? 0, 100) }
  data.endpoints = (model.endpoints ?? []).map((e) => group(data, e))
  addUses(data)
  return data
}

function conclude(t: TestData) {
  const known = t.specs.map((s) => s.outcome)
  t.outcome = known.length ? known.reduce((a, b) => (badness.indexOf(a) <= badness.indexOf(b) ? a : b)) : ''
  for (const s of t.specs) if (s.duration_ms !== null) t.duration = (t.duration ?? 0) + s.duration_ms
}

function group(data: RunData, endpoint: Endpoint): EndpointData {
  const key = endpointKey(endpoint)
  let g = data.groups.get(key)
  if (!g) {
    g = { key, endpoint, uses: [], requests: 0, errors: 0, tests: 0 }
    data.groups.set(key, g)
  }
  return g
}

function addUses(data: RunData) {
  const { test, endpoint, status, requests } = data.model.uses
  const last = new Map<EndpointData, TestData>()
  for (let i = 0; i < (test?.length ?? 0); i++) {
    const t = data.tests[test![i]!]!
    const e = data.model.endpoints![endpoint![i]!]!
    const g = data.endpoints[endpoint![i]!]!
    const use = { test: t, endpoint: e, status: status![i]!, requests: requests![i]! }
    t.uses.push(use)
    t.verbs.add(e.verb)
    t.resources.add(resourceOf(e))
    g.uses.push(use)
    g.requests += use.requests
    if (use.status >= 400) g.errors += use.requests
    if (t.test && last.get(g) !== t) {
      g.tests++
      last.set(g, t)
    }
  }
}

/** As RBAC writes it: "pods", "pods/exec"; "" for what is no resource. */
export const resourceOf = (e: Endpoint) => (e.subresource ? `${e.resource}/${e.subresource}` : e.resource)

/** "apps/v1", "v1". */
export const groupVersion = (e: Endpoint) => (e.group ? `${e.group}/${e.version}` : e.version)

/** What tells endpoints apart, as the columns "endpoints" count. */
export const endpointKey = (e: Endpoint) => [e.method, e.verb, e.group, e.version, e.resource, e.subresource].join(' ')

/** In one line: "list apps/v1 deployments"; "get (no resource)". */
export function endpointTitle(e: Endpoint): string {
  return e.resource ? `${e.verb} ${groupVersion(e)} ${resourceOf(e)}` : `${e.verb} (no resource)`
}
