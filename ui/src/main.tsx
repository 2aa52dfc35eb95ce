import { render } from 'preact'
import { App } from './app'
import { openSource } from './data/source'
import './style.css'

const root = document.getElementById('app')!
root.textContent = ''
render(<App source={openSource()} />, root)
