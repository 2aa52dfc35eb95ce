import { href } from '../route'

/** Verbs that have a colour of their own; all else shares one. */
const verbs: Record<string, string> = {
  get: 'get', list: 'list', watch: 'watch', create: 'create', update: 'update', patch: 'update', delete: 'delete', deletecollection: 'delete',
  post: 'create', put: 'update',
}

export const verbClass = (verb: string) => 'v-' + (verbs[verb] ?? 'other')

export const Verb = ({ verb }: { verb: string }) => <span class={`verb ${verbClass(verb)}`}>{verb}</span>

const signs: Record<string, string> = { passed: '✓', failed: '✗', skipped: '–', pending: '…', interrupted: '!' }

/** A spec's outcome, told by a sign and a word besides the colour. */
export function Outcome({ outcome, short }: { outcome: string; short?: boolean }) {
  const word = outcome || 'not known'
  return (
    <span class={`outcome o-${outcome || 'unknown'}`} title={word}>
      <span aria-hidden="true">{signs[outcome] ?? '·'}</span> {short ? <span class="sr">{word}</span> : word}
    </span>
  )
}

/** The name of a test, which may be any text of any length. */
export const TestName = ({ name }: { name: string }) => (name ? <bdi>{name}</bdi> : <em>(no test)</em>)

/** Sources with their numbers, strongest share first: "user-agent 30, process 12", or just "process" for all. */
export function sourcesText(sources: Record<string, number>): string {
  const list = Object.entries(sources).sort((a, b) => b[1] - a[1])
  return list.length === 1 ? list[0]![0] : list.map(([name, n]) => `${name} ${n}`).join(', ')
}

export const Problem = ({ error }: { error: string }) => <p class="problem" role="alert">{error}</p>

export const Waiting = () => <p class="waiting" role="status">Reading…</p>

export function Stat({ title, value, note, to, bad }: { title: string; value: string; note?: string; to?: string; bad?: boolean }) {
  const inner = (
    <>
      <span class="title">{title}</span>
      <span class="value">{value}</span>
      {note && <span class="note">{note}</span>}
    </>
  )
  const classes = `stat ${bad ? 'bad' : ''}`
  return to ? <a class={classes} href={to}>{inner}</a> : <div class={classes}>{inner}</div>
}

/** A choice of one value, or all. Plain ones have no numbers. */
export function Choice({ label, value, all, plain, onChange }: { label: string; value: string; all: [string, number][]; plain?: boolean; onChange: (v: string) => void }) {
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value} onChange={(e) => onChange(e.currentTarget.value)}>
        <option value="">all</option>
        {all.map(([v, n]) => <option key={v} value={v}>{plain ? v : `${v} (${n})`}</option>)}
        {value && !all.some(([v]) => v === value) && <option value={value}>{plain ? value : `${value} (0)`}</option>}
      </select>
    </label>
  )
}

/** Counts how many of a list have each value. */
export function tally<T>(list: Iterable<T>, of: (t: T) => Iterable<string>): [string, number][] {
  const counts = new Map<string, number>()
  for (const t of list) for (const v of of(t)) if (v) counts.set(v, (counts.get(v) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
}

export const Search = ({ label, value, onInput }: { label: string; value: string; onInput: (v: string) => void }) => (
  <label class="choice search">
    <span>{label}</span>
    <input type="search" id="search" value={value} onInput={(e) => onInput(e.currentTarget.value)} />
  </label>
)

/** Tells whether a text has all words of a search, in any case. */
export function hasWords(text: string, search: string): boolean {
  const lower = text.toLowerCase()
  return search.toLowerCase().split(/\s+/).every((word) => lower.includes(word))
}

export const testsWith = (params: Record<string, string>) => href('tests', params)
