// Looks at the differences of two runs, and at each of them, by the plan of TestDifferencesInABrowser in cmd/report.
import assert from 'node:assert/strict'
import { axe, launch, open, plan } from './kit.mjs'

const number = (n) => n.toLocaleString('en-US')
const to = (view, params = {}) => `#/${view}${Object.keys(params).length ? '?' + new URLSearchParams(params) : ''}`

/** What a change is in the table. */
const line = (c) => [c.kind, c.test || (c.client ? `(no test) ${c.client}` : '(the run)'), c.operation_id || c.operation || '–', c.status ?? '', number(c.before), number(c.after)].join(' | ')

async function shown(page) {
  return page.locator('[role=table][aria-label="Changes"] [role=rowgroup] [role=row]').evaluateAll((all) => all.map((row) => {
    const cell = (key) => {
      const copy = row.querySelector('.c-' + key).cloneNode(true)
      for (const hidden of copy.querySelectorAll('[aria-hidden]')) hidden.remove()
      return copy.textContent.trim()
    }
    return ['kind', 'who', 'operation', 'status', 'before', 'after'].map(cell).join(' | ')
  }))
}

const runs = (page) => page.getByRole('combobox', { name: 'Run', exact: true })
const run = (page) => page.evaluate(() => new URLSearchParams(location.hash.split('?')[1] ?? '').get('run'))

/** Waits for a number of changes, and reads as many as there are in the page. */
async function changes(page, n) {
  await page.waitForFunction((n) => document.querySelector('output')?.textContent.startsWith(`${n} of`), number(n))
  return shown(page)
}

const same = (got, want) => assert.deepEqual(got, want.slice(0, got.length).map(line))

async function sayWhatReportSays({ page, view }) {
  await view(to('differences'))
  same(await changes(page, plan.diff.length), plan.diff)
  assert.ok((await shown(page)).length > 20)
  const kinds = new Map()
  for (const c of plan.diff) kinds.set(c.kind, (kinds.get(c.kind) ?? 0) + 1)
  for (const [kind, n] of kinds) {
    await page.locator('.chip', { hasText: kind }).first().evaluate((chip, want) => {
      if (!chip.textContent.endsWith(` ${want}`)) throw new Error(`${chip.textContent}, want ${want}`)
    }, number(n))
  }
  assert.equal(await page.locator('.chip').count(), kinds.size + 1)
}

const everywhere = {
  'changes are those of report diff, in its order': sayWhatReportSays,

  async 'a kind is chosen, and searched in, and the address follows'({ page, view }) {
    await view(to('differences'))
    await page.locator('.chip', { hasText: 'test lost' }).click()
    same(await changes(page, 1), plan.diff.filter((c) => c.kind === 'test lost'))
    assert.equal(await page.evaluate(() => location.hash), to('differences', { kind: 'test lost' }))
    await page.locator('.chip', { hasText: 'all' }).click()
    await page.getByLabel('Search').fill('OLD gone')
    same(await changes(page, 1), plan.diff.filter((c) => c.test === plan.names.gone))
    await view(to('differences', { kind: 'test gained', q: 'number 69', sort: '-who' }))
    const wanted = plan.diff.filter((c) => c.kind === 'test gained' && c.test.includes('69'))
    const got = await changes(page, wanted.length)
    assert.deepEqual(got, wanted.map(line).sort().reverse())
    assert.equal(await page.locator('.chip[aria-pressed=true]').count(), 1)
  },

  async 'a test of a change is reached by a click'({ page, view }) {
    await view(to('differences', { q: 'be deleted' }))
    await page.locator('[role=rowgroup] .c-who a').first().click()
    await page.waitForFunction((name) => document.querySelector('h2')?.textContent === name, plan.names.plain)
  },

  async 'the view is reached by keyboard'({ page, view }) {
    await view('')
    await page.keyboard.press('g')
    await page.keyboard.press('d')
    await page.waitForSelector('.chips')
    assert.equal(await page.locator('nav [aria-current=page]').textContent(), 'Differences')
  },

  async 'it fits into any width, and axe finds nothing'({ page, view, audit }) {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme })
      for (const width of [400, 800, 1000, 1400, 2500]) {
        await page.setViewportSize({ width, height: 900 })
        await view(to('differences'))
        await page.waitForSelector('[role=rowgroup] [role=row]')
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `wider than ${width}`)
        assert.ok(await page.locator('.table').evaluate((t) => t.scrollWidth <= t.clientWidth), `the table is wider than ${width}`)
        assert.deepEqual(await audit(), [], `${width} ${colorScheme}`)
        assert.ok(await page.locator('[role=rowgroup] a', { hasText: '[sig-' }).count() > 0, `no test at ${width}`)
        await picture(page, `${width}-${colorScheme}`)
      }
    }
  },
}

const served = {
  ...everywhere,

  async 'the run is chosen, and links keep it'({ page, view }) {
    await view('')
    assert.deepEqual(await runs(page).locator('option').evaluateAll((all) => all.map((o) => o.value)), ['spectacle', 'baseline'])
    await runs(page).selectOption('baseline')
    await page.waitForFunction(() => document.title.startsWith('baseline'))
    for (const name of ['Tests', 'Timeline', 'Endpoints', 'Without a test', 'Differences', 'Run']) {
      await page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
      await page.waitForFunction((n) => document.querySelector('nav [aria-current=page]')?.textContent === n, name)
      assert.equal(await run(page), 'baseline', name)
    }
    await view(to('tests', { run: 'baseline' }))
    await page.waitForFunction(() => document.querySelector('output')?.textContent.startsWith('4 of 4'))
    await page.getByLabel('Search').fill('gone')
    await page.locator('.c-test a').click()
    await page.waitForFunction((name) => document.querySelector('h2')?.textContent === name, plan.names.gone)
    assert.equal(await run(page), 'baseline')
    await page.waitForFunction(() => document.querySelector('output')?.textContent === '1 of 1 requests')
    await page.goBack()
    await page.waitForSelector('#search')
    assert.equal(await run(page), 'baseline')
  },

  async 'the browser goes back to the other run'({ page, view }) {
    await view(to('tests'))
    await runs(page).selectOption('baseline')
    await page.waitForFunction(() => document.querySelector('output')?.textContent.startsWith('4 of 4'))
    await page.goBack()
    await page.waitForFunction(() => document.title.includes('spectacle'))
    assert.equal(await runs(page).inputValue(), 'spectacle')
  },

  async 'the first run is compared with any other'({ page, root, view }) {
    await page.goto(root + to('differences', { run: 'baseline' }))
    await page.waitForSelector('main h2')
    await page.locator('main', { hasText: 'This is the first run' }).waitFor()
    await page.getByLabel('Compare with').selectOption('spectacle')
    same(await changes(page, plan.back.length), plan.back)
    await view(to('differences', { run: 'baseline', against: 'spectacle' }))
    same(await changes(page, plan.back.length), plan.back)
  },

  async 'a test that is lost is reached in the run that has it'({ page, view }) {
    await view(to('differences', { kind: 'test lost' }))
    await page.locator('[role=rowgroup] .c-who a').click()
    await page.waitForFunction((name) => document.querySelector('h2')?.textContent === name, plan.names.gone)
    assert.equal(await run(page), 'baseline')
  },

  async 'runs that do not differ are said not to'({ page, view, audit }) {
    await view(to('differences', { against: 'spectacle' }))
    await page.waitForSelector('.same')
    assert.match(await page.locator('main').textContent(), /The runs do not differ\..*Not compared are bodies, durations/)
    assert.deepEqual(await audit(), [])
    await picture(page, 'same')
  },

  async 'an unknown run is said to be'({ page, root }) {
    for (const hash of [to('', { run: 'nobody' }), to('differences', { against: 'nobody' })]) {
      const refused = page.waitForResponse((r) => r.status() === 404)
      await page.goto(root + hash)
      await refused
      await page.locator('.problem', { hasText: 'no run named "nobody"' }).first().waitFor()
    }
    await page.goto(root + to('', { run: 'nobody' }))
    await page.getByRole('link', { name: 'e2etap' }).click()
    await page.waitForFunction(() => document.title.startsWith('spectacle'))
  },
}

const inAFile = {
  ...everywhere,

  async 'a file has no other run to choose'({ page, view }) {
    await view(to('differences'))
    assert.equal(await page.locator('header select').count(), 0)
    assert.equal(await page.getByLabel('Compare with').count(), 0)
    assert.equal(await page.locator('.compared a').count(), 1)
  },
}

const elsewhere = {
  'changes since a run of another recording': sayWhatReportSays,

  async 'runs of both recordings can be compared with'({ page, view }) {
    await view(to('differences'))
    assert.ok((await page.locator('.compared').textContent()).includes(plan.other))
    await page.getByLabel('Compare with').selectOption('baseline')
    await page.waitForFunction((other) => !document.querySelector('.compared')?.textContent.includes(other), plan.other)
    same(await changes(page, plan.diff.length), plan.diff)
    await picture(page, 'elsewhere')
  },
}

/** Keeps a picture, if somebody wants to look at them. */
async function picture(page, name) {
  const folder = process.env.E2ETAP_PICTURES
  if (folder) await page.screenshot({ path: `${folder}/differences-${name}.png` })
}

async function audit(page) {
  await page.evaluate(axe())
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
  return found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join('; ')}`)
}

let failed = 0
for (const [kind, root, checks] of [['file', plan.file, inAFile], ['server', plan.server, served], ['elsewhere', plan.elsewhere, elsewhere]]) {
  const context = await launch(kind)
  for (const [name, check] of Object.entries(checks)) {
    const { page, wrong } = await open(context, root)
    const view = async (hash) => {
      await page.goto('about:blank')
      await page.goto(root + hash)
      await page.waitForSelector('main h2')
      await page.waitForFunction(() => !document.querySelector('.waiting'))
    }
    try {
      await check({ page, view, root, audit: () => audit(page) })
      // A browser says of an answer of 404 that it is one: the checks that ask for what is not there wait for it.
      assert.deepEqual(wrong.filter((w) => !/status of 404/.test(w) || !/unknown/.test(name)), [], 'console, errors and requests')
      console.log(`ok   ${kind}: ${name}`)
    } catch (e) {
      failed++
      console.log(`FAIL ${kind}: ${name}\n${String(e.message ?? e).slice(0, 1500)}`)
    }
    await page.close()
  }
  await context.close()
}
console.log(failed ? `${failed} checks failed` : 'all checks passed')
process.exitCode = failed ? 1 : 0
