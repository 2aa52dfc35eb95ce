import { expect, test } from 'vitest'
import { coverageTree, coveredBy, nodeAt, nodesOf, outline, partition, type Choice, type Node } from './coverage'
import { runData } from './run'
import type { Endpoint, Model, Operation, Operations, Sums } from './types'

const operation = (id: string, level: string, group: string, kind: string, more: Partial<Operation> = {}): Operation => ({
  operation: id, method: 'GET', path: '/' + id, group, version: 'v1', kind, verb: 'get', level, deprecated: false, eligible: false, why: '', pending: false, ...more,
})

const operations: Operations = {
  known: true, tests_known: true, eligibility_known: true, lists: 'v1.37',
  operations: [
    operation('alpha', 'alpha', 'x', 'X'), operation('getPod', 'stable', '', 'Pod', { eligible: true }), operation('exec', 'stable', '', 'Pod', { eligible: true, pending: true }),
    operation('never', 'stable', '', 'Node', { eligible: true }), operation('discovery', 'stable', 'apps', ''),
    operation('attach', 'stable', '', 'Pod'),
  ],
}

const sums = { requests: 0, sources: {} } as Sums
const endpoint = (n: number | null) => ({ method: 'GET', verb: 'get', resource: 'r' + n, operation: n }) as unknown as Endpoint
const data = runData({
  total: sums, tests: [{ ...sums, test: 'plain', conformance: false }, { ...sums, test: 'conforming', conformance: true }],
  endpoints: [endpoint(1), endpoint(2), endpoint(4), endpoint(null)],
  uses: { test: [0, 0, 0, 1, 1], endpoint: [0, 2, 3, 0, 1], status: [200, 404, 200, 500, 101], requests: [5, 2, 9, 1, 3] },
} as unknown as Model)

const all = coveredBy(data, operations)
const none: Choice = { conformance: false, successful: false, eligible: false, settled: false }
const numbers = (n: Node) => [n.operations, n.hit, n.succeeded, n.conformance, n.eligible, n.requests]

test('requests count for the operation of their endpoint, by test and status', () => {
  expect(all[1]!.uses.map((u) => [u.test.test, u.requests, u.successes, u.errors, [...u.statuses]])).toEqual([
    ['plain', 5, 5, 0, [[200, 5]]], ['conforming', 1, 0, 1, [[500, 1]]],
  ])
  expect(all[0]!.uses).toEqual([])
})

test('choices count as those of report coverage', () => {
  const of = (c: Partial<Choice>) => numbers(coverageTree(all, { ...none, ...c }))
  expect(of({})).toEqual([6, 3, 2, 2, 3, 11])
  expect(of({ conformance: true })).toEqual([6, 2, 1, 2, 3, 4])
  expect(of({ successful: true })).toEqual([6, 2, 2, 1, 3, 8])
  expect(of({ conformance: true, successful: true })).toEqual([6, 1, 1, 1, 3, 3])
  expect(of({ eligible: true })).toEqual([3, 2, 2, 2, 3, 9])
  expect(of({ eligible: true, settled: true })).toEqual([2, 1, 1, 1, 2, 6])
})

test('levels come from stable to alpha, names in order, hit operations first', () => {
  const root = coverageTree(all, none)
  expect([1, 2, 3, 4].map((depth) => nodesOf(root, depth).map((n) => n.name))).toEqual([
    ['stable', 'alpha'], ['', 'apps', 'x'], ['Node', 'Pod', '', 'X'], ['never', 'exec', 'getPod', 'attach', 'discovery', 'alpha'],
  ])
})

test('a node is found by its address, or else the nearest above it', () => {
  const root = coverageTree(all, none)
  const pod = nodesOf(root, 3).find((n) => n.name === 'Pod')!
  expect(nodeAt(root, pod.at)).toBe(pod)
  expect(nodeAt(root, '["stable","","Gone"]').at).toBe('["stable",""]')
  expect([nodeAt(root, ''), nodeAt(root, '{'), nodeAt(root, '7')]).toEqual([root, root, root])
})

test('parts of a ring are as wide as they have operations, and lie below their parents', () => {
  const root = coverageTree(all, none)
  const arcs = partition(root)
  for (const ring of [0, 1, 2, 3]) {
    const of = arcs.filter((a) => a.ring === ring)
    expect(of[0]!.from).toBe(0)
    expect(of[of.length - 1]!.to).toBeCloseTo(1)
    of.forEach((a, i) => {
      expect(a.to - a.from).toBeCloseTo(a.node.operations / 6)
      if (i) expect(a.from).toBeCloseTo(of[i - 1]!.to)
    })
  }
  const parent = new Map(arcs.map((a) => [a.node, a]))
  for (const a of arcs.filter((a) => a.ring > 0)) {
    const p = parent.get(a.node.parent!)!
    expect(a.from).toBeGreaterThanOrEqual(p.from - 1e-9)
    expect(a.to).toBeLessThanOrEqual(p.to + 1e-9)
  }
})

test('a node alone is a whole turn, which has an outline', () => {
  const kind = nodesOf(coverageTree(all, none), 3).find((n) => n.name === 'Node')!
  expect(partition(kind)).toMatchObject([{ ring: 0, from: 0, to: 1 }])
  expect(outline(0, 1, 10, 20).match(/A/g)).toHaveLength(4)
  expect(outline(0, 0.25, 10, 20)).toBe('M0.00 -20.00A20 20 0 0 1 20.00 -0.00L10.00 -0.00A10 10 0 0 0 0.00 -10.00Z')
})
