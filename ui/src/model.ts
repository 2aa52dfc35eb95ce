import { createContext } from 'preact'
import type { Source } from './data/source'

/** Where views ask for what they need. */
export const Model = createContext<{ source: Source }>(null!)
