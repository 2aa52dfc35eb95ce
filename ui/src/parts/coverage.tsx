import { useContext, useMemo } from 'preact/hooks'
import { coveredBy, operationName, type Covered } from '../data/coverage'
import type { RunData } from '../data/run'
import type { Endpoint, Operations } from '../data/types'
import { Model } from '../model'
import { operationHref } from '../route'
import { usePromise, type Answer } from './hooks'

/** The operations of the run's API server and what was asked of them. */
export interface Coverage {
  operations: Operations
  all: Covered[] // in the order of the operations
  byName: Map<string, Covered>
}

/** Reads what is known of operations. */
export function useCoverage(data: RunData): Answer<Coverage> {
  const { source } = useContext(Model)
  const { value: operations, error } = usePromise(() => source.operations(), [data])
  const value = useMemo(() => {
    if (!operations) return undefined
    const all = coveredBy(data, operations)
    return { operations, all, byName: new Map(all.map((c) => [operationName(c.op), c])) }
  }, [data, operations])
  return { value, error }
}

/** The operation that requests for an endpoint are; undefined if none has it. */
export const operationOf = (coverage: Coverage | undefined, e: Endpoint) => coverage?.all[e.operation ?? -1]?.op

export function OperationLink({ coverage, endpoint }: { coverage: Coverage | undefined; endpoint: Endpoint }) {
  const op = operationOf(coverage, endpoint)
  return op ? <a href={operationHref(operationName(op))} title={`${op.method} ${op.path}`}>{operationName(op)}</a> : null
}

/** What to do where no operations are known. */
export const NoOperations = ({ run }: { run: string }) => (
  <p class="hint">
    The operations of this run's API server are not known: the recording has none of its OpenAPI documents, as those of correlated runs and of
    older versions of e2etap. <code>{`kubectl get --raw /openapi/v2 > swagger.json && report import-openapi --run '${run}' swagger.json`}</code> gives it some.
  </p>
)
