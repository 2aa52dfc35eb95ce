import { afterEach, expect, test, vi } from 'vitest'
import { href, parseRoute, testHref } from './route'

test('addresses keep any text', () => {
  for (const name of ['a?b=c&d#e/f', '<script>"\'', 'שלום', '100% + 1', 'x'.repeat(5000)]) {
    const route = parseRoute(testHref(name).slice(1))
    expect([route.view, route.params.get('name')]).toEqual(['test', name])
  }
})

test('empty parameters are left out', () => {
  expect(href('tests', { q: '', verb: 'get', sort: null })).toBe('#/tests?verb=get')
  expect(href('')).toBe('#/')
})

afterEach(() => vi.unstubAllGlobals())

test('links keep the run, if they do not name another', () => {
  vi.stubGlobal('location', { hash: '#/tests?q=pods&run=a%26b' })
  expect(href('tests', { verb: 'get' })).toBe('#/tests?run=a%26b&verb=get')
  expect(testHref('')).toBe('#/no-test?run=a%26b')
  expect(href('', { run: 'other' })).toBe('#/?run=other')
})

test('requests without a test have an address of their own', () => {
  expect(testHref('')).toBe('#/no-test')
})

test('an address without a view is the run', () => {
  expect(parseRoute('').view).toBe('')
  expect(parseRoute('#/tests?q=a b').params.get('q')).toBe('a b')
})
