import { useMemo, useState } from 'preact/hooks'
import type { RunData } from '../data/run'
import type { Activity } from '../data/types'
import { ms, tick } from '../format'
import { testHref } from '../route'
import { scale, ticks, type Scale } from './axis'
import { lanesOf, type Bar, type Lane } from './lanes'
import { useWidth } from './hooks'

const laneHeight = 20
const rateHeight = 72
const gap = 22

interface Props {
  data: RunData
  activity: Activity
  from: number
  to: number
  onZoom?: (from: number, to: number) => void
}

/** The run over time: lanes with specs as bars, and below them the rate of requests with errors. */
export function Timeline({ data, activity, from, to, onZoom }: Props) {
  const [ref, width] = useWidth<HTMLDivElement>()
  const lanes = useMemo(() => lanesOf(data, activity), [data, activity])
  const left = width < 600 ? 34 : 92
  const x = scale([from, to], [left, Math.max(width - 8, left + 1)])
  const rows = lanes.reduce((n, l) => n + l.rows.length, 0)
  const lanesHeight = rows * laneHeight
  const height = lanesHeight + gap + rateHeight + 26
  return (
    <div ref={ref} class="timeline">
      {width > 0 && (
        <svg width={width} height={height} role="group" aria-label="Specs and requests over the run's time">
          <defs>
            <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect class="hatch-base" width="6" height="6" />
              <rect class="hatch-line" width="2" height="6" />
            </pattern>
          </defs>
          <Ticks x={x} y={0} height={height - 20} width={width} left={left} />
          <Lanes lanes={lanes} x={x} left={left} narrow={width < 600} from={from} to={to} />
          <Rate activity={activity} x={x} y={lanesHeight + gap} from={from} to={to} left={left} width={width} />
          {onZoom && <Brush x={x} height={height - 20} y={lanesHeight + gap} rate={rateHeight} onZoom={onZoom} from={from} to={to} />}
        </svg>
      )}
    </div>
  )
}

function Ticks({ x, y, height, width, left }: { x: Scale; y: number; height: number; width: number; left: number }) {
  const { step, at } = ticks(x.invert(x.low), x.invert(x.high), Math.max(2, Math.floor((width - left) / 80)))
  return (
    <g class="ticks" aria-hidden="true">
      {at.map((t) => (
        <g key={t} transform={`translate(${x(t)},${y})`}>
          <line y2={height} />
          <text y={height + 14} text-anchor={x(t) < left + 12 ? 'start' : x(t) > width - 24 ? 'end' : 'middle'}>{tick(t, step)}</text>
        </g>
      ))}
    </g>
  )
}

function Lanes({ lanes, x, left, narrow, from, to }: { lanes: Lane[]; x: Scale; left: number; narrow: boolean; from: number; to: number }) {
  let row = 0
  return (
    <g>
      {lanes.map((lane) => {
        const y = row * laneHeight
        row += lane.rows.length
        return (
          <g key={lane.title} transform={`translate(0,${y})`}>
            <text class="lane" x={left - 6} y={14} text-anchor="end">{narrow ? lane.short : lane.title}<title>{lane.title}</title></text>
            <line class="rule" x1={left} x2={x.high} y1={lane.rows.length * laneHeight - 0.5} y2={lane.rows.length * laneHeight - 0.5} />
            {lane.rows.map((bars, i) => bars.filter((b) => b.end >= from && b.start <= to).map((b) => <BarOf key={b.key} bar={b} x={x} y={i * laneHeight + 2} />))}
          </g>
        )
      })}
    </g>
  )
}

function BarOf({ bar, x, y }: { bar: Bar; x: Scale; y: number }) {
  const { low, high } = x
  const a = Math.max(low, x(bar.start))
  const b = Math.min(high, x(bar.end))
  const w = Math.max(b - a, 2)
  const title = `${bar.title.slice(0, 500)}\n${bar.outcome || 'outcome not known'}, ${ms(bar.end - bar.start)}, from ${ms(bar.start)} on`
  const letters = Math.floor((w - 8) / 6.2)
  const rect = <rect class={`bar o-${bar.outcome || 'unknown'}`} x={a} y={y} width={w} height={laneHeight - 4} rx={2} />
  if (bar.test === null) return <g><title>{title}</title>{rect}</g>
  return (
    <a href={testHref(bar.test)}>
      <title>{title}</title>
      {rect}
      {letters > 5 && <text class="inside" x={a + 4} y={y + 12} aria-hidden="true">{bar.title.replace(/^\[sig-[^\]]*\] /, '').slice(0, letters)}</text>}
    </a>
  )
}

function Rate({ activity: a, x, y, from, to, left, width }: { activity: Activity; x: Scale; y: number; from: number; to: number; left: number; width: number }) {
  const parts = (a.requests ?? []).map((n, i) => ({ n, bad: (a.errors_4xx![i] ?? 0) + (a.errors_5xx![i] ?? 0), at: i * a.width_ms }))
    .filter((p) => p.n > 0 && p.at + a.width_ms >= from && p.at <= to)
  const most = Math.max(1, ...parts.map((p) => p.n))
  const h = (n: number) => (n / most) * rateHeight
  const { low, high } = x
  const path = (of: (p: { n: number; bad: number }) => number) => parts.filter((p) => of(p) > 0).map((p) => {
    const l = Math.max(low, x(p.at))
    const r = Math.min(high, Math.max(x(p.at + a.width_ms) - 0.5, l + 1))
    return `M${l.toFixed(1)} ${(rateHeight - h(of(p))).toFixed(1)}H${r.toFixed(1)}V${rateHeight}H${l.toFixed(1)}Z`
  }).join('')
  const perSecond = most / (a.width_ms / 1000)
  return (
    <g transform={`translate(0,${y})`} class="rate">
      <text class="lane" x={left - 6} y={10} text-anchor="end">{width < 600 ? `${+perSecond.toPrecision(2)}` : `${+perSecond.toPrecision(3)} req/s`}</text>
      <path class="requests" d={path((p) => p.n)} />
      <path class="errors" d={path((p) => p.bad)} />
      <line class="base" x1={low} x2={high} y1={rateHeight} y2={rateHeight} />
    </g>
  )
}

/** Dragging over the rate of requests chooses a part of the time. */
function Brush({ x, y, rate, height, from, to, onZoom }: { x: Scale; y: number; rate: number; height: number; from: number; to: number; onZoom: (from: number, to: number) => void }) {
  const [drag, setDrag] = useState<[number, number] | null>(null)
  const at = (e: PointerEvent) => {
    const box = (e.currentTarget as Element).getBoundingClientRect()
    return Math.min(to, Math.max(from, x.invert(e.clientX - box.left + x.low)))
  }
  const { low, high } = x
  return (
    <g class="brush">
      {drag && <rect class="chosen" x={x(Math.min(...drag))} width={Math.abs(x(drag[1]) - x(drag[0]))} y={0} height={height} />}
      <rect
        class="catch" x={low} width={high - low} y={y} height={rate}
        onPointerDown={(e) => {
          e.currentTarget.setPointerCapture(e.pointerId)
          setDrag([at(e), at(e)])
        }}
        onPointerMove={(e) => drag && setDrag([drag[0], at(e)])}
        onPointerUp={() => {
          if (drag && Math.abs(x(drag[1]) - x(drag[0])) > 4) onZoom(Math.min(...drag), Math.max(...drag))
          setDrag(null)
        }}
      />
    </g>
  )
}
