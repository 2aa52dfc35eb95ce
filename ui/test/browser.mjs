// Opens every view in a real browser and compares what it shows with what report says. The plan comes as JSON on standard input,
// from TestInABrowser in cmd/report.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { checks } from './checks.mjs'

const { chromium } = createRequire(import.meta.url)('playwright-core')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const plan = JSON.parse(readFileSync(0, 'utf8'))

const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]

/** A page that counts what must not happen: messages of the console, errors, requests to anybody else. */
async function open(context, root) {
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const wrong = []
  page.on('console', (m) => wrong.push(`console: ${m.type()} ${m.text()}`))
  page.on('pageerror', (e) => wrong.push(`error: ${e.message}`))
  page.on('request', (r) => {
    const url = r.url()
    if (!url.startsWith(root) && !url.startsWith('data:') && !url.startsWith('blob:')) wrong.push(`request: ${url}`)
  })
  const view = async (hash) => {
    await page.goto(root + hash)
    await page.waitForFunction((h) => location.hash === h || h === '', hash)
    await page.waitForSelector('main h2')
    await page.waitForFunction(() => !document.querySelector('.waiting'))
  }
  return { page, view, wrong, plan, root, audit: () => audit(page) }
}

/** What axe-core finds of serious and critical impact. Content policies forbid scripts in pages, so it runs beside them. */
async function audit(page) {
  await page.evaluate(axe)
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
  return found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join('; ')}`)
}

let failed = 0
for (const [kind, root] of [['file', plan.file], ['server', plan.server]]) {
  const context = await chromium.launchPersistentContext(`${plan.profile}-${kind}`, {
    executablePath: plan.chromium, args: flags, viewport: { width: 1400, height: 900 }, locale: 'en-US', timezoneId: 'UTC', bypassCSP: false,
  })
  for (const [name, check] of Object.entries(checks)) {
    const tab = await open(context, root)
    try {
      await check(tab)
      assert.deepEqual(tab.wrong, [], 'console, errors and requests')
      console.log(`ok   ${kind}: ${name}`)
    } catch (e) {
      failed++
      console.log(`FAIL ${kind}: ${name}\n${String(e.message ?? e).slice(0, 1500)}`)
    }
    await tab.page.close()
  }
  await context.close()
}
console.log(failed ? `${failed} checks failed` : `all of ${2 * Object.keys(checks).length} checks passed`)
process.exitCode = failed ? 1 : 0
