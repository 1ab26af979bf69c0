import { readFile } from 'node:fs/promises'
import test from 'ava'
import {
  clusterExchangeLaws,
  objectStoreLaws,
  transportLaws,
  triggerLaws,
  valueExchangeLaws,
} from '@stigmergy/conformance'

test('the readme lists every law with its sentence', async (t) => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| ([A-Z]+\d+ [a-z-]+) +\| (.*?) +\|$/gm)].map(
    ([, law, sentence]) => `${law}: ${sentence}`,
  )
  const laws = [
    ...triggerLaws,
    ...transportLaws,
    ...objectStoreLaws,
    ...clusterExchangeLaws,
    ...valueExchangeLaws,
  ]
  t.deepEqual(
    rows,
    laws.map(({ id, name, sentence }) => `${id} ${name}: ${sentence}`),
  )
})
