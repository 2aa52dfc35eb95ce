import { useEffect, useRef } from 'preact/hooks'

const keys: [string, string][] = [
  ['/', 'search'], ['g r', 'the run'], ['g t', 'tests'], ['g l', 'timeline'], ['g e', 'endpoints'], ['g c', 'coverage'], ['g u', 'requests without a test'],
  ['g d', 'differences to another run'], ['g v, p', 'the live view, and to pause it'],
  ['j k, ↓ ↑', 'walk through a table'], ['Enter', 'open the row'], ['[ ]', 'the test before, the next test'],
  ['+ − 0, ← →', 'look at the timeline closer, farther, at all of it, earlier, later'], ['← →, ↑ ↓', 'walk through the rings of the coverage'], ['?', 'these keys'], ['Esc', 'close'],
]

export function Help({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} class="keys" aria-label="Keys" onClose={close} onClick={(e) => e.target === dialog.current && close()}>
      <h2>Keys</h2>
      <dl class="facts">{keys.map(([k, what]) => <><dt key={k}><kbd>{k}</kbd></dt><dd>{what}</dd></>)}</dl>
      <form method="dialog"><button type="submit">Close</button></form>
    </dialog>
  )
}
