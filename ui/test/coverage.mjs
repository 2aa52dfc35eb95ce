// What is checked of the view of operations, by the plan of TestCoverageInABrowser in cmd/report. Each check gets a page of its own.
import assert from 'node:assert/strict'

const to = (view, params = {}) => `#/${view}${Object.keys(params).length ? '?' + new URLSearchParams(params) : ''}`
const at = (...names) => JSON.stringify(names)

/** The texts of all rows of a table by column, also of those that come when it is scrolled. */
async function rows(page, name) {
  const table = page.locator(`[role=table][aria-label="${name}"]`)
  const seen = new Map()
  for (let top = 0; ; top += 400) {
    await table.evaluate((t, y) => { t.scrollTop = y }, top)
    await page.waitForTimeout(30)
    const found = await table.locator('[role=rowgroup] [role=row]').evaluateAll((all) => all.map((row) => [
      Number(row.getAttribute('aria-rowindex')),
      Object.fromEntries([...row.querySelectorAll('[role=cell]')].map((c) => [/c-(\S+)/.exec(c.className)[1], c.textContent.trim()])),
    ]))
    for (const [i, row] of found) seen.set(i, row)
    if (await table.evaluate((t) => t.scrollTop + t.clientHeight >= t.scrollHeight - 1)) break
  }
  assert.equal(await table.getAttribute('aria-rowcount'), String(seen.size + 1))
  return [...seen].sort((a, b) => a[0] - b[0]).map(([, row]) => row)
}

/** What report counts of a group of operations, as the table's columns have it. */
const wanted = (g) => [g.operations, g.hit, g.succeeded, g.by_conformance, g.eligible].map(String)
const shown = (r) => [r.operations, r.hit, r.succeeded, r.conformance, r.eligible]

const parts = (page, ring) => page.locator('.sunburst a.part').filter({ has: page.locator('title', { hasText: ring }) })

const hash = (page) => page.evaluate(() => location.hash)

export const checks = {
  async 'groups have the numbers of report coverage, whatever counts'({ page, view, plan }) {
    await page.setViewportSize({ width: 2500, height: 900 })
    assert.equal(plan.coverage.length, 5)
    for (const { params, by } of plan.coverage) {
      await view(to('coverage', { ...params, rows: 'level' }))
      const levels = await rows(page, 'Coverage by level')
      assert.deepEqual(levels.map((r) => [r.level, ...shown(r)]), by.level.map((g) => [g.level, ...wanted(g)]), JSON.stringify(params))
      await view(to('coverage', { ...params, rows: 'group' }))
      const groups = await rows(page, 'Coverage by group')
      assert.deepEqual(groups.map((r) => [r.level, r.group, ...shown(r)]), by['level,group'].map((g) => [g.level, g.group || '(core)', ...wanted(g)]))
      await view(to('coverage', { ...params, rows: 'kind' }))
      const kinds = new Map()
      for (const r of await rows(page, 'Coverage by kind')) {
        const before = kinds.get(r.kind) ?? [0, 0, 0, 0, 0]
        kinds.set(r.kind, shown(r).map((n, i) => Number(n) + before[i]))
      }
      assert.deepEqual([...kinds].map(([k, n]) => [k, ...n.map(String)]).sort(), by.kind.map((g) => [g.kind || '(none)', ...wanted(g)]).sort())
      const [all, hit] = ['operations', 'hit'].map((key) => by.level.reduce((n, g) => n + g[key], 0))
      assert.equal(await page.locator('.centre .of').textContent(), `${hit} of ${all}`)
    }
  },

  async 'toggles are in the address and change what counts'({ page, view, plan }) {
    await view(to('coverage'))
    await page.getByLabel('Conformance tests only').check()
    await page.getByLabel('Successful only').check()
    await page.getByLabel('Without ineligible').check()
    assert.equal(await hash(page), to('coverage', { conformance: 1, successful: 1, eligible: 1 }))
    const sum = (key) => plan.coverage[4].by.level.reduce((n, g) => n + g[key], 0)
    await page.waitForFunction((text) => document.querySelector('.centre .of')?.textContent === text, `${sum('hit')} of ${sum('operations')}`)
    assert.ok(sum('hit') < plan.coverage[0].by.level.reduce((n, g) => n + g.hit, 0))
    await page.getByLabel('Without ineligible').uncheck()
    assert.equal(await hash(page), to('coverage', { conformance: 1, successful: 1 }))
  },

  async 'there is a part for each level, group, kind and operation, and each is a link that says what it is'({ page, view }) {
    await page.setViewportSize({ width: 2500, height: 900 })
    await view(to('coverage'))
    const found = await page.locator('.sunburst a.part').evaluateAll((all) => all.map((a) => [a.getAttribute('href'), a.querySelector('title').textContent, !!a.querySelector('.share-hit')]))
    let nodes = 0
    for (const depth of ['level', 'group', 'kind', 'operation']) {
      await view(to('coverage', { rows: depth }))
      nodes += (await rows(page, `Coverage by ${depth}`)).length
    }
    assert.equal(found.length, nodes)
    assert.equal(new Set(found.map(([href]) => href)).size, nodes)
    for (const [href, title, filled] of found) {
      assert.match(href, /^#\/(coverage\?.*at=|operation\?id=)/)
      assert.match(title, /: (\d+ of \d+ hit|hit, requests: \d+|not hit)/)
      assert.equal(filled, !/not hit|: 0 of/.test(title), title)
    }
  },

  async 'clicks look closer, the trail and the centre lead out again'({ page, view }) {
    await view(to('coverage', { successful: 1 }))
    await parts(page, /^Pod: /).click()
    await page.waitForFunction(() => document.querySelector('.centre .name').textContent === 'Pod')
    assert.equal(await hash(page), to('coverage', { successful: 1, at: at('stable', '', 'Pod') }))
    assert.equal(await page.locator('.crumbs').textContent(), 'All operationsstable(core)Podkind')
    await page.locator('.crumbs a', { hasText: 'stable' }).click()
    await page.waitForFunction(() => document.querySelector('.centre .name').textContent === 'stable')
    await page.locator('a.centre').click()
    await page.waitForFunction(() => document.querySelector('.centre .name').textContent === 'All operations')
    await page.goBack()
    await page.waitForFunction(() => document.querySelector('.centre .name').textContent === 'stable')
  },

  async 'pointing at a part says which it is'({ page, view }) {
    await view(to('coverage', { at: at('stable', '', 'Pod') }))
    await parts(page, /^readCoreV1NamespacedPod: /).hover()
    await page.waitForFunction(() => /readCoreV1NamespacedPod: hit, requests: \d/.test(document.querySelector('.looked').textContent))
    assert.equal(await page.locator('.looked-at').count(), 1)
  },

  async 'the rings can be walked through by keyboard'({ page, view }) {
    await view('')
    await page.keyboard.press('g')
    await page.keyboard.press('c')
    await page.waitForSelector('.sunburst a')
    const title = () => page.evaluate(() => document.activeElement.querySelector('title')?.textContent)
    await page.locator('.sunburst a.part').first().focus()
    assert.match(await title(), /^stable: /)
    await page.keyboard.press('ArrowRight')
    assert.match(await title(), /^beta: /)
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowUp')
    assert.match(await title(), /^\(core\): /)
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowDown')
    assert.match(await title(), /^\(core\): /)
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelector('.centre .name').textContent === '(core)')
    assert.match(await title(), /^Back to stable|: /)
    await page.locator('[role=table]').focus()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => location.hash.includes('at='))
  },

  async 'an operation has the tests that hit it, as report endpoint has them'({ page, view, plan }) {
    await view(to('coverage', { at: at('stable', '', 'Pod') }))
    await page.locator('.c-operation a', { hasText: /^readCoreV1NamespacedPod$/ }).click()
    await page.waitForSelector('[role=table]')
    assert.equal(await hash(page), to('operation', { id: 'readCoreV1NamespacedPod' }))
    const found = await rows(page, 'Tests that hit readCoreV1NamespacedPod')
    assert.ok(plan.endpoint.length >= 2)
    assert.deepEqual(
      found.map((r) => [r.test, r.conformance, r.requests, r.statuses.replaceAll(' × ', ' ')]),
      plan.endpoint.map((u) => [u.test || '(no test)', u.conformance, String(u.requests), u.statuses]),
    )
    const main = await page.locator('main').textContent()
    for (const fact of ['GET /api/v1/namespaces/{namespace}/pods/{name}', 'stable', 'Eligible for conformanceyes']) assert.ok(main.includes(fact), fact)
    await page.locator('main li a', { hasText: 'get v1 pods' }).click()
    await page.waitForFunction(() => location.hash.startsWith('#/endpoint'))
    await page.locator('main li a', { hasText: 'readCoreV1NamespacedPod' }).click()
    await page.waitForFunction(() => location.hash.startsWith('#/operation'))
  },

  async 'an operation that was not hit says so, and why it is not eligible'({ page, view }) {
    await view(to('operation', { id: 'listCoreV1ComponentStatus' }))
    const main = await page.locator('main').textContent()
    assert.match(main, /No test of this run hit this operation/)
    assert.match(main, /Eligible for conformanceno: ineligible: /)
  },

  async 'a test has the operations that report test has'({ page, view, plan }) {
    await page.setViewportSize({ width: 2500, height: 900 })
    await view(to('test', { name: plan.names.conforming }))
    const found = (await rows(page, 'Endpoints of the test')).map((r) => `${r.operation} ${r.requests}`)
    assert.deepEqual(found.sort(), plan.test.filter((u) => u.operation).map((u) => `${u.operation} ${u.requests}`).sort())
    assert.ok(found.length >= 5)
    await view(to('test', { name: plan.names.plain }))
    assert.ok((await rows(page, 'Endpoints of the test')).some((r) => r.operation === '/healthz: none'))
  },

  async 'the run says how many operations were hit'({ page, view, plan }) {
    await view('')
    const sum = (key) => plan.coverage[0].by.level.reduce((n, g) => n + g[key], 0)
    await page.locator('a.stat', { hasText: 'Operations hit' }).click()
    await page.waitForSelector('.sunburst')
    await view('')
    assert.equal(await page.locator('a.stat', { hasText: 'Operations hit' }).locator('.value').textContent(), `${sum('hit')} of ${sum('operations')}`)
  },

  async 'rows are chosen by words and by whether they were hit'({ page, view, plan }) {
    const sum = (key) => plan.coverage[0].by.level.reduce((n, g) => n + g[key], 0)
    await page.setViewportSize({ width: 2500, height: 900 })
    await view(to('coverage', { rows: 'operation', only: 'hit' }))
    assert.equal((await page.locator('output').textContent()).split(' ')[0], String(sum('hit')))
    await view(to('coverage', { rows: 'operation', q: 'portforward' }))
    assert.deepEqual([...new Set((await rows(page, 'Coverage by operation')).map((r) => r.kind))], ['PodPortForwardOptions'])
  },

  async 'nothing serious is found by axe, light and dark, and pages fit into any width'({ page, view, plan, audit }) {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme })
      for (const hash of [to('coverage'), to('coverage', { at: at('stable', '', 'Pod'), eligible: 1 }), to('operation', { id: 'readCoreV1NamespacedPod' }), to('test', { name: plan.names.conforming })]) {
        for (const width of [400, 1400, 2500]) {
          await page.setViewportSize({ width, height: 900 })
          await view(hash)
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${hash} is wider than ${width}`)
          if (width < 2500) assert.deepEqual(await audit(), [], `${hash} ${colorScheme} ${width}`)
        }
      }
    }
  },

  async 'what is not there is said to be so'({ page, view, root }) {
    await view(to('coverage', { at: at('stable', 'nowhere') }))
    assert.equal(await page.locator('.centre .name').textContent(), 'stable')
    await page.goto(root + to('operation', { id: 'nothing' }))
    await page.waitForSelector('.problem')
  },

}
