// Follows a run that is being recorded, by the plan of TestThePageFollowsARun in cmd/report.
import assert from 'node:assert/strict'
import { launch, open, plan } from './kit.mjs'

const context = await launch('live')
const { page, wrong } = await open(context, plan.server)
await page.goto(`${plan.server}#/test?name=${encodeURIComponent(plan.test)}`)

/** The number of requests, once it is more than before. */
async function more(than) {
  const shown = await page.waitForFunction((n) => {
    const text = document.querySelector('output')?.textContent ?? ''
    const found = Number(text.split(' ')[0])
    return found > n && found
  }, than)
  return shown.jsonValue()
}

const first = await more(0)
assert.ok(first < plan.requests, `${first} requests already when the page was opened`)
assert.match(await page.locator('.live').textContent(), /^live/)
const second = await more(first)
assert.ok(second > first)
await page.waitForFunction((n) => document.querySelector('output')?.textContent === `${n} of ${n} requests`, plan.requests)
await page.waitForSelector('.live', { state: 'detached' })
assert.deepEqual(wrong, [], 'console, errors and requests')
console.log(`ok   the page showed ${first}, ${second} and ${plan.requests} requests`)
await context.close()
