import type { RunData } from '../data/run'
import type { Change, Diff } from '../data/types'
import { count } from '../format'
import { href, testHref } from '../route'
import { byNumber, byText, type Column } from './table'
import { TestName } from './words'

const signs: Record<string, [sign: string, className: string]> = {
  gained: ['+', 'gained'], lost: ['−', 'lost'], up: ['▲', 'up'], down: ['▼', 'down'],
}

/** A kind of change, told by a sign besides its words. */
export function KindWord({ kind }: { kind: string }) {
  const [sign, name] = signs[kind.slice(kind.lastIndexOf(' ') + 1)] ?? ['·', '']
  return <span class={`kind k-${name} ${kind.startsWith('error ') ? 'k-error' : ''}`}><span class="sign" aria-hidden="true">{sign}</span>{kind}</span>
}

/** The kinds that changes have, in the changes' order, with how many there are of each. */
export function kindsOf(changes: Change[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const c of changes) counts.set(c.kind, (counts.get(c.kind) ?? 0) + 1)
  return [...counts]
}

/** Whose change it is; "" for the run as a whole. */
export const whoOf = (c: Change) => c.test || (c.client && `(no test) ${c.client}`)

/** "+12 (+40 %)". */
export function changeText(c: Change): string {
  const signed = (n: number) => (n < 0 ? '−' : '+') + count(Math.abs(n))
  const change = c.after - c.before
  return signed(change) + (c.before > 0 ? ` (${signed(Math.round((100 * change) / c.before))} %)` : '')
}

export function changeColumns(data: RunData, diff: Diff, linked: boolean): Column<Change>[] {
  const order = new Map(kindsOf(diff.changes).map(([k], i) => [k, i]))
  return [
    { key: 'kind', title: 'Kind', width: '11.5rem', compare: (a, b) => order.get(a.kind)! - order.get(b.kind)!, cell: (c) => <KindWord kind={c.kind} /> },
    { key: 'who', title: 'Test or client', width: 'minmax(7rem, 1.2fr)', compare: byText(whoOf), cell: (c) => <Who c={c} data={data} before={linked ? diff.before.run : null} /> },
    {
      key: 'operation', title: 'Operation', width: 'minmax(7rem, 1.1fr)', compare: byText((c) => c.operation_id || c.operation),
      cell: (c) => <span title={[c.operation, c.operation_id].filter(Boolean).join('\n')}>{c.operation_id || c.operation || <span class="none">–</span>}</span>,
    },
    { key: 'status', title: 'Status', width: '4rem', end: true, compare: byNumber((c) => c.status), cell: (c) => c.status ?? '' },
    { key: 'before', title: 'Before', width: '4.6rem', end: true, from: 900, compare: byNumber((c) => c.before), cell: (c) => count(c.before) },
    { key: 'after', title: 'After', width: '4.6rem', end: true, from: 900, compare: byNumber((c) => c.after), cell: (c) => count(c.after) },
    { key: 'change', title: 'Change', width: '8.5rem', end: true, compare: byNumber((c) => Math.abs(c.after - c.before)), cell: changeText },
  ]
}

/** Below this width, in pixels, there are narrowColumns. */
export const narrowWidth = 780

/** Where there is no space for these columns: two lines in one, below narrowWidth. */
export function narrowColumns(data: RunData, diff: Diff, linked: boolean): Column<Change>[] {
  const all = changeColumns(data, diff, linked)
  const [kind, who, operation, change] = ['kind', 'who', 'operation', 'change'].map((key) => all.find((c) => c.key === key)!) as [Column<Change>, Column<Change>, Column<Change>, Column<Change>]
  const what = (c: Change) => (
    <>
      <div class="line">{kind.cell(c)}{c.status !== null && <span class="of">{c.status}</span>}{(c.test || c.client) && c.operation && <span class="of">{operation.cell(c)}</span>}</div>
      <div class="line">{c.test || c.client || !c.operation ? who.cell(c) : operation.cell(c)}</div>
    </>
  )
  return [{ ...kind, title: 'Change', width: 'minmax(8rem, 1fr)', cell: what }, { ...change, title: 'Requests', width: '7.6rem' }]
}

/** A test leads to its page, in the run that has it. */
function Who({ c, data, before }: { c: Change; data: RunData; before: string | null }) {
  if (c.client) return <span title={c.client}><em>(no test)</em> {c.client}</span>
  if (!c.test) return <em>(the run)</em>
  const name = <TestName name={c.test} />
  if (data.byName.has(c.test)) return <a href={testHref(c.test)} title={c.test.slice(0, 500)}>{name}</a>
  if (before !== null) return <a href={href('test', { name: c.test, run: before })} title={c.test.slice(0, 500)}>{name}</a>
  return <span title={c.test.slice(0, 500)}>{name}</span>
}
