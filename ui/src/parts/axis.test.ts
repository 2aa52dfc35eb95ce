import { expect, test } from 'vitest'
import { tick } from '../format'
import { scale, ticks } from './axis'

const labels = (from: number, to: number, atMost: number) => {
  const { step, at } = ticks(from, to, atMost)
  return at.map((t) => tick(t, step))
}

test('ticks are round for a clock', () => {
  expect(labels(0, 348_000, 4)).toEqual(['0s', '2m', '4m'])
  expect(labels(0, 100_000, 4)).toEqual(['0s', '30s', '1m', '1m30s'])
  expect(labels(0, 20_000_000, 5)).toEqual(['0s', '2h', '4h'])
  expect(labels(0, 12, 5)).toEqual(['0ms', '5ms', '10ms'])
  expect(labels(1100, 1900, 5)).toEqual(['1.2s', '1.4s', '1.6s', '1.8s'])
})

test('a scale can be inverted', () => {
  const x = scale([1000, 3000], [100, 300])
  expect([x(1000), x(2000), x.invert(300)]).toEqual([100, 200, 3000])
})
