import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'

/** The width of an element in pixels, 0 before it is known. */
export function useWidth<T extends Element>(): [RefObject<T | null>, number] {
  const ref = useRef<T>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    if (!ref.current) return
    const measure = () => ref.current && setWidth(ref.current.getBoundingClientRect().width)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(ref.current)
    return () => observer.disconnect()
  }, [])
  return [ref, width]
}

export type Answer<T> = { value?: T; error?: string }

/** What a promise gives. While the next one is waited for, the last answer stays. */
export function usePromise<T>(make: () => Promise<T>, dependencies: unknown[]): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({})
  useEffect(() => {
    let current = true
    make().then(
      (value) => current && setAnswer({ value }),
      (error: unknown) => current && setAnswer({ error: String(error) }),
    )
    return () => {
      current = false
    }
  }, dependencies)
  return answer
}

/** Calls keys with what is pressed outside of fields, from when the view is there on. */
export function useKeys(keys: (key: string, e: KeyboardEvent) => void, dependencies: unknown[]) {
  useLayoutEffect(() => {
    const listen = (e: KeyboardEvent) => {
      const target = e.target as Element
      if (e.ctrlKey || e.metaKey || e.altKey || target.closest('input, select, textarea')) return
      keys(e.key, e)
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, dependencies)
}
