// What is checked in the browser. Each check gets a page of its own.
import assert from 'node:assert/strict'

const number = (n) => n.toLocaleString('en-US')
const to = (view, params = {}) => `#/${view}${Object.keys(params).length ? '?' + new URLSearchParams(params) : ''}`

/** The texts of a table's rows that exist, by column. */
const rows = (page, name) => page.locator(`[role=table][aria-label="${name}"] [role=rowgroup] [role=row]`).evaluateAll((all) =>
  all.map((row) => Object.fromEntries([...row.querySelectorAll('[role=cell]')].map((c) => [/c-(\S+)/.exec(c.className)[1], c.textContent.trim()]))))

const tile = (page, title) => page.locator('.stat', { has: page.locator('.title', { hasText: title }) }).first().locator('.value').textContent()

export const checks = {
  async 'the run has the sums that report has'({ page, view, plan }) {
    await view('')
    const sum = (field) => plan.byTest.reduce((n, t) => n + t[field], 0)
    assert.equal(await tile(page, 'Requests'), number(sum('requests')))
    assert.equal(await tile(page, 'Tests'), number(plan.byTest.filter((t) => t.test).length))
    assert.equal(await tile(page, 'Answers'), number(sum('errors_4xx') + sum('errors_5xx')))
    assert.equal(await tile(page, 'Without a test'), number(plan.byTest.find((t) => t.test === '').requests))
    assert.equal(await tile(page, 'Specs'), number(plan.specs.length))
    assert.match(await page.locator('main').textContent(), /e2e\.test --ginkgo\.focus=<b>/)
  },

  async 'every row of the tests is a row of report, in its order'({ page, view, plan }) {
    await view(to('tests'))
    const wanted = plan.byTest.map((t) => `${t.test || '(no test)'} ${number(t.requests)} ${number(t.errors_4xx)} ${number(t.errors_5xx)}`)
    const extra = plan.specs.filter((s) => !plan.byTest.some((t) => t.test === s.test)).map((s) => `${s.test} 0 0 0`)
    const table = page.locator('[role=table]')
    const seen = new Map()
    for (let top = 0; ; top += 400) {
      await table.evaluate((t, y) => { t.scrollTop = y }, top)
      await page.waitForTimeout(30)
      const found = await table.locator('[role=rowgroup] [role=row]').evaluateAll((all) => all.map((r) =>
        [Number(r.getAttribute('aria-rowindex')), ['test', 'requests', 'errors_4xx', 'errors_5xx'].map((c) => r.querySelector('.c-' + c).textContent.trim()).join(' ')]))
      for (const [i, text] of found) seen.set(i - 2, text)
      if (await table.evaluate((t) => t.scrollTop + t.clientHeight >= t.scrollHeight - 1)) break
    }
    assert.deepEqual([...seen].sort((a, b) => a[0] - b[0]).map(([, text]) => text), [...wanted, ...extra].map((t) => t.trim()))
    assert.equal(await table.getAttribute('aria-rowcount'), String(wanted.length + extra.length + 1))
  },

  async 'a table has only the rows that can be seen'({ page, view }) {
    await view(to('tests'))
    assert.ok((await rows(page, 'Tests')).length < 80)
  },

  async 'tests are filtered by outcome, source, verb, resource and words'({ page, view, plan }) {
    const of = async (params) => {
      await view(to('tests', params))
      return (await page.locator('output').textContent()).split(' ')[0]
    }
    assert.equal(await of({ outcome: 'failed' }), '1')
    assert.equal(await of({ outcome: 'pending' }), '1')
    assert.equal(await of({ source: 'process' }), number(plan.byTest.filter((t) => t.from_process > 0).length))
    assert.equal(await of({ verb: 'watch' }), '1')
    assert.equal(await of({ resource: 'deployments' }), '700')
    assert.equal(await of({ resource: 'deployments', verb: 'watch' }), '0')
    assert.equal(await of({ q: 'NUMBER 699' }), '1')
  },

  async 'the address follows filters, and sorting'({ page, view, plan }) {
    await view(to('tests'))
    await page.getByLabel('Search').fill('number 12')
    await page.getByLabel('Resource').selectOption('deployments')
    await page.getByRole('button', { name: 'Duration' }).click()
    assert.equal(await page.evaluate(() => location.hash), to('tests', { q: 'number 12', resource: 'deployments', sort: 'duration' }))
    assert.equal(await page.locator('[role=columnheader].c-duration').getAttribute('aria-sort'), 'descending')
    await page.reload()
    await page.waitForSelector('main h2')
    assert.equal(await page.getByLabel('Search').inputValue(), 'number 12')
    const wanted = plan.byTest.filter((t) => /number \d*12\d*/.test(t.test)).length
    await page.waitForFunction((n) => document.querySelector('output')?.textContent.startsWith(`${n} of`), wanted)
  },

  async 'a test is reached by a click, and has its requests as report lists them'({ page, view, plan }) {
    await view(to('tests', { q: 'be deleted' }))
    await page.locator('.c-test a').click()
    await page.waitForSelector('[role=table][aria-label="Requests"] [role=rowgroup] [role=row]')
    assert.equal(await page.locator('h2').textContent(), plan.names.plain)
    const shown = await rows(page, 'Requests')
    assert.deepEqual(shown.map((r) => `${r.verb} ${r.what} ${r.status}`), plan.list.map((q) => `${q.verb} ${q.resource} ${q.status || 'none'}`))
    assert.deepEqual(shown.map((r) => r.object), plan.list.map((q) => (q.resource === 'namespaces' ? q.name : [q.namespace, q.name].filter(Boolean).join('/'))))
    assert.equal(await page.locator('.track .bar.is-bad').count(), 3)
    assert.equal(await page.locator('.track .bar.is-slow').count(), 1)
    const facts = await page.locator('.spec').textContent()
    for (const fact of ['passed', '8.00 s', 'test/e2e/node/pods.go:42', 'Conformance', '<b>']) assert.ok(facts.includes(fact), fact)
    assert.match(await page.locator('.waterfall').getAttribute('style'), /linear-gradient.*setup.*body.*cleanup/)
  },

  async 'bars stand where their requests were'({ page, view, plan }) {
    await view(to('test', { name: plan.names.plain }))
    const places = await page.locator('.track').evaluateAll((all) => all.map((track) => {
      const bar = track.querySelector('.bar').getBoundingClientRect()
      const whole = track.getBoundingClientRect()
      return (bar.left - whole.left) / whole.width
    }))
    plan.list.slice(0, places.length).forEach((q, i) => {
      const at = (new Date(q.time) - new Date('2026-03-01T12:00:01Z')) / 8000
      assert.ok(Math.abs(places[i] - at) < 0.01, `request ${i} at ${places[i]}, want ${at}`)
    })
  },

  async 'requests are filtered'({ page, view, plan }) {
    for (const [params, want] of [[{ only: 'errors' }, 2], [{ only: 'slow' }, 1], [{ verb: 'get' }, 14], [{ q: 'pods 409' }, 1], [{ only: 'without an answer' }, 1]]) {
      await view(to('test', { name: plan.names.plain, ...params }))
      await page.waitForFunction((n) => document.querySelector('output')?.textContent.startsWith(`${n} of `), want, { timeout: 5000 })
    }
  },

  async 'names are text, whatever they have in them'({ page, view, plan }) {
    for (const name of [plan.names.script, plan.names.rtl, plan.names.long]) {
      await view(to('test', { name }))
      assert.equal(await page.locator('h2').textContent(), name)
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than the window')
    }
    assert.ok(plan.names.long.length >= 5000)
    for (const hash of ['', to('tests'), to('timeline'), to('endpoint', { key: 'GET list  v1 pods ' })]) await view(hash)
    assert.equal(await page.evaluate(() => window.broken), undefined)
    assert.equal(await page.locator('main img').count(), 0)
  },

  async 'endpoints have the numbers of report, and the tests that hit them'({ page, view, plan }) {
    await view(to('endpoints'))
    const shown = await rows(page, 'Endpoints')
    const wanted = plan.byEndpoint.map((e) => `${e.verb} ${e.resource} ${e.group || '(core)'} ${number(e.requests)} ${number(e.errors_4xx + e.errors_5xx)}`)
    assert.deepEqual(shown.map((e) => `${e.verb} ${e.resource} ${e.group} ${e.requests} ${e.errors}`).sort(), wanted.sort())
    await page.locator('.row', { hasText: 'secrets' }).locator('a').click()
    await page.waitForSelector('h3')
    assert.deepEqual((await rows(page, 'Tests that asked for get v1 secrets')).map((r) => `${r.requests} ${r.errors} ${r.statuses}`), ['1 1 503', '1 1 503', '1 1 503'])
    assert.match(await page.locator('main').textContent(), /\/api\/v1\/namespaces\/\{namespace\}\/secrets\/\{name\}/)
  },

  async 'what has no test is told with reasons'({ page, view, plan }) {
    await view(to('unattributed'))
    const shown = (await rows(page, 'Requests without a test')).map((r) => `${r.client} ${r.command} ${r.why} ${r.requests}`)
    assert.deepEqual(shown, plan.untagged.map((u) => `${u.client} ${u.command || '(unknown)'} ${u.why} ${u.requests}`))
    await page.getByRole('link', { name: 'Look at them one by one' }).click()
    await page.waitForFunction(() => document.querySelector('output')?.textContent === '12 of 12 requests')
  },

  async 'the timeline has a lane for each process, and every spec'({ page, view, plan }) {
    await view(to('timeline'))
    assert.deepEqual(await page.locator('.timeline text.lane').evaluateAll((all) => all.map((t) => t.firstChild.textContent).filter((t) => t.startsWith('process'))), ['process 1', 'process 2', 'process 3'])
    assert.equal(await page.locator('.timeline .bar').count(), plan.specs.length)
    await view(to('timeline', { from: 0, to: 9000 }))
    assert.ok(await page.locator('.timeline .bar').count() < 10)
    await page.locator('.timeline a', { hasText: 'be deleted' }).first().click({ force: true })
    await page.waitForFunction((name) => document.querySelector('h2')?.textContent === name, plan.names.plain)
  },

  async 'dragging over the timeline looks closer'({ page, view }) {
    await view(to('timeline'))
    const box = await page.locator('.brush .catch').boundingBox()
    await page.mouse.move(box.x + box.width / 2, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.75, box.y + 20, { steps: 4 })
    await page.mouse.up()
    const params = new URLSearchParams((await page.evaluate(() => location.hash)).split('?')[1])
    assert.ok(Math.abs(params.get('from') - 35_000) < 500 && Math.abs(params.get('to') - 52_500) < 500, String(params))
  },

  async 'everything can be reached by keyboard'({ page, view, plan }) {
    await view('')
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    await page.waitForSelector('#search')
    await page.keyboard.press('/')
    await page.keyboard.type('be deleted')
    await page.waitForFunction(() => document.querySelector('output')?.textContent.startsWith('1 of'))
    await page.keyboard.press('Tab')
    await page.evaluate(() => document.activeElement.blur())
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForFunction((name) => document.querySelector('h2')?.textContent === name, plan.names.plain)
    await page.keyboard.press(']')
    await page.waitForFunction((name) => document.querySelector('h2')?.textContent !== name, plan.names.plain)
    await page.keyboard.press('?')
    await page.waitForSelector('dialog[open]')
    await page.keyboard.press('Escape')
    await page.waitForSelector('dialog', { state: 'detached' })
  },

  async 'nothing serious is found by axe, light and dark'({ page, view, plan, audit }) {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme })
      for (const hash of ['', to('tests'), to('test', { name: plan.names.plain }), to('timeline'), to('endpoints'), to('endpoint', { key: 'GET get  v1 pods ' }), to('unattributed')]) {
        await view(hash)
        assert.deepEqual(await audit(), [], `${hash} ${colorScheme}`)
      }
    }
  },

  async 'pages fit into any width'({ page, view, plan }) {
    for (const width of [400, 800, 2500]) {
      await page.setViewportSize({ width, height: 900 })
      for (const hash of ['', to('tests'), to('test', { name: plan.names.plain }), to('test', { name: plan.names.script }), to('timeline'), to('endpoints'), to('unattributed')]) {
        await view(hash)
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${hash} is wider than ${width}`)
      }
    }
  },

  async 'all rows are printed, below each other and as wide as the table'({ page, view, plan }) {
    for (const [hash, n] of [[to('tests'), plan.byTest.length], [to('test', { name: plan.names.plain }), plan.list.length]]) {
      await view(hash)
      await page.emulateMedia({ media: 'print' })
      await page.waitForFunction((n) => document.querySelectorAll('[role=rowgroup] [role=row]').length >= n, n)
      const [table, last] = await page.locator('[role=table]').first().evaluate((t) =>
        [t, [...t.querySelectorAll('[role=row]')].at(-1)].map((e) => e.getBoundingClientRect().toJSON()))
      assert.ok(Math.abs(last.left - table.left) < 2 && Math.abs(last.width - table.width) < 3, `row ${JSON.stringify(last)} of ${JSON.stringify(table)}`)
      assert.ok(last.bottom <= table.bottom + 1, 'the last row is cut off')
      await page.emulateMedia({ media: null })
    }
  },

  async 'a recording without operations says how to give it some'({ page, view }) {
    await view('')
    assert.equal(await page.locator('.stat', { hasText: 'Operations hit' }).count(), 0)
    await view(to('coverage'))
    assert.match(await page.locator('.hint').textContent(), /report import-openapi --run 'spectacle'/)
  },

  async 'what is not there is said to be so'({ page, root }) {
    for (const hash of [to('test', { name: 'nobody' }), to('endpoint', { key: 'x' }), to('nowhere')]) {
      await page.goto(root + hash)
      await page.waitForSelector('.problem')
    }
  },
}
