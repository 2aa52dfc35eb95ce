import { useMemo } from 'preact/hooks'
import { depths, nodesOf, title, type Node } from '../data/coverage'
import type { Operations } from '../data/types'
import { count, percent } from '../format'
import { setParams } from '../route'
import { Table, byNumber, byText, type Column } from '../parts/table'
import { Choice, Search, hasWords } from '../parts/words'

interface Props {
  node: Node
  operations: Operations
  params: URLSearchParams
  link: (node: Node) => string
}

/** What the rings show, as a table: the parts of one ring below a node. */
export function CoverageTable({ node, operations, params, link }: Props) {
  const wanted = depths.indexOf(params.get('rows') ?? '')
  const depth = wanted > node.depth ? wanted : usualDepth(node)
  const all = useMemo(() => nodesOf(node, depth), [node, depth])
  const q = params.get('q') ?? ''
  const only = params.get('only') ?? ''
  const rows = useMemo(() => all.filter((n) => (!only || (n.hit > 0) === (only === 'hit')) && (!q || hasWords(wordsOf(n), q))), [all, q, only])
  const columns = useMemo(() => columnsOf(node, depth, operations, link), [node, depth, operations, link])
  const hit = all.filter((n) => n.hit > 0).length
  return (
    <div class="coverage-table">
      <div class="filters">
        <label class="choice">
          <span>Rows</span>
          <select value={depths[depth]} onChange={(e) => setParams({ rows: e.currentTarget.value })}>
            {depths.slice(node.depth + 1).map((d) => <option key={d} value={d}>{d}s</option>)}
          </select>
        </label>
        <Choice label="Only" value={only} all={[['hit', hit], ['not hit', all.length - hit]]} onChange={(only) => setParams({ only })} />
        <Search label="Search" value={q} onInput={(q) => setParams({ q })} />
        <output>{count(rows.length)} of {count(all.length)} {depths[depth]}s</output>
      </div>
      <Table
        name={`Coverage by ${depths[depth]}`} columns={columns} rows={rows} href={link} sort={params.get('sort') ?? ''}
        onSort={(sort) => setParams({ sort })} empty="Nothing is like that."
      />
    </div>
  )
}

/** The next ring that has more than one part. */
function usualDepth(node: Node): number {
  for (let n = node; n.children.length > 0; n = n.children[0]!) if (n.children.length > 1) return n.depth + 1
  return depths.length - 1
}

const wordsOf = (n: Node): string => (n.parent ? `${wordsOf(n.parent)} ${title(n)}` : '') + (n.covered ? ` ${n.covered.op.method} ${n.covered.op.path}` : '')

/** The node above another that has a depth, or that node itself. */
function above(n: Node, depth: number): Node {
  while (n.depth > depth) n = n.parent!
  return n
}

function columnsOf(node: Node, depth: number, o: Operations, link: Props['link']): Column<Node>[] {
  const outer: Column<Node>[] = depths.slice(node.depth + 1, depth).map((key, i) => ({
    key, title: capital(key), width: key === 'level' ? '4rem' : 'minmax(4rem, .6fr)', from: depth === 4 ? 900 : 560, compare: byText((n) => above(n, node.depth + 1 + i).name),
    cell: (n) => title(above(n, node.depth + 1 + i)),
  }))
  const own: Column<Node> = {
    key: depths[depth]!, title: capital(depths[depth]!), width: 'minmax(9rem, 1.8fr)', compare: byText((n) => n.name),
    cell: (n) => <a href={link(n)} title={n.covered ? `${n.covered.op.method} ${n.covered.op.path}` : undefined}>{title(n)}</a>,
  }
  return [...outer, own, ...(depth === 4 ? leafColumns(o) : sumColumns(o))]
}

const capital = (s: string) => s[0]!.toUpperCase() + s.slice(1)

const number = (key: 'operations' | 'hit' | 'succeeded' | 'conformance' | 'eligible' | 'requests', name: string, width: string, from = 0): Column<Node> => ({
  key, title: name, width, from, end: true, compare: byNumber((n) => n[key]), cell: (n) => <span class={n[key] ? '' : 'none'}>{count(n[key])}</span>,
})

function sumColumns(o: Operations): Column<Node>[] {
  return [
    number('operations', 'Operations', '6rem', 430), number('hit', 'Hit', '3rem'),
    {
      key: 'share', title: 'Of all', width: 'minmax(4.2rem, .7fr)', end: true, compare: byNumber((n) => n.hit / n.operations),
      cell: (n) => <span class="gauge"><span class="share" aria-hidden="true"><span style={{ width: `${(100 * n.hit) / n.operations}%` }} /></span><span class="n">{percent(n.hit, n.operations)}</span></span>,
    },
    number('succeeded', 'Succeeded', '5.6rem', 680),
    ...(o.tests_known ? [number('conformance', 'By conformance', '7.6rem', 780)] : []), ...(o.eligibility_known ? [number('eligible', 'Eligible', '4.6rem', 860)] : []),
  ]
}

function leafColumns(o: Operations): Column<Node>[] {
  const yes = (key: 'succeeded' | 'conformance' | 'eligible', name: string, width: string, from: number): Column<Node> => ({
    key, title: name, width, from, compare: byNumber((n) => n[key]), cell: (n) => (n[key] ? 'yes' : <span class="none">no</span>),
  })
  return [
    { key: 'hit', title: 'Hit', width: '4rem', compare: byNumber((n) => n.hit), cell: (n) => (n.hit ? <strong>● hit</strong> : <span class="none">○ not</span>) },
    yes('succeeded', 'Succeeded', '5.2rem', 860),
    ...(o.tests_known ? [yes('conformance', 'By conformance', '7.2rem', 980)] : []), ...(o.eligibility_known ? [yes('eligible', 'Eligible', '4.4rem', 700)] : []),
    number('requests', 'Requests', '5rem', 430),
  ]
}
