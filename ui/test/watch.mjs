// Follows a run in its live view for bench: node watch.mjs URL PROFILE. Each line of input is "open" or "close"; each is answered with
// a line, that of "close" with how the page did meanwhile.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const { chromium } = createRequire(import.meta.url)('playwright-core')
const [url, profile] = process.argv.slice(2)
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.E2ETAP_CHROMIUM ?? '/usr/bin/chromium', viewport: { width: 1400, height: 900 },
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
const page = await context.newPage()
let answers = 0
page.on('response', (r) => answers += r.url().includes('/api/live') ? 1 : 0)

function watch() {
  const seen = { longest_frame_ms: 0, longest_task_ms: 0, long_tasks: 0 }
  window.seen = seen
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) {
      seen.long_tasks++
      seen.longest_task_ms = Math.max(seen.longest_task_ms, e.duration)
    }
  }).observe({ type: 'longtask' })
  let last = performance.now()
  const frame = (now) => {
    seen.longest_frame_ms = Math.max(seen.longest_frame_ms, now - last)
    last = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
}

const does = {
  async open() {
    await page.goto(`${url}#/live`)
    await page.waitForSelector('[role=table] .space .row')
    await page.waitForTimeout(2000) // what opening costs once is not what following costs
    answers = 0
    await page.evaluate(watch)
    return {}
  },
  async close() {
    const seen = { ...(await page.evaluate(() => window.seen)), answers }
    await page.goto('about:blank')
    return seen
  },
}

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await does[line]()))
await context.close()
