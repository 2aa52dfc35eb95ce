import type { Columns, Header, Kind } from './types'

/** One request of a test. Times are in milliseconds since the run's start; open ones have no end. */
export interface Request {
  start: number
  duration: number
  open: boolean
  exact: boolean
  endpoint: number
  kind: Kind
  namespace: string
  name: string | null // null: the file does not have it
}

type Numbers = ArrayLike<number>

interface Parts {
  start: Numbers
  duration: Numbers
  endpoint: Numbers
  kind: Numbers
  namespace: Numbers
  name: Numbers | null
}

/** Reads what Go's view.Packed wrote. */
export function unpack(bytes: Uint8Array): Request[] {
  const reader = new VarintReader(bytes)
  const length = reader.next()
  const header = JSON.parse(new TextDecoder().decode(reader.take(length))) as Header & { requests: number; endpoints: number[] }
  const n = header.requests
  const parts = {
    start: reader.column(n),
    duration: reader.column(n),
    endpoint: reader.column(n).map((place) => header.endpoints[place]!),
    kind: reader.column(n),
    namespace: reader.column(n),
    name: header.names ? reader.column(n) : null,
  }
  return rows(header, parts, n)
}

/** Reads a page of the server's. */
export function fromColumns(c: Columns): Request[] {
  return rows(c, c, c.start?.length ?? 0)
}

function rows(h: Header, p: Parts, n: number): Request[] {
  const unit = h.exact ? 1e-3 : 0.1
  const all: Request[] = new Array(n)
  let at = h.from
  for (let i = 0; i < n; i++) {
    at += p.start[i]!
    const d = p.duration[i]!
    all[i] = {
      start: at * unit,
      duration: duration(d, h.exact),
      open: h.kinds[p.kind[i]!]!.outcome === 'open',
      exact: h.exact,
      endpoint: p.endpoint[i]!,
      kind: h.kinds[p.kind[i]!]!,
      namespace: h.namespaces[p.namespace[i]!]!,
      name: p.name && h.names ? h.names[p.name[i]!]! : null,
    }
  }
  return all
}

function duration(d: number, exact: boolean): number {
  if (exact || d === 0) return d / 1e3
  return 2 ** ((d - 1) / 8) / 1e3
}

/** Reads unsigned varints as Go's encoding/binary writes them. */
class VarintReader {
  private at = 0
  constructor(private readonly bytes: Uint8Array) {}

  next(): number {
    let n = 0
    for (let scale = 1; ; scale *= 128) {
      const b = this.bytes[this.at++]
      if (b === undefined) throw new Error('packed requests end too early')
      n += (b & 127) * scale
      if (b < 128) return n
    }
  }

  take(length: number): Uint8Array {
    const part = this.bytes.subarray(this.at, this.at + length)
    this.at += length
    return part
  }

  column(n: number): Uint32Array {
    const all = new Uint32Array(n)
    for (let i = 0; i < n; i++) all[i] = this.next()
    return all
  }
}
