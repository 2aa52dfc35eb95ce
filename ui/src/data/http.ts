import type { Activity, Audited, Columns, Diff, Model, Operations, Runs, Unattributed } from './types'
import type { Live } from './live'
import { fromColumns, type Request } from './requests'
import { Kept, type Source } from './source'

interface State {
  requests: number
  specs: number
  operations: number
  end: string | null
}

/** How many requests are asked for at once. */
const page = 10_000

/** Asks "report serve" for what is needed. */
export class HTTPSource implements Source {
  live = true
  spent = 0
  private kept = new Kept()
  private seen = ''

  constructor(private readonly run: string) {}

  model = () => this.json<Model>('api/model')
  activity = () => this.json<Activity>('api/activity')
  unattributed = () => this.json<Unattributed[]>('api/unattributed')
  audited = () => this.json<Audited | null>('api/audited')
  runs = () => this.ask<Runs>('api/runs') // there may be more of them each time
  diff = (against: string) => this.ask<Diff>('api/diff', against ? { against } : {}) // the other run may have grown
  operations = () => this.json<Operations>('api/operations')

  requests(_model: Model, test: string): Promise<Request[]> {
    return this.kept.get('requests of ' + test, async () => {
      let all: Request[] = []
      for (;;) {
        const more = fromColumns(await this.ask<Columns>('api/requests', { test, offset: String(all.length), limit: String(page) }))
        all = all.length ? all.concat(more) : more
        if (more.length < page) return all
      }
    })
  }

  tail = (query: URLSearchParams) => this.ask<Live>('api/live', Object.fromEntries(query))

  async changed(): Promise<boolean> {
    const state = await this.ask<State>('api/state')
    this.live = state.end === null
    const now = JSON.stringify(state)
    const before = this.seen
    this.seen = now
    if (before === '' || before === now) return false
    this.kept.forget()
    this.spent = 0
    return true
  }

  private json<T>(path: string): Promise<T> {
    return this.kept.get(path, async () => {
      const began = performance.now()
      const answer = await this.ask<T>(path)
      this.spent += performance.now() - began
      return answer
    })
  }

  private ask<T>(path: string, query: Record<string, string> = {}): Promise<T> {
    const all = new URLSearchParams(this.run ? { ...query, run: this.run } : query).toString()
    return ask<T>(all ? `${path}?${all}` : path)
  }
}

async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(path, { cache: 'no-store' })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${(await answer.text()).trim()}`)
  return (await answer.json()) as T
}
