import { expect, test } from 'vitest'
import { curlOf, kubectlOf, shellQuote } from './copy'

// without Node's types, which the application has no use for
const { execFileSync } = (await import('node:child_process' as string)) as {
  execFileSync: (program: string, args: string[], options: { encoding: 'utf8' }) => string
}

const get = { method: 'GET', resource: 'pods', path: '/api/v1/namespaces/a/pods', query: '' }

test('a GET is for kubectl', () => {
  expect(kubectlOf(get)).toBe("kubectl get --raw '/api/v1/namespaces/a/pods'")
  expect(kubectlOf({ ...get, query: 'labelSelector=a%3Db&watch=true' })).toBe("kubectl get --raw '/api/v1/namespaces/a/pods?labelSelector=a%3Db&watch=true'")
  expect(kubectlOf({ ...get, method: 'DELETE' })).toBe('')
})

test('curl has variables for what is secret or not recorded', () => {
  expect(curlOf(get, 'https://user:secret@10.0.0.1:6443/base?token=x')).toBe(
    `curl -X GET --cacert "$CACERT" --header "Authorization: Bearer $TOKEN" 'https://10.0.0.1:6443/api/v1/namespaces/a/pods'`)
  expect(curlOf({ ...get, method: 'POST' }, 'https://h')).toContain(`--header 'Content-Type: application/json' --data-binary "@$BODY" 'https://h/`)
  expect(curlOf({ ...get, method: 'PATCH' }, 'https://h')).toContain('--header "Content-Type: $CONTENT_TYPE" --data-binary "@$BODY"')
  expect(curlOf({ ...get, method: 'DELETE' }, 'https://h')).not.toContain('BODY')
})

test('what cannot be sent again is not copied', () => {
  for (const resource of ['pods/exec', 'pods/attach', 'pods/portforward']) {
    expect([kubectlOf({ ...get, resource }), curlOf({ ...get, resource }, 'https://h')]).toEqual(['', ''])
  }
  expect(curlOf(get, '')).toBe('')
  expect(curlOf(get, 'javascript:alert(1)')).toBe('')
  expect(curlOf({ ...get, method: 'GET; rm' }, 'https://h')).toBe('')
  expect(kubectlOf({ ...get, path: '--kubeconfig=x' })).toBe('')
})

test('a shell reads quoted words as they were', () => {
  for (const word of ["it's", '$(touch x) `y` "z"', 'a b\n\\c', "'", '!history ~ * ?', '']) {
    expect(execFileSync('sh', ['-c', `printf %s ${shellQuote(word)}`], { encoding: 'utf8' })).toBe(word)
  }
  const path = `/api/v1/namespaces/it's/pods/$(id) b`
  expect(execFileSync('sh', ['-c', `printf '%s\\n' ${kubectlOf({ ...get, path })}`], { encoding: 'utf8' })).toBe(`kubectl\nget\n--raw\n${path}\n`)
})
