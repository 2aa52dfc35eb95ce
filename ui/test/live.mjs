// Follows a run that is being recorded, by the plan of TestThePageFollowsARun in cmd/report.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
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
assert.match(await page.locator('.live').textContent(), /^live/)
const second = await more(first)
writeFileSync(plan.seen, '') // now the run may end
await page.waitForSelector('.live', { state: 'detached' })
const { requests, end } = await (await fetch(`${plan.server}api/state`)).json()
assert.ok(end && requests > second, `${requests} requests, the end ${end}`)
await page.waitForFunction((n) => document.querySelector('output')?.textContent === `${n} of ${n} requests`, requests)
assert.deepEqual(wrong, [], 'console, errors and requests')
console.log(`ok   the page showed ${first}, ${second} and ${requests} requests`)
await context.close()
