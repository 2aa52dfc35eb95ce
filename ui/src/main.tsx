import { render } from 'preact'
import { useMemo } from 'preact/hooks'
import { App } from './app'
import { openSource } from './data/source'
import { useRoute } from './route'
import './style.css'

const root = document.getElementById('app')!
root.textContent = ''

/** Another run is another application: nothing of the last one's stays. */
function Runs() {
  const run = useRoute().params.get('run') ?? ''
  const source = useMemo(() => openSource(run), [run])
  return <App key={run} source={source} />
}

render(<Runs />, root)
