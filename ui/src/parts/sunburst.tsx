import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { outline, partition, pathOf, title, type Arc, type Node } from '../data/coverage'
import { count, percent } from '../format'
import { useWidth } from './hooks'

/** The widest it gets, in pixels. */
const widest = 760

interface Props {
  root: Node
  link: (node: Node) => string
}

/** Rings of levels, groups, kinds and operations below a node. Each part is filled from the inside as far as its operations were hit. */
export function Sunburst({ root, link }: Props) {
  const [ref, width] = useWidth<HTMLDivElement>()
  const size = Math.min(width, widest)
  const [active, setActive] = useState<Arc | null>(null)
  const arcs = useMemo(() => partition(root), [root])
  const radii = ringsOf(root, size / 2)
  useFocusAfterZoom(ref, root, () => setActive(null))
  const arcOf = (e: Event) => arcs[Number((e.target as Element).closest('[data-arc]')?.getAttribute('data-arc') ?? -1)] ?? null
  const parts = useMemo(() => size > 0 && <Parts arcs={arcs} radii={radii} link={link} />, [arcs, size, link])
  return (
    <div ref={ref} class="sunburst">
      <p class="looked"><bdi>{active ? pathOf(active.node).slice(1, -1).map(title).concat(described(active.node)).join(' › ') : 'Point at a part to see which it is; click to look closer.'}</bdi></p>
      {size > 0 && (
        <svg
          width={size} height={size} viewBox={`${-size / 2} ${-size / 2} ${size} ${size}`} role="group" aria-label={`Coverage of ${title(root)}`}
          onPointerOver={(e) => setActive(arcOf(e))} onPointerLeave={() => setActive(null)} onFocusIn={(e) => setActive(arcOf(e))} onFocusOut={() => setActive(null)}
          onKeyDown={(e) => walk(e, arcs, arcOf(e))}
        >
          {parts}
          {active && radii[active.ring + 1] && <path class="looked-at" d={outline(active.from, active.to, radii[active.ring]!, radii[active.ring + 1]!)} />}
          <Centre root={root} link={link} r={radii[0]! - 4} />
        </svg>
      )}
    </div>
  )
}

/** How wide the rings of levels, groups, kinds and operations are to each other: the names of groups and kinds need room. */
const widths = [0.5, 1.2, 1.2, 0.9]

/** The radii between the rings, from the centre's on. */
function ringsOf(root: Node, outer: number): number[] {
  const rings = widths.slice(root.depth)
  const sum = rings.reduce((a, b) => a + b, 0)
  let at = outer * 0.28
  const unit = (outer - 3 - at) / sum
  return [at, ...rings.map((w) => (at += w * unit))].map(Math.round)
}

function Parts({ arcs, radii, link }: { arcs: Arc[]; radii: number[]; link: Props['link'] }) {
  return (
    <g>
      {arcs.map((a, i) => {
        const [inner, outer] = [radii[a.ring]!, radii[a.ring + 1]!]
        const filled = inner + (a.node.hit / a.node.operations) * (outer - inner)
        const thin = (a.to - a.from) * 2 * Math.PI * inner < 4
        return (
          <a key={a.node.at} href={link(a.node)} data-arc={i} tabIndex={i === 0 ? 0 : -1} class={`part ${a.node.hit ? 'hit' : ''} ${thin ? 'thin' : ''}`}>
            <title>{described(a.node)}</title>
            <path class="whole" d={outline(a.from, a.to, inner, outer)} />
            {a.node.hit > 0 && <path class="share-hit" d={outline(a.from, a.to, inner, filled)} />}
          </a>
        )
      })}
      {arcs.filter((a) => !a.node.covered).map((a) => <Label key={a.node.at} arc={a} inner={radii[a.ring]!} outer={radii[a.ring + 1]!} />)}
    </g>
  )
}

/** A node in words. */
function described(n: Node): string {
  if (n.covered) return `${title(n)}: ${n.hit ? `hit, requests: ${count(n.requests)}` : 'not hit'}`
  return `${title(n)}: ${count(n.hit)} of ${count(n.operations)} hit, ${percent(n.hit, n.operations)}`
}

/** A name where there is room for it: along the radius, or level in wide parts. */
function Label({ arc, inner, outer }: { arc: Arc; inner: number; outer: number }) {
  const turn = (arc.from + arc.to) / 2
  const r = (inner + outer) / 2
  const wide = arc.to - arc.from > 0.2
  if ((arc.to - arc.from) * 2 * Math.PI * r < 13) return null
  const letters = Math.floor((outer - inner - 6) / 6)
  const name = title(arc.node)
  if (letters < 4 && !wide) return null
  const text = wide || name.length <= letters ? name : name.slice(0, letters - 1) + '…'
  const x = r * Math.sin(2 * Math.PI * turn)
  const y = -r * Math.cos(2 * Math.PI * turn)
  const angle = wide ? 0 : turn < 0.5 ? turn * 360 - 90 : turn * 360 + 90
  return <text class="label-of" aria-hidden="true" transform={`translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${angle.toFixed(1)})`} text-anchor="middle" dy=".35em">{text}</text>
}

/** What is looked at, and the way out. */
function Centre({ root, link, r }: { root: Node; link: Props['link']; r: number }) {
  const name = title(root)
  const letters = Math.max(6, Math.floor((2 * r - 16) / 7.4))
  const inner = (
    <>
      <circle r={r} />
      <text class="name" y={-r * 0.36} text-anchor="middle">{name.length > letters ? name.slice(0, letters - 1) + '…' : name}</text>
      <text class="percent" style={{ fontSize: `${Math.min(26, r * 0.38)}px` }} y={r * 0.12} text-anchor="middle">{percent(root.hit, root.operations)}</text>
      <text class="of" y={r * 0.42} text-anchor="middle">{count(root.hit)} of {count(root.operations)}</text>
      {root.parent && <text class="out" y={r * 0.74} text-anchor="middle">↖ out</text>}
    </>
  )
  if (!root.parent) return <g class="centre">{inner}</g>
  return <a class="centre" href={link(root.parent)}><title>{`Back to ${title(root.parent)}`}</title>{inner}</a>
}

/** Arrows go along a ring, outwards and inwards. */
function walk(e: KeyboardEvent, arcs: Arc[], from: Arc | null) {
  if (!from || !e.key.startsWith('Arrow')) return
  const ring = arcs.filter((a) => a.ring === from.ring)
  const beside = (n: number) => ring[(ring.indexOf(from) + n + ring.length) % ring.length]
  const steps: Record<string, () => Arc | undefined> = {
    ArrowRight: () => beside(1), ArrowLeft: () => beside(-1),
    ArrowUp: () => arcs.find((a) => a.node === from.node.children[0]), ArrowDown: () => arcs.find((a) => a.node === from.node.parent),
  }
  const to = steps[e.key]?.()
  e.preventDefault()
  if (to) (e.currentTarget as Element).querySelector<SVGElement>(`[data-arc="${arcs.indexOf(to)}"]`)?.focus()
}

/** Keeps the focus in the chart when the part that had it is gone, since it is the centre now. */
function useFocusAfterZoom(ref: { current: HTMLDivElement | null }, root: Node, forget: () => void) {
  const before = useRef(root.at)
  useEffect(() => {
    if (before.current === root.at) return
    before.current = root.at
    forget()
    if (document.activeElement === document.body) ref.current?.querySelector<SVGElement>('a.centre, a')?.focus({ preventScroll: true })
  }, [root])
}
