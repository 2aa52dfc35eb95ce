import { expect, test } from 'vitest'
import type { Change } from '../data/types'
import { changeText, kindsOf } from './changes'

const change = (before: number, after: number, kind = 'requests up'): Change => ({ kind, test: 'a', client: '', operation: '', operation_id: '', status: null, before, after })

test('a change has a sign, and a share of what was before', () => {
  expect([change(10, 14), change(1000, 2), change(0, 1200), change(4, 0)].map(changeText)).toEqual(['+4 (+40 %)', '−998 (−100 %)', '+1,200', '−4 (−100 %)'])
})

test('kinds stand in the order of the changes', () => {
  expect(kindsOf([change(0, 1, 'test gained'), change(0, 1, 'error gained'), change(0, 1, 'test gained')])).toEqual([['test gained', 2], ['error gained', 1]])
})
