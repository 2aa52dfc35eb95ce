import type { LiveRow } from './live'

/** A word that any POSIX shell reads as it is. */
export const shellQuote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

type Asked = Pick<LiveRow, 'method' | 'resource' | 'path' | 'query'>

const target = (r: Asked) => r.path + (r.query ? '?' + r.query : '')

/** Whether the request can be sent again: what exec, attach and port forwarding are told is not recorded, and no plain client can ask for them. */
export const repeatable = (r: Asked) => r.path.startsWith('/') && !/\/(exec|attach|portforward)$/.test(r.resource)

/** The request as kubectl sends it with the credentials of whoever runs it; "" if kubectl has no such command. */
export const kubectlOf = (r: Asked) => (r.method === 'GET' && repeatable(r) ? `kubectl get --raw ${shellQuote(target(r))}` : '')

/** The request for curl, with variables in place of all that is secret or not recorded; "" if that cannot be. */
export function curlOf(r: Asked, server: string): string {
  const root = origin(server)
  if (!repeatable(r) || !root || !/^[A-Z]+$/.test(r.method)) return ''
  const words = ['curl', '-X', r.method, '--cacert "$CACERT"', '--header "Authorization: Bearer $TOKEN"']
  if (r.method === 'PATCH') words.push('--header "Content-Type: $CONTENT_TYPE"')
  else if (/^(POST|PUT)$/.test(r.method)) words.push("--header 'Content-Type: application/json'")
  if (/^(POST|PUT|PATCH)$/.test(r.method)) words.push('--data-binary "@$BODY"')
  return [...words, shellQuote(root + target(r))].join(' ')
}

/** Scheme, host and port; no user, no password. */
function origin(server: string): string {
  try {
    const u = new URL(server)
    return /^https?:$/.test(u.protocol) ? u.origin : ''
  } catch {
    return ''
  }
}
