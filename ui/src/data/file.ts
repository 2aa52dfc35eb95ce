import type { Activity, Audited, Diff, Model, Operations, Runs, Unattributed } from './types'
import { unpack, type Request } from './requests'
import { Kept, type Source } from './source'

/** Reads the blocks of a file that "report html" wrote, each when it is needed. */
export class FileSource implements Source {
  readonly live = false
  readonly spent = 0
  private kept = new Kept()

  model = () => this.json<Model>('model')
  activity = () => this.json<Activity>('activity')
  unattributed = () => this.json<Unattributed[]>('unattributed')
  audited = () => this.json<Audited | null>('audited')
  operations = () => this.json<Operations>('operations')
  changed = () => Promise.resolve(false)
  diff = () => this.json<Diff>('diff')

  async runs(): Promise<Runs> {
    const before = document.getElementById('diff') && (await this.diff()).before
    return { shown: '', against: before || null, runs: [] }
  }

  requests(model: Model, test: string): Promise<Request[]> {
    return this.kept.get('requests of ' + test, async () => {
      const chunks = model.tests?.find((t) => t.test === test)?.chunks ?? []
      const parts = await Promise.all(chunks.map(async (n) => unpack(await block('r' + n))))
      return parts.length === 1 ? parts[0]! : parts.flat().sort((a, b) => a.start - b.start)
    })
  }

  private json<T>(id: string): Promise<T> {
    return this.kept.get(id, async () => JSON.parse(new TextDecoder().decode(await block(id))) as T)
  }
}

/** The data of a block: gzip in base64. */
async function block(id: string): Promise<Uint8Array> {
  const text = document.getElementById(id)?.textContent
  if (!text) throw new Error(`this file has no block "${id}": is it complete?`)
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Uint8Array(await new Response(unpacked).arrayBuffer())
}
