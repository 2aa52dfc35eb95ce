import type { RunData } from '../data/run'
import type { Activity } from '../data/types'
import { ms } from '../format'
import { setParams, type Route } from '../route'
import { runEnd } from '../parts/lanes'
import { Timeline } from '../parts/timeline'
import { useKeys, type Answer } from '../parts/hooks'
import { Problem, Waiting } from '../parts/words'

export function TimelinePage({ data, activity, route }: { data: RunData; activity: Answer<Activity>; route: Route }) {
  const end = activity.value ? runEnd(data, activity.value) : 1
  const from = Math.max(0, Number(route.params.get('from') ?? 0) || 0)
  const to = Math.min(end, Number(route.params.get('to') ?? end) || end)
  const [low, high] = from < to ? [from, to] : [0, end]
  const zoom = (a: number, b: number) => {
    a = Math.max(0, a)
    b = Math.min(end, b)
    const whole = a <= 0 && b >= end
    setParams({ from: whole ? null : Math.round(a), to: whole ? null : Math.round(Math.max(b, a + 1)) })
  }
  const move = (n: number) => {
    const d = Math.max(-low, Math.min(end - high, n * (high - low)))
    zoom(low + d, high + d)
  }
  const scale = (n: number) => {
    const middle = (low + high) / 2
    const half = ((high - low) / 2) * n
    zoom(middle - half, middle + half)
  }
  const actions: Record<string, () => void> = {
    '+': () => scale(0.5), '-': () => scale(2), '0': () => zoom(0, end), ArrowLeft: () => move(-0.25), ArrowRight: () => move(0.25),
  }
  useKeys((key, e) => {
    if (!actions[key]) return
    e.preventDefault()
    actions[key]!()
  }, [low, high, end])
  if (activity.error) return <Problem error={activity.error} />
  if (!activity.value) return <Waiting />
  return (
    <section>
      <h2>Timeline</h2>
      <div class="filters">
        <button type="button" onClick={actions['+']}>Closer</button>
        <button type="button" onClick={actions['-']}>Farther</button>
        <button type="button" onClick={actions['ArrowLeft']}>Earlier</button>
        <button type="button" onClick={actions['ArrowRight']}>Later</button>
        <button type="button" onClick={actions['0']}>All</button>
        <output>{ms(low)} to {ms(high)} of {ms(end)}</output>
      </div>
      <p class="legend">
        <span><span class="swatch o-passed" />passed</span><span><span class="swatch o-failed" />failed</span>
        <span><span class="swatch o-skipped" />skipped, pending</span><span><span class="swatch o-unknown" />not known</span>
        <span><span class="swatch s-requests" />requests</span><span><span class="swatch s-errors" />answers 4xx and 5xx</span>
        <span>Drag over the rate of requests to look closer.</span>
      </p>
      <Timeline data={data} activity={activity.value} from={low} to={high} onZoom={zoom} />
    </section>
  )
}
