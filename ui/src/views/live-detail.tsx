import { useRef, useState } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import { curlOf, kubectlOf, repeatable } from '../data/copy'
import type { LiveRow } from '../data/live'
import { ms } from '../format'
import { testHref } from '../route'
import { TestName, Verb } from '../parts/words'

/** All that is known of one request. It stays when the request is not among the newest any more. */
export function LiveDetail({ id, rows, server, close }: { id: number; rows: LiveRow[]; server: string; close: () => void }) {
  const kept = useRef<LiveRow | undefined>(undefined)
  const now = rows.find((r) => r.id === id)
  if (now || kept.current?.id !== id) kept.current = now
  const r = kept.current
  return (
    <section class="detail" aria-label="Request">
      <button type="button" class="close" onClick={close}>Close</button>
      {r ? <Facts r={r} server={server} /> : <p class="none">The request {id} is not among the newest any more.</p>}
    </section>
  )
}

function Facts({ r, server }: { r: LiveRow; server: string }) {
  return (
    <>
      <dl class="facts">
        <Fact title="Request"><Verb verb={r.verb} /> <code>{r.method} {r.path}{r.query && '?' + r.query}</code></Fact>
        {r.resource && <Fact title="Asks for">{[r.group, r.version].filter(Boolean).join('/')} {r.resource}</Fact>}
        {r.namespace && <Fact title="Namespace"><bdi>{r.namespace}</bdi></Fact>}
        {r.name && <Fact title="Name"><bdi>{r.name}</bdi></Fact>}
        <Fact title="Status">{r.status || 'no answer'}, {r.outcome}{r.error && `: ${r.error}`}</Fact>
        <Fact title="Time">from {ms(r.start_ms)} on, {r.open ? 'not ended' : ms(r.duration_ms)}</Fact>
        <Fact title="Test">{r.test ? <a href={testHref(r.test)}><TestName name={r.test} /></a> : <em>none: {r.why || 'not known'}</em>}</Fact>
        {r.test && <Fact title="Named by">{r.source}{r.phase && `, in its ${r.phase}`}</Fact>}
        <Fact title="Client"><bdi>{r.client || '–'}</bdi>{r.command && <>, <code>{r.command}</code></>}</Fact>
      </dl>
      <Copies r={r} server={server} />
    </>
  )
}

const Fact = ({ title, children }: { title: string; children: ComponentChildren }) => <><dt>{title}</dt><dd>{children}</dd></>

/** Buttons that copy the request as a command. */
export function Copies({ r, server }: { r: LiveRow; server: string }) {
  const [said, say] = useState('')
  if (!repeatable(r)) return <p class="none">What such a request told the program in the container is not recorded, so it cannot be sent again.</p>
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text)
      say(`Copied: ${text}`)
    } catch {
      say(text)
    }
  }
  const [kubectl, curl] = [kubectlOf(r), curlOf(r, server)]
  return (
    <div class="copies">
      {kubectl && <button type="button" onClick={() => void copy(kubectl)}>Copy as kubectl</button>}
      {curl && <button type="button" onClick={() => void copy(curl)}>Copy as curl</button>}
      <output>{said && <code>{said}</code>}</output>
    </div>
  )
}
