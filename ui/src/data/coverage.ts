import type { RunData, TestData } from './run'
import type { Operation, Operations } from './types'

/** Which operations and requests count; as the flags of "report coverage", and pending operations besides. */
export interface Choice {
  conformance: boolean // requests of conformance tests only
  successful: boolean // requests that succeeded only
  eligible: boolean // eligible operations only
  settled: boolean // without pending operations
}

/** Requests of a test for an operation. */
export interface OperationUse {
  test: TestData
  requests: number
  successes: number
  errors: number
  statuses: Map<number, number>
}

/** An operation with all that was asked of it, most requests first. */
export interface Covered {
  op: Operation
  uses: OperationUse[]
}

/** A ring's part: the server, a level, a group, a kind or an operation. */
export interface Node {
  at: string // its address: the names from the level on, as JSON; "" for the root
  name: string
  depth: number
  parent: Node | null
  children: Node[]
  covered: Covered | null // of an operation
  operations: number
  hit: number
  succeeded: number
  conformance: number
  eligible: number
  requests: number
}

export const depths = ['API', 'level', 'group', 'kind', 'operation']

/** An answer with a status of 2xx, or 101, with which exec begins: as internal/coverage has it. */
export const isSuccess = (status: number) => Math.floor(status / 100) === 2 || status === 101

/** What an operation is called: its ID, or its method and path where documents give none. */
export const operationName = (op: Operation) => op.operation || `${op.method} ${op.path}`

/** The operations with what the run's tests asked of them, in the order of the operations. */
export function coveredBy(data: RunData, operations: Operations): Covered[] {
  const all = operations.operations.map((op): Covered => ({ op, uses: [] }))
  const { test, endpoint, status, requests } = data.model.uses
  for (let i = 0; i < (test?.length ?? 0); i++) {
    const covered = all[data.model.endpoints![endpoint![i]!]!.operation ?? -1]
    if (covered) addUse(covered, data.tests[test![i]!]!, status![i]!, requests![i]!)
  }
  for (const covered of all) covered.uses.sort((a, b) => b.requests - a.requests)
  return all
}

/** Uses come ordered by test. */
function addUse(covered: Covered, test: TestData, status: number, requests: number) {
  let use = covered.uses[covered.uses.length - 1]
  if (use?.test !== test) {
    use = { test, requests: 0, successes: 0, errors: 0, statuses: new Map() }
    covered.uses.push(use)
  }
  use.requests += requests
  if (isSuccess(status)) use.successes += requests
  if (status >= 400) use.errors += requests
  use.statuses.set(status, (use.statuses.get(status) ?? 0) + requests)
}

/** The requests for an operation that count. */
export function chosen(covered: Covered, c: Choice): { hits: number; successes: number; conformance: number } {
  const sum = { hits: 0, successes: 0, conformance: 0 }
  for (const u of covered.uses) {
    if (c.conformance && !u.test.conformance) continue
    const n = c.successful ? u.successes : u.requests
    sum.hits += n
    sum.successes += u.successes
    if (u.test.conformance) sum.conformance += n
  }
  return sum
}

const levels = ['stable', 'beta', 'alpha']

/** Level, group, kind and operation below one root. Children are in the order of their names, operations with the hit ones first. */
export function coverageTree(all: Covered[], c: Choice): Node {
  const root = nodeOf('', null, null)
  const inner = new Map<string, Node>()
  for (const covered of all) {
    const { op } = covered
    if ((c.eligible && !op.eligible) || (c.settled && op.pending)) continue
    let parent = root
    for (const name of [op.level, op.group, op.kind]) {
      const at = addressOf(parent, name)
      let child = inner.get(at)
      if (!child) {
        child = nodeOf(name, parent, null)
        inner.set(at, child)
      }
      parent = child
    }
    count(nodeOf(operationName(op), parent, covered), c)
  }
  sort(root)
  return root
}

const addressOf = (parent: Node, name: string) => JSON.stringify([...(parent.at ? (JSON.parse(parent.at) as string[]) : []), name])

function nodeOf(name: string, parent: Node | null, covered: Covered | null): Node {
  const node: Node = {
    at: parent ? addressOf(parent, name) : '', name, depth: parent ? parent.depth + 1 : 0, parent, children: [], covered,
    operations: 0, hit: 0, succeeded: 0, conformance: 0, eligible: 0, requests: 0,
  }
  parent?.children.push(node)
  return node
}

/** Adds an operation to itself and to all that it is part of. */
function count(leaf: Node, c: Choice) {
  const { hits, successes, conformance } = chosen(leaf.covered!, c)
  for (let n: Node | null = leaf; n; n = n.parent) {
    n.operations++
    n.hit += +(hits > 0)
    n.succeeded += +(successes > 0)
    n.conformance += +(conformance > 0)
    n.eligible += +leaf.covered!.op.eligible
    n.requests += hits
  }
}

function sort(node: Node) {
  node.children.sort((a, b) =>
    (node.depth === 0 ? levels.indexOf(a.name) - levels.indexOf(b.name) : 0) || (a.covered ? b.hit - a.hit : 0) || (a.name < b.name ? -1 : +(a.name > b.name)))
  for (const child of node.children) sort(child)
}

/** The node with an address; the nearest one above it, if there is none. */
export function nodeAt(root: Node, at: string): Node {
  let names: unknown = []
  try {
    names = JSON.parse(at || '[]')
  } catch {
    return root
  }
  let node = root
  for (const name of Array.isArray(names) ? names : []) {
    const child = node.children.find((n) => n.name === name && !n.covered)
    if (!child) break
    node = child
  }
  return node
}

/** A node and all above it, from the root on. */
export const pathOf = (n: Node): Node[] => (n.parent ? [...pathOf(n.parent), n] : [n])

/** All nodes of a depth below a node, in their order. */
export function nodesOf(node: Node, depth: number): Node[] {
  return node.depth === depth ? [node] : node.children.flatMap((n) => nodesOf(n, depth))
}

/** A node's part of the circle, in turns from the top. */
export interface Arc {
  node: Node
  ring: number // 0 is the innermost
  from: number
  to: number
}

/** Lays out what is below a node: each part as wide as it has operations. A parent comes before its children. */
export function partition(root: Node): Arc[] {
  const arcs: Arc[] = []
  const lay = (parent: Node, from: number, turn: number) => {
    for (const node of parent.children) {
      const to = from + (node.operations / parent.operations) * turn
      arcs.push({ node, ring: node.depth - root.depth - 1, from, to })
      lay(node, from, to - from)
      from = to
    }
  }
  lay(root, 0, 1)
  return arcs
}

/** The outline of a ring's part, for an SVG path; radii in pixels. A whole ring is two halves, since an arc cannot end where it begins. */
export function outline(from: number, to: number, inner: number, outer: number): string {
  if (to - from > 0.9999) return outline(0, 0.5, inner, outer) + outline(0.5, 0.9999, inner, outer)
  const point = (turn: number, r: number) => `${(r * Math.sin(2 * Math.PI * turn)).toFixed(2)} ${(-r * Math.cos(2 * Math.PI * turn)).toFixed(2)}`
  const large = to - from > 0.5 ? 1 : 0
  return `M${point(from, outer)}A${outer} ${outer} 0 ${large} 1 ${point(to, outer)}L${point(to, inner)}A${inner} ${inner} 0 ${large} 0 ${point(from, inner)}Z`
}

/** What a node is called on the page; core and nothing have no name of their own. */
export function title(node: Node): string {
  return node.name || (node.depth === 0 ? 'All operations' : node.depth === 2 ? '(core)' : '(none)')
}
