import test from 'ava'
import { numbersApp } from './apps.js'
import { folderWith, stigmergy } from './setting.js'

const brokenApp = `
import { byBatchSize, defineApp, immediate } from 'stigmergy'
console.log('imported')
export const app = defineApp('app', (app) => {
  const bucket = app.bucket('bucket')
  const lost = app.bucket('lost')
  const fn = app.fn('fn', () => console.log('ran'))
  bucket.when(byBatchSize({ count: 0 }), fn)
  bucket.when({ primitive: 'every-nth', options: {} }, fn, { name: 'nth' })
})
`

test('errors and warnings are told with their remedies, and errors make the exit code 1', async (t) => {
  const folder = await folderWith(t, { 'app.ts': brokenApp })
  const { code, stdout } = await stigmergy(folder, ['check', 'app.ts'])
  t.is(code, 1)
  const lines = stdout.trimEnd().split('\n')
  t.regex(lines[1]!, /^error {3}STG_OPTIONS_INVALID: trigger bucket\.fn: .*count/)
  t.regex(lines[2]!, /^ {8}remedy: /)
  t.regex(lines[3]!, /^error {3}STG_PRIMITIVE_UNKNOWN: /)
  t.is(lines[5], 'warning bucket lost: never-read: it has no trigger, so nothing reads what is put there')
  t.is(
    lines.at(-1),
    'app app on the default runtime, with 1 function, 2 buckets, 2 triggers: 2 errors, 1 warning',
  )
  t.false(lines.includes('ran'))
})

test('warnings alone leave the exit code 0, unless --strict is given', async (t) => {
  const folder = await folderWith(t, { 'app.ts': numbersApp })
  t.is((await stigmergy(folder, ['check', 'app.ts'])).code, 0)
  t.is((await stigmergy(folder, ['check', 'app.ts', '--strict'])).code, 1)
})

test('with --json each finding is a line', async (t) => {
  const folder = await folderWith(t, { 'app.ts': numbersApp })
  const { stdout } = await stigmergy(folder, ['check', 'app.ts', '--json'])
  const findings = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  t.is(findings.length, 1)
  t.like(findings[0], { level: 'warning', about: 'trigger halves.pair', code: 'can-wait-for-ever' })
})

test('without an app the config is checked, and what is wrong with it is told', async (t) => {
  const folder = await folderWith(t, {
    'good.mjs': `import { defineRuntime } from 'stigmergy'\nexport default defineRuntime()`,
    'bad.mjs': `import { definePlugin, defineRuntime, token } from 'stigmergy'
      const plugin = definePlugin({ name: 'alarms', needs: { mail: token('Mail') }, start: () => undefined })
      export default defineRuntime({ plugins: [plugin] })`,
    'missing.mjs': `import { defineRuntime } from 'stigmergy'\nexport default defineRuntime({ primitives: ['@acme/none'] })`,
  })
  const good = await stigmergy(folder, ['check', '--config', 'good.mjs'])
  t.is(good.stdout, 'good.mjs, with 8 primitives and no plugins: no errors, no warnings\n')
  const bad = await stigmergy(folder, ['check', '--config', 'bad.mjs'])
  t.is(bad.code, 1)
  t.regex(bad.stderr, /^STG_CONFIG_PLUGIN: Plugin alarms needs mail/)
  const missing = await stigmergy(folder, ['check', '--config', 'missing.mjs'])
  t.is(missing.code, 1)
  t.regex(missing.stderr, /^STG_CONFIG_PACKAGE: .*npm install @acme\/none/)
})
