// Opens every view in a real browser and compares what it shows with what report says. The plan comes as JSON on standard input,
// from TestInABrowser and its like in cmd/report, and says which checks they are.
import assert from 'node:assert/strict'
import { axe, launch, open, plan } from './kit.mjs'

const { checks } = await import(plan.checks ?? './checks.mjs')

/** A page with what checks do with it. */
async function tab(context, root) {
  const { page, wrong } = await open(context, root)
  const view = async (hash) => {
    await page.goto(root + hash)
    await page.waitForFunction((h) => location.hash === h || h === '', hash)
    await page.waitForSelector('main h2')
    await page.waitForFunction(() => !document.querySelector('.waiting'))
  }
  return { page, view, wrong, plan, root, audit: () => audit(page) }
}

/** What axe-core finds of serious and critical impact. */
async function audit(page) {
  await page.evaluate(axe())
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
  return found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join('; ')}`)
}

let failed = 0
for (const [kind, root] of [['file', plan.file], ['server', plan.server]]) {
  const context = await launch(kind)
  for (const [name, check] of Object.entries(checks)) {
    const t = await tab(context, root)
    try {
      await check(t)
      assert.deepEqual(t.wrong, [], 'console, errors and requests')
      console.log(`ok   ${kind}: ${name}`)
    } catch (e) {
      failed++
      console.log(`FAIL ${kind}: ${name}\n${String(e.message ?? e).slice(0, 1500)}`)
    }
    await t.page.close()
  }
  await context.close()
}
console.log(failed ? `${failed} checks failed` : `all of ${2 * Object.keys(checks).length} checks passed`)
process.exitCode = failed ? 1 : 0
