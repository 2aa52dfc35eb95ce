import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useWidth } from './hooks'

export interface Column<T> {
  key: string
  title: ComponentChildren
  label?: string // for readers of screens, where the title is a picture
  width: string // of a CSS grid
  from?: number // the table's width in pixels from which on the column is there
  end?: boolean // numbers, which stand at the end and begin with the greatest when they are sorted
  compare?: (a: T, b: T) => number // in the order that is asked for first
  cell: (row: T) => ComponentChildren
}

interface Props<T> {
  name: string
  columns: Column<T>[]
  rows: T[]
  href?: (row: T) => string
  rowClass?: (row: T) => string
  rowHeight?: number
  sort?: string // a column's key; with "-" in front, the other way round
  onSort?: (sort: string) => void
  empty?: string
}

/** How many rows beyond the seen ones are there, too. */
const margin = 12

/** More rows than these are not printed. */
const printed = 2000

/** A table of any length, of which only the rows that can be seen exist. Its rows can be walked through by keyboard. */
export function Table<T>(p: Props<T>) {
  const height = p.rowHeight ?? 30
  const [outer, width] = useWidth<HTMLDivElement>()
  const [top, setTop] = useState(0)
  const [seen, setSeen] = useState(900)
  const [active, setActive] = useState(-1)
  const all = useRef(false)
  const columns = p.columns.filter((c) => width === 0 || width >= (c.from ?? 0))
  const rows = useSorted(p.rows, p.columns, p.sort)
  const first = all.current ? 0 : Math.max(0, Math.floor(top / height) - margin)
  const last = all.current ? Math.min(rows.length, printed) : Math.min(rows.length, Math.ceil((top + seen) / height) + margin)

  useEffect(() => {
    const element = outer.current!
    const look = () => setSeen(element.clientHeight || 900)
    look()
    addEventListener('resize', look)
    return () => removeEventListener('resize', look)
  }, [rows.length])
  usePrinting(all, setTop)

  const go = (to: number) => {
    to = Math.max(0, Math.min(rows.length - 1, to))
    setActive(to)
    const element = outer.current!
    const y = to * height
    if (y < element.scrollTop) element.scrollTop = y
    else if (y + 2 * height > element.scrollTop + element.clientHeight) element.scrollTop = y + 2 * height - element.clientHeight
  }
  const onKeyDown = (e: KeyboardEvent) => {
    const page = Math.floor(seen / height) - 2
    const steps: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 }
    const step = steps[e.key]
    if (step !== undefined) {
      e.preventDefault()
      go(active + step)
    } else if (e.key === 'Enter' && p.href && active >= 0 && e.target === outer.current) {
      location.hash = p.href(rows[active]!)
    }
  }

  const grid = { gridTemplateColumns: columns.map((c) => c.width).join(' ') }
  return (
    <div
      ref={outer} class="table" role="table" aria-label={p.name} aria-rowcount={rows.length + 1} tabIndex={0}
      onScroll={(e) => setTop(e.currentTarget.scrollTop)} onKeyDown={onKeyDown}
    >
      <div class="row head" role="row" aria-rowindex={1} style={grid}>
        {columns.map((c) => <Head key={c.key} column={c} sort={p.sort} onSort={p.onSort} />)}
      </div>
      <div class="space" role="rowgroup" style={{ height: `${(all.current ? last : rows.length) * height}px` }}>
        {rows.slice(first, last).map((row, i) => {
          const n = first + i
          const classes = `row ${p.rowClass?.(row) ?? ''} ${n === active ? 'active' : ''} ${p.href ? 'link' : ''}`
          return (
            <div
              key={n} class={classes} role="row" aria-rowindex={n + 2}
              style={{ ...grid, top: `${n * height}px`, height: `${height}px` }}
              onClick={(e) => {
                setActive(n)
                if (p.href && !(e.target as Element).closest('a') && !getSelection()?.toString()) location.hash = p.href(row)
              }}
            >
              {columns.map((c) => (
                <div key={c.key} role="cell" class={`cell c-${c.key} ${c.end ? 'end' : ''}`}>{c.cell(row)}</div>
              ))}
            </div>
          )
        })}
      </div>
      {rows.length === 0 && <p class="empty">{p.empty ?? 'Nothing.'}</p>}
    </div>
  )
}

function Head<T>({ column: c, sort, onSort }: { column: Column<T>; sort?: string; onSort?: (sort: string) => void }) {
  const there = sort === c.key
  const order = !there && sort !== '-' + c.key ? undefined : there === !!c.end ? 'descending' : 'ascending'
  return (
    <div
      role="columnheader" class={`cell c-${c.key} ${c.end ? 'end' : ''}`} aria-label={c.label}
      aria-sort={order}
    >
      {c.compare && onSort
        ? <button type="button" onClick={() => onSort(there ? '-' + c.key : c.key)}>{c.title}{order === 'descending' ? ' ▾' : order ? ' ▴' : ''}</button>
        : c.title}
    </div>
  )
}

function useSorted<T>(rows: T[], columns: Column<T>[], sort: string | undefined): T[] {
  return useMemo(() => {
    const compare = columns.find((c) => c.key === sort?.replace(/^-/, ''))?.compare
    if (!compare) return rows
    return [...rows].sort(sort!.startsWith('-') ? (a, b) => compare(b, a) : compare)
  }, [rows, sort])
}

/** On paper there is no scrolling: all rows are made before it is printed. */
function usePrinting(all: { current: boolean }, render: (top: number) => void) {
  useEffect(() => {
    const media = matchMedia('print')
    const change = () => {
      all.current = media.matches
      render(media.matches ? -1 : 0)
    }
    media.addEventListener('change', change)
    return () => media.removeEventListener('change', change)
  }, [])
}

/** Puts the greatest first. */
export const byNumber = <T,>(of: (row: T) => number | null) => (a: T, b: T) => (of(b) ?? -1) - (of(a) ?? -1)

export const byText = <T,>(of: (row: T) => string) => (a: T, b: T) => of(a).localeCompare(of(b))
