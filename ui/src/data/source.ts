import type { Activity, Audited, Diff, Model, Operations, Runs, Unattributed } from './types'
import type { Live } from './live'
import type { Request } from './requests'
import { FileSource } from './file'
import { HTTPSource } from './http'

/** Where a run's data come from. Each answer is kept, so asking twice costs nothing. */
export interface Source {
  /** Whether the run may still grow: see changed. */
  readonly live: boolean
  model(): Promise<Model>
  activity(): Promise<Activity>
  unattributed(): Promise<Unattributed[]>
  /** What only an imported audit log has; null if there is none. */
  audited(): Promise<Audited | null>
  /** What else can be shown. A file has no other run, but may have been compared with one. */
  runs(): Promise<Runs>
  /** What changed since another run; "" is the usual one. */
  diff(against: string): Promise<Diff>
  operations(): Promise<Operations>
  /** The requests of a test, or of none (""), in the order they started. */
  requests(model: Model, test: string): Promise<Request[]>
  /** Tells whether the run has changed since the model was read, and forgets what was kept if so. */
  changed(): Promise<boolean>
  /** What is new in the run; there is nobody to ask in a file. */
  tail?(query: URLSearchParams): Promise<Live>
  /** For how many milliseconds answers about the run were waited for since it changed. */
  readonly spent: number
}

/** The data are in the page, or the server that the page came from has them. Run is a name; "" is the one that is shown first. */
export function openSource(run: string): Source {
  return document.getElementById('model') ? new FileSource() : new HTTPSource(run)
}

/** Keeps what functions return by a key. What failed is asked for again. */
export class Kept {
  private kept = new Map<string, Promise<unknown>>()

  get<T>(key: string, make: () => Promise<T>): Promise<T> {
    let answer = this.kept.get(key) as Promise<T> | undefined
    if (!answer) {
      answer = make()
      this.kept.set(key, answer)
      answer.catch(() => this.kept.delete(key))
    }
    return answer
  }

  forget() {
    this.kept.clear()
  }
}

/** What is said when nobody answers. */
export const gone = (error: unknown) => 'The server does not answer any more. The run has ended and its proxy with it, or "report serve" was stopped: ' +
  `what is shown may be old. "report serve" shows the run again. (${String(error)})`
