// Takes the pictures in docs of a file that "report html" wrote: node test/screenshots.mjs FILE FOLDER TEST
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const { chromium } = createRequire(import.meta.url)('playwright-core')
const [file, folder, test] = process.argv.slice(2)
const browser = await chromium.launch({ executablePath: process.env.E2ETAP_CHROMIUM ?? '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu'] })

async function take(name, hash, { width = 1200, height = 620, colorScheme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: 'en-US', timezoneId: 'UTC' })
  const page = await context.newPage()
  await page.goto(pathToFileURL(file) + hash)
  await page.waitForSelector('main h2')
  await page.waitForFunction(() => !document.querySelector('.waiting'))
  await page.waitForTimeout(200)
  await page.screenshot({ path: `${folder}/${name}.png` })
  await context.close()
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
await browser.close()
