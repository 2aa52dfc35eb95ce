// Looks at requests as they come, by the plan of TestTheLiveViewShowsRequestsAsTheyCome in cmd/report.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { axe, launch, open, plan } from './kit.mjs'

const context = await launch('tail')
await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(plan.server).origin })
const { page, wrong } = await open(context, plan.server)
const shots = process.env.SHOTS ?? plan.shots
mkdirSync(shots, { recursive: true })

const asked = []
page.on('response', async (r) => r.url().includes('/api/') && asked.push(new URL(r.url()).pathname.split('/').at(-1) + new URL(r.url()).search))

const rows = () => page.locator('[role=table] [role=rowgroup] [role=row]').evaluateAll((all) =>
  all.map((row) => Object.fromEntries([...row.children].map((c) => [c.className.match(/c-(\w+)/)[1], c.textContent]))))
const number = async (title) => Number((await page.locator('.stat', { hasText: title }).locator('.value').textContent()).replaceAll(',', ''))
const until = (what, condition, arg) => page.waitForFunction(condition, arg).catch((e) => { throw new Error(`${what}: ${e.message}`) })
const accessible = async () => {
  await page.evaluate(axe())
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).slice(0, 3).join('\n')}`), [])
}
const live = (params = {}) => `${plan.server}#/live${Object.keys(params).length ? '?' + new URLSearchParams(params) : ''}`

async function shows() {
  await page.goto(plan.server)
  await page.waitForSelector('.live')
  await page.keyboard.press('g')
  await page.keyboard.press('v')
  await page.waitForSelector('[role=table][aria-label="Newest requests"] .space .row')
  assert.equal(await page.locator('nav a[aria-current]').textContent(), 'Live')
  const before = await number('Requests')
  await until('more requests', (n) => Number(document.querySelector('.stat .value').textContent.replaceAll(',', '')) > n + 20, before)
  assert.ok(await number('Per second') > 0)
  const names = await page.locator('.running li').allTextContents()
  assert.ok(names.length === 1 && names[0].includes(plan.test) && names[0].includes('process 1'), String(names))
  assert.ok(await page.locator('.space .row').count() < 80, 'all rows are in the page')
}

async function pauses() {
  await page.keyboard.press('p')
  await until('paused', () => document.querySelector('.live-bar output').textContent.startsWith('Paused'))
  const shown = await rows()
  await until('missed requests', () => Number(document.querySelector('.live-bar output').textContent.match(/Paused: (\d+) new/)?.[1]) > 20)
  assert.deepEqual(await rows(), shown)
  await accessible()
  await page.getByRole('button', { name: 'Resume' }).click()
  await until('new rows', (top) => document.querySelector('.space .row .c-start').textContent !== top, shown[0].start)
}

async function filters() {
  for (const [label, choice, of, want] of [['Verb', 'create', 'verb', /^create$/], ['Status', '4xx', 'status', /^404$/], ['Client', 'kubectl', 'client', /^kubectl$/], ['Resource', 'configmaps', 'what', /^configmaps$/]]) {
    await page.goto(live())
    await page.waitForFunction(([l, c]) => [...document.querySelectorAll('.choice')].some((e) => e.textContent.startsWith(l) && [...e.querySelectorAll('option')].some((o) => o.value === c)), [label, choice])
    await page.locator('.choice', { hasText: label }).locator('select').selectOption(choice)
    await until(`only ${choice}`, ([c, re]) => {
      const cells = [...document.querySelectorAll(`.space .c-${c}`)]
      return cells.length > 1 && cells.every((e) => new RegExp(re).test(e.textContent))
    }, [of, want.source])
    assert.ok((await page.evaluate(() => location.hash)).includes(choice))
  }
  await page.goto(live({ test: 'none' }))
  await until('no test', () => [...document.querySelectorAll('.space .c-test')].length > 1 && [...document.querySelectorAll('.space .c-test')].every((e) => e.textContent === 'outside of the tests'))
  await page.goto(live({ test: plan.script }))
  await until('names are text', (name) => [...document.querySelectorAll('.space .c-test a')].length > 1 && [...document.querySelectorAll('.space .c-test a')].every((e) => e.textContent === name), plan.script)
  assert.equal(await page.evaluate(() => window.broken), undefined)
}

async function copies() {
  await page.goto(live({ verb: 'get', status: '404' }))
  await page.waitForSelector('.space .row')
  await page.locator('.space .row .c-what').first().click()
  const path = (await page.locator('.detail code').first().textContent()).replace('GET ', '')
  assert.match(path, /^\/api\/v1\/namespaces\/a\/pods\/it's-\d+$/)
  const pasted = async (button) => {
    await page.getByRole('button', { name: button }).click()
    await page.waitForSelector('.copies code')
    return page.evaluate(() => navigator.clipboard.readText())
  }
  const quoted = path.replace("'", `'\\''`)
  assert.equal(await pasted('Copy as kubectl'), `kubectl get --raw '${quoted}'`)
  assert.equal(await pasted('Copy as curl'), `curl -X GET --cacert "$CACERT" --header "Authorization: Bearer $TOKEN" 'https://10.0.0.1:6443${quoted}'`)
  await accessible()
  await page.screenshot({ path: `${shots}/detail.png` })
  await page.getByRole('button', { name: 'Close' }).click()
  await page.waitForSelector('.detail', { state: 'detached' })
  await page.goto(live({ resource: 'pods/exec' }))
  await page.waitForSelector('.space .row')
  await page.locator('.table').focus()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  assert.match(await page.locator('.detail').textContent(), /cannot be sent again/)
}

/** A watch is open until the page is told of its end. */
async function ends() {
  await page.goto(live({ client: 'watcher' }))
  await until('the end of the watch', () => {
    const cell = document.querySelector('.space .c-duration')
    return cell && cell.textContent !== '…' && / s$/.test(cell.textContent)
  })
}

async function rests() {
  await page.goto(live())
  await page.waitForSelector('.space .row')
  asked.length = 0
  const began = Date.now()
  while (asked.length < 7) await page.waitForResponse((r) => r.url().includes('/api/'))
  assert.ok(Date.now() - began > 2000, '7 answers within 2 s')
  assert.deepEqual(asked.filter((a) => !a.startsWith('live')), [], 'what else is asked for beside the live view')
}

async function looks() {
  for (const [name, width, height, colorScheme] of [['wide', 2500, 1300, 'light'], ['usual', 1400, 900, 'light'], ['dark', 1400, 900, 'dark'], ['narrow', 400, 850, 'dark']]) {
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme })
    await page.waitForTimeout(400)
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: wider than the window`)
    await accessible()
    await page.screenshot({ path: `${shots}/${name}.png` })
  }
}

/** The proxy ends with its run, and so does its server. */
async function goes() {
  assert.deepEqual(wrong.splice(0), [], 'console, errors and requests')
  await page.route('**/api/live?*', (route) => route.abort())
  await until('what has happened', () => /The run has ended.*"report serve" shows the run again/.test(document.querySelector('[role=alert]')?.textContent ?? ''))
  await page.unroute('**/api/live?*')
  await until('it goes on', () => !document.querySelector('[role=alert]'))
  wrong.splice(0) // the browser says in its console what was aborted
}

for (const step of [shows, pauses, filters, copies, ends, rests, looks, goes]) {
  await step()
  console.log(`ok   ${step.name}`)
}
assert.deepEqual(wrong, [], 'console, errors and requests')
await context.close()
