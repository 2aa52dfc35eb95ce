// Looks at what an imported audit log adds to the views, by the plan of TestTheAuditLogInABrowser in cmd/report.
import assert from 'node:assert/strict'
import { axe, launch, open, plan } from './kit.mjs'

const number = (n) => n.toLocaleString('en-US')
const to = (view, params = {}) => `#/${view}${Object.keys(params).length ? '?' + new URLSearchParams(params) : ''}`
const errors = (r) => r.errors_4xx + r.errors_5xx

/** What --include adds to the tests: "test role", requests and errors. */
const added = plan.byTest.flatMap((r) => {
  const recorded = r.role === 'test' ? plan.recorded.find((t) => t.test === r.test) : undefined
  const requests = r.requests - (recorded?.requests ?? 0)
  return requests ? [{ ...r, requests, errors: errors(r) - (recorded ? errors(recorded) : 0) }] : []
})
const sum = (list) => list.reduce((n, r) => n + r.requests, 0)

const rows = (page, name) => page.locator(`[role=table][aria-label="${name}"] [role=rowgroup] [role=row]`).evaluateAll((all) =>
  all.map((row) => Object.fromEntries([...row.querySelectorAll('[role=cell]')].map((c) => [/c-(\S+)/.exec(c.className)[1], c.textContent.trim()]))))

async function check(page, root) {
  const view = async (hash, selector) => {
    await page.goto(root + hash)
    await page.waitForSelector(selector)
    await page.waitForFunction(() => !document.querySelector('.waiting'))
  }

  await view('', '.roles')
  const roles = await page.locator('.roles div').evaluateAll((all) => all.map((d) => [d.querySelector('dt').textContent, d.querySelector('dd').textContent].join(' ')))
  assert.deepEqual(roles, ['test', 'behalf', 'noise', 'other'].map((role) => `${role} ${number(sum(added.filter((r) => r.role === role)))}`))
  await page.getByRole('link', { name: 'behalf' }).click()

  await page.waitForSelector('[role=table][aria-label="From the audit log"]')
  assert.equal(await page.evaluate(() => location.hash), to('audited', { role: 'behalf' }))
  assert.equal(await page.locator('output').textContent(), `2 of 3 rows, ${sum(added.filter((r) => r.role === 'behalf'))} requests`)
  await page.getByLabel('Role').selectOption('')
  const list = await rows(page, 'From the audit log')
  const of = (test, role) => number(sum(added.filter((r) => r.test === test && (!role || r.role === role))))
  const tests = [...new Set(added.map((r) => r.test))]
  assert.deepEqual(list.map((r) => [r.name, r.test, r.behalf, r.noise, r.other, r.all, r.errors].join(' ')).sort(), tests.map((t) =>
    [t || '(no test)', of(t, 'test'), of(t, 'behalf'), of(t, 'noise'), of(t, 'other'), of(t), number(added.filter((r) => r.test === t).reduce((n, r) => n + r.errors, 0))].join(' ')).sort())

  const title = 'On behalf of this test, and around the proxy'
  await view(to('test', { name: plan.names.served }), `[aria-label="${title}"] [role=rowgroup] [role=row]`)
  const key = (r) => `${r.role} ${r.client} ${r.verb} ${r.resource} ${r.requests} ${r.errors ?? errors(r)}`
  const wanted = plan.byWhat.filter((r) => !(r.role === 'test' && r.client === 'e2e.test')) // which the proxy recorded
  assert.deepEqual((await rows(page, title)).map(key).sort(), wanted.map(key).sort())
  assert.equal((await rows(page, title))[0].requests, '40')
  const sorted = page.locator(`[aria-label="${title}"]`)
  await sorted.getByRole('button', { name: 'Client' }).click()
  assert.deepEqual((await rows(page, title)).map((r) => r.client), wanted.map((r) => r.client).sort())
  await page.locator('.audited .choice', { hasText: 'Client' }).locator('select').selectOption('kubelet')
  await page.waitForFunction(() => document.querySelector('.sum').textContent.startsWith('1 of '))
  assert.deepEqual(await page.evaluate(() => [...new URLSearchParams(location.hash.split('?')[1])].slice(1)), [['asort', 'client'], ['client', 'kubelet']])
  assert.equal((await rows(page, 'Requests')).length, 1, 'what the test sent itself')

  await view(to('test', { name: plan.names.logged }), '.audited [role=rowgroup] [role=row]')
  assert.equal(await page.locator('h2').textContent(), plan.names.logged)
  await page.goto(root + to('test', { name: 'nobody' }))
  await page.waitForSelector('.problem')

  await view(to('unattributed'), '.audited [role=rowgroup] [role=row]')
  const nobody = plan.byNobody.filter((r) => r.role !== 'test')
  assert.deepEqual((await rows(page, 'From the audit log, without a test')).map(key).sort(), nobody.map(key).sort())
  await view(to('unattributed', { role: 'noise' }), '.audited [role=rowgroup] [role=row]')
  assert.deepEqual((await rows(page, 'From the audit log, without a test')).map((r) => r.role), nobody.filter((r) => r.role === 'noise').map(() => 'noise'))

  for (const [hash, selector] of [['', '.roles'], [to('audited'), '[role=table]'], [to('test', { name: plan.names.served }), '.audited'], [to('unattributed'), '.audited']]) {
    for (const width of [400, 2500]) {
      await page.setViewportSize({ width, height: 900 })
      await view(hash, selector)
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${hash} is wider than ${width}`)
      assert.ok(await page.evaluate(() => [...document.querySelectorAll('.audited .table')].every((t) => t.scrollWidth <= t.clientWidth)), `a table of ${hash} is cut off at ${width}`)
    }
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme })
      await page.evaluate(axe())
      const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
      assert.deepEqual(found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' '))}`), [], `${hash} ${colorScheme}`)
    }
  }
  assert.equal(await page.evaluate(() => window.broken), undefined)
}

/** Nothing is shown of an audit log that was not imported. */
async function checkPlain(page, root) {
  for (const hash of ['', to('test', { name: plan.names.served }), to('unattributed')]) {
    await page.goto(root + hash)
    await page.waitForSelector('main h2')
    await page.waitForFunction(() => !document.querySelector('.waiting'))
    assert.doesNotMatch(await page.locator('main').textContent(), /audit log|On behalf/)
  }
  await page.goto(root + to('audited'))
  await page.waitForSelector('.problem')
}

for (const [kind, root, look] of [['file', plan.file, check], ['server', plan.server, check], ['plain', plan.plain, checkPlain]]) {
  const context = await launch('audit-' + kind)
  const { page, wrong } = await open(context, root)
  await look(page, root)
  assert.deepEqual(wrong, [], 'console, errors and requests')
  console.log(`ok   ${kind}`)
  await context.close()
}
