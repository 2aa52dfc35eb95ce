import type { Activity, Columns, Model, Unattributed } from './types'
import type { Live } from './live'
import { fromColumns, type Request } from './requests'
import { Kept, type Source } from './source'

interface State {
  requests: number
  specs: number
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

  model = () => this.json<Model>('api/model')
  activity = () => this.json<Activity>('api/activity')
  unattributed = () => this.json<Unattributed[]>('api/unattributed')

  requests(_model: Model, test: string): Promise<Request[]> {
    return this.kept.get('requests of ' + test, async () => {
      let all: Request[] = []
      for (;;) {
        const query = new URLSearchParams({ test, offset: String(all.length), limit: String(page) })
        const more = fromColumns(await ask<Columns>('api/requests?' + query))
        all = all.length ? all.concat(more) : more
        if (more.length < page) return all
      }
    })
  }

  tail = (query: URLSearchParams) => ask<Live>('api/live?' + query)

  async changed(): Promise<boolean> {
    const state = await ask<State>('api/state')
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
      const answer = await ask<T>(path)
      this.spent += performance.now() - began
      return answer
    })
  }
}

async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(path, { cache: 'no-store' })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${(await answer.text()).trim()}`)
  return (await answer.json()) as T
}
