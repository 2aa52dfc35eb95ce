import { expect, test } from 'vitest'
import { fromColumns, unpack } from './requests'
import type { Kind } from './types'

const kind: Kind = { status: 200, outcome: 'complete', source: 'process', why: '', phase: 'body' }

/** Packs as Go's view.Packed does. */
function packed(header: object, ...columns: number[][]): Uint8Array {
  const varint = (n: number): number[] => (n < 128 ? [n] : [(n % 128) + 128, ...varint(Math.floor(n / 128))])
  const json = [...new TextEncoder().encode(JSON.stringify(header))]
  return Uint8Array.from([...varint(json.length), ...json, ...columns.flat().flatMap(varint)])
}

test('packed requests of a small run have exact times and names', () => {
  const bytes = packed(
    { requests: 2, endpoints: [7, 3], from: 1000, exact: true, kinds: [kind, { ...kind, outcome: 'open' }], namespaces: ['', 'a'], names: ['x', 'ü'] },
    [0, 500], [1500, 0], [1, 0], [0, 1], [1, 0], [0, 1],
  )
  expect(unpack(bytes)).toEqual([
    { start: 1, duration: 1.5, open: false, exact: true, endpoint: 3, kind, namespace: 'a', name: 'x' },
    { start: 1.5, duration: 0, open: true, exact: true, endpoint: 7, kind: { ...kind, outcome: 'open' }, namespace: '', name: 'ü' },
  ])
})

test('packed requests of a large run have durations in steps and no names', () => {
  const bytes = packed({ requests: 1, endpoints: [0], from: 20, exact: false, kinds: [kind], namespaces: ['a'] }, [0], [1 + 8 * 10], [0], [0], [0])
  expect(unpack(bytes)).toEqual([{ start: 2, duration: 1.024, open: false, exact: false, endpoint: 0, kind, namespace: 'a', name: null }])
})

test('packed requests that break off are an error', () => {
  expect(() => unpack(packed({ requests: 2, endpoints: [0], from: 0, exact: true, kinds: [kind], namespaces: [''] }, [0]))).toThrow('too early')
})

test('times before the start of the run are below 0', () => {
  const page = { from: -250, exact: true, kinds: [kind], namespaces: [''], names: [''], start: [0], duration: [1], endpoint: [0], kind: [0], namespace: [0], name: [0] }
  expect(fromColumns(page)[0]!.start).toBe(-0.25)
})
