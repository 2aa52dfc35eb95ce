import { expect, test } from 'vitest'
import { Tail, most, type Live, type LiveRow } from './live'

const row = (id: number, open = false) => ({ id, open }) as LiveRow

function answer(some: Partial<Live>): Live {
  return {
    requests: 0, errors_4xx: 0, errors_5xx: 0, watches: 0, specs: 0, specs_ended: 0, now_ms: 0, ended: false, running: [], sending: [], last: 0, seen: 0, skipped: 0,
    rows: [], closed: [], ...some,
  }
}

const ids = (tail: Tail) => tail.rows.map((r) => r.id)

test('rows come newest first and each once', () => {
  const tail = new Tail()
  tail.take(answer({ rows: [row(3), row(1)], last: 1 }), false)
  expect(tail.query(new URLSearchParams(), false).get('after')).toBe('1')
  tail.take(answer({ rows: [row(4), row(3), row(2)], last: 4, skipped: 7 }), false)
  expect(ids(tail)).toEqual([4, 3, 2, 1])
  expect(tail.skipped).toBe(7)
})

test('no more rows are kept than are shown', () => {
  const tail = new Tail()
  tail.take(answer({ rows: Array.from({ length: most }, (_, i) => row(most - i)), last: most }), false)
  tail.take(answer({ rows: [row(most + 1)], last: most + 1 }), false)
  expect(tail.rows.length).toBe(most)
  expect(ids(tail)[0]).toBe(most + 1)
})

test('while it is paused nothing is shown that is new, and the next question goes on from there', () => {
  const tail = new Tail()
  tail.take(answer({ rows: [row(1)], last: 1 }), false)
  expect(tail.query(new URLSearchParams(), true).toString()).toBe('after=1&limit=0')
  tail.take(answer({ last: 90, seen: 89 }), true)
  expect([ids(tail), tail.missed]).toEqual([[1], 89])
  expect(tail.query(new URLSearchParams(), false).get('after')).toBe('1')
  tail.take(answer({ rows: [row(90)], last: 90, seen: 89, skipped: 88 }), false)
  expect([ids(tail), tail.missed, tail.skipped]).toEqual([[90, 1], 0, 88])
})

test('an open request is asked about until it has ended', () => {
  const tail = new Tail()
  tail.take(answer({ rows: [row(2, true), row(1)], last: 2 }), false)
  expect(tail.query(new URLSearchParams(), false).get('open')).toBe('2')
  tail.take(answer({ closed: [row(2)], last: 2 }), false)
  expect(tail.rows.map((r) => r.open)).toEqual([false, false])
  expect(tail.query(new URLSearchParams(), false).has('open')).toBe(false)
})

test('other requests begin anew, and the numbers of the run go on', () => {
  const tail = new Tail()
  tail.take(answer({ rows: [row(7)], last: 7, requests: 7 }), false)
  const other = tail.anew()
  expect([ids(other), other.last?.requests, other.begun, other.query(new URLSearchParams(), false).get('after')]).toEqual([[], 7, false, '0'])
})

test('the rate is that of the last seconds', () => {
  const tail = new Tail()
  expect(tail.rate()).toBe(null)
  for (const [now_ms, requests] of [[0, 0], [10_000, 1000], [12_000, 5000]] as const) tail.take(answer({ now_ms, requests }), false)
  expect(tail.rate()).toBe(2000)
})

test('only what requests can be chosen by is asked for', () => {
  const q = new Tail().query(new URLSearchParams({ verb: 'get', test: 'a & b', id: '7', status: '' }), false)
  expect(q.toString()).toBe('after=0&limit=500&test=a+%26+b&verb=get')
})
