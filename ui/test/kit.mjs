// What the programs here have in common: the plan that a Go test gives them on standard input, and how they start a browser.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { chromium } = require('playwright-core')

export const plan = JSON.parse(readFileSync(0, 'utf8'))
export const axe = () => readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]

export const launch = (profile) => chromium.launchPersistentContext(`${plan.profile}-${profile}`, {
  executablePath: plan.chromium, args: flags, viewport: { width: 1400, height: 900 }, locale: 'en-US', timezoneId: 'UTC',
})

/** A page, and a list of what must not happen in it: messages of the console, errors, requests to anybody else than root. */
export async function open(context, root) {
  const page = await context.newPage()
  page.setDefaultTimeout(60_000) // it ends what hangs, and a machine may be busy
  const wrong = []
  page.on('console', (m) => wrong.push(`console: ${m.type()} ${m.text()}`))
  page.on('pageerror', (e) => wrong.push(`error: ${e.message}`))
  page.on('request', (r) => {
    if (!r.url().startsWith(root) && !/^(data|blob):/.test(r.url())) wrong.push(`request: ${r.url()}`)
  })
  return { page, wrong }
}
