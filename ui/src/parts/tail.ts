import { useEffect, useReducer, useRef } from 'preact/hooks'
import { filters, Tail } from '../data/live'
import { gone, type Source } from '../data/source'

/** How often it is asked what is new, in milliseconds: as often as a recorder tells. While it is paused, only numbers are asked for. */
const every = 500
const everyPaused = 2000

/** A server whose answers take long is asked less often: so many times longer is waited, within bounds. */
const times = 20
const longest = 3000

/** Follows the newest requests. Nothing is asked while nobody can see the page. */
export function useTail(source: Source, params: URLSearchParams, paused: boolean): Tail & { error: string } {
  const chosen = filters.map((key) => params.get(key) ?? '').join('\n')
  const [, render] = useReducer((n: number) => n + 1, 0)
  const error = useRef('')
  const tail = useRef(new Tail())
  const of = useRef(chosen)
  if (of.current !== chosen) { // what was chosen before is not shown any more
    tail.current = tail.current.anew()
    of.current = chosen
  }
  useEffect(() => {
    const t = tail.current
    let stopped = false
    let timer: ReturnType<typeof setTimeout>
    const look = async () => {
      await seen()
      if (stopped || !source.tail) return
      const began = performance.now()
      try {
        const live = await source.tail(t.query(params, paused))
        if (stopped) return
        t.take(live, paused)
        error.current = ''
      } catch (e) {
        if (stopped) return
        error.current = gone(e)
      }
      render(null)
      if (t.last?.ended && !error.current) return
      const pause = Math.min(times * (performance.now() - began), longest)
      timer = setTimeout(look, Math.max(paused || error.current ? everyPaused : every, pause))
    }
    timer = setTimeout(look, t.last ? every / 5 : 0) // who types a filter is not to ask with every letter
    return () => {
      stopped = true
      clearTimeout(timer)
    }
  }, [source, chosen, paused])
  return Object.assign(tail.current, { error: error.current })
}

/** Waits until the page can be seen. */
export function seen(): Promise<void> {
  if (!document.hidden) return Promise.resolve()
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return
      document.removeEventListener('visibilitychange', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
  })
}
