import { expect, test } from 'vitest'
import { bytes, ms, percent } from './format'

test('durations have three figures and a unit', () => {
  expect([null, 0, 0.5, 1.284, 12.34, 999, 1284, 59_940, 348_000, 12_240_000, -3].map((n) => ms(n)))
    .toEqual(['–', '0 ms', '500 µs', '1.28 ms', '12.3 ms', '999 ms', '1.28 s', '59.9 s', '5m 48s', '3h 24m', '−3.00 ms'])
})

test('shares are never rounded to none or all', () => {
  expect([percent(1, 100_000), percent(99_999, 100_000), percent(1, 3), percent(0, 5), percent(0, 0)])
    .toEqual(['< 0.1 %', '> 99.9 %', '33.3 %', '0 %', '–'])
})

test('bytes have a binary unit', () => {
  expect([0, 1023, 1024, 1_700_000, 5e12].map(bytes)).toEqual(['0 B', '1023 B', '1.0 KiB', '1.6 MiB', '4656.6 GiB'])
})
