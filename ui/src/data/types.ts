// The JSON of the Go package internal/view, which says what each field means.

export interface Run {
  run: string
  start: string
  end: string | null
  duration_ms: number | null
  exit_code: number | null
  lost: number | null
  requests: number
  tests: number
  specs: number
  server: string
  server_version: string
  context: string
  tool_version: string
  command: string[] | null
  uncertainty_ms: number
}

export interface Sums {
  requests: number
  errors_4xx: number
  errors_5xx: number
  watches: number
  endpoints: number
  bytes_in: number
  bytes_out: number
  p50_ms: number | null
  p99_ms: number | null
  max_ms: number | null
  sources: Record<string, number>
}

export interface Test extends Sums {
  test: string
  chunks?: number[]
  conformance: boolean
}

export interface Spec {
  test: string
  node: string
  outcome: string
  worker: string
  start_ms: number | null
  end_ms: number | null
  duration_ms: number | null
  attempts: number
  labels: string[] | null
  location: string
  told: string
  phases: { at_ms: number; phase: string; attempt: number }[] | null
}

export interface Endpoint {
  method: string
  verb: string
  group: string
  version: string
  resource: string
  subresource: string
  namespaced: boolean
  named: boolean
  sub_path: boolean
  path: string
  long_running: boolean
  operation: number | null
}

export interface Operation {
  operation: string
  method: string
  path: string
  group: string
  version: string
  kind: string
  verb: string
  level: string
  deprecated: boolean
  eligible: boolean
  why: string
  pending: boolean
}

export interface Operations {
  known: boolean
  tests_known: boolean
  eligibility_known: boolean
  lists: string
  operations: Operation[]
}

export interface Model {
  run: Run
  total: Sums
  tests: Test[] | null
  specs: Spec[] | null
  endpoints: Endpoint[] | null
  uses: { test: number[] | null; endpoint: number[] | null; status: number[] | null; requests: number[] | null }
}

export interface Activity {
  width_ms: number
  requests: number[] | null
  errors_4xx: number[] | null
  errors_5xx: number[] | null
  tests: Record<string, [number, number]>
}

export interface Unattributed extends Sums {
  client: string
  command: string
  why: string
}

export interface AuditedSums {
  role: string
  requests: number
  errors_4xx: number
  errors_5xx: number
}

export interface Asked extends AuditedSums {
  client: string
  verb: string
  group: string
  version: string
  resource: string
  subresource: string
  path: string
}

export interface AuditedTest {
  test: string
  roles: AuditedSums[]
  asked: Asked[]
}

export interface Audited {
  roles: AuditedSums[]
  tests: AuditedTest[]
}

/** A run that is compared. */
export interface Compared {
  run: string
  label: string // of another recording's; "" of this one's
  start: string
  requests: number
  tests: number
}

export interface Change {
  kind: string
  test: string
  client: string
  operation: string
  operation_id: string
  status: number | null
  before: number
  after: number
}

export interface Diff {
  before: Compared
  after: Compared
  threshold: number
  at_least: number
  changes: Change[]
}

/** What can be shown; of internal/web/server. */
export interface Runs {
  shown: string
  against: { run: string; label: string } | null
  runs: RunLine[]
}

export interface RunLine {
  run: string
  start: string
  end: string | null
  exit_code: number | null
  requests: number
  tests: number
  specs: number
}

export interface Kind {
  status: number
  outcome: string
  source: string
  why: string
  phase: string
}

/** What the columns of requests have in common, packed or as JSON. */
export interface Header {
  from: number
  exact: boolean
  kinds: Kind[]
  namespaces: string[]
  names?: string[] | null
}

/** A page of requests as the server sends it. */
export interface Columns extends Header {
  start: number[]
  duration: number[]
  endpoint: number[]
  kind: number[]
  namespace: number[]
  name: number[] | null
}
