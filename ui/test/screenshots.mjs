// Takes the pictures in docs of a file that "report html --against" wrote: node test/screenshots.mjs FILE FOLDER TEST OPERATION
// and of a run that goes on: node test/screenshots.mjs http://127.0.0.1:PORT/TOKEN/ FOLDER
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const { chromium } = createRequire(import.meta.url)('playwright-core')
const [from, folder, test, operation] = process.argv.slice(2)
const live = from.startsWith('http:')
const base = live ? from : pathToFileURL(from)
const browser = await chromium.launch({ executablePath: process.env.E2ETAP_CHROMIUM ?? '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu'] })

async function take(name, hash, { width = 1200, height = 620, colorScheme = 'light', settle = 200 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: 'en-US', timezoneId: 'UTC' })
  const page = await context.newPage()
  await page.goto(base + hash)
  await page.waitForSelector('main h2')
  await page.waitForFunction(() => !document.querySelector('.waiting'))
  await page.waitForTimeout(settle)
  await page.screenshot({ path: `${folder}/${name}.png` })
  await context.close()
}

if (live) {
  await take('live', '#/live', { height: 760, settle: 3000 })
  await browser.close()
  process.exit()
}
const name = encodeURIComponent(test)
await take('run', '#/')
await take('tests', '#/tests')
await take('test', `#/test?name=${name}`, { height: 900 })
await take('test-dark', `#/test?name=${name}`, { height: 900, colorScheme: 'dark' })
await take('timeline', '#/timeline?from=0&to=60000', { height: 420 })
await take('endpoints', '#/endpoints')
await take('unattributed', '#/unattributed', { height: 420 })
await take('narrow', `#/test?name=${name}`, { width: 400, height: 900 })
await take('coverage', '#/coverage?conformance=1&eligible=1', { height: 800 })
await take('coverage-dark', '#/coverage', { height: 800, colorScheme: 'dark' })
await take('operation', `#/operation?id=${encodeURIComponent(operation)}`, { height: 760 })
await take('differences', '#/differences')
await browser.close()
