import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { numbersApp } from './apps.js'
import { folderWith, stigmergy } from './setting.js'

/** An app whose trigger is of a primitive that no runtime has by itself. */
const nthApp = `
import { defineApp } from 'stigmergy'
export const app = defineApp('app', (app) => {
  const bucket = app.bucket<number>('numbers')
  const begin = app.fn<number>('begin', async ({ value }, { put }) => {
    for (let n = 1; n <= value; n += 1) await put(bucket, undefined, n)
  })
  const show = app.fn<number>('show', ({ value }) => console.log('shows', value))
  bucket.when({ primitive: 'every-nth', options: { n: 2 } }, show)
  return { begin }
})
`
const everyNth = `
import { primitive, Trigger, type ObjectRef, type TriggerContext } from '@stigmergy/core'
import { z } from 'zod'

@primitive({ name: 'every-nth', scope: 'session', stateVersion: 1, options: z.strictObject({ n: z.int().min(1) }) })
export class EveryNth extends Trigger<{ n: number }, { seen: number }> {
  initialState() {
    return { seen: 0 }
  }
  onObject(state: { seen: number }, object: ObjectRef, ctx: TriggerContext) {
    state.seen += 1
    if (state.seen % this.options.n === 0) return [{ objects: [object] }]
    ctx.dispose(object, 'filtered')
    return []
  }
  describe(state: { seen: number }) {
    return { held: [], awaiting: { count: this.options.n - (state.seen % this.options.n) } }
  }
}
`
const config = `
import { defineRuntime } from 'stigmergy'
import { EveryNth } from './every-nth.js'
export default defineRuntime({ primitives: [EveryNth] })
`

test('the config is found in a folder above, in TypeScript, with a primitive beside it', async (t) => {
  const folder = await folderWith(t, {
    'stigmergy.config.ts': config,
    'every-nth.ts': everyNth,
    'apps/deep/app.ts': nthApp,
  })
  const { stdout, stderr } = await stigmergy(join(folder, 'apps/deep'), ['run', 'app.ts', '4'])
  t.is(stdout, 'shows 2\nshows 4\nundefined\n', stderr)
})

test('--config names another one, in JavaScript', async (t) => {
  const folder = await folderWith(t, {
    'stigmergy.config.ts': 'throw new Error("not this one")',
    'other.mjs': `import { defineRuntime } from 'stigmergy'\nexport default defineRuntime()`,
    'app.ts': nthApp,
  })
  const { code, stderr } = await stigmergy(folder, ['run', 'app.ts', '4', '--config', 'other.mjs'])
  t.is(code, 1)
  t.regex(stderr, /^STG_PRIMITIVE_UNKNOWN: /)
})

test('a package that the config names brings its primitives', async (t) => {
  const folder = await folderWith(t, {
    'apps/app.ts': nthApp,
    'apps/stigmergy.config.js': `import { defineRuntime } from 'stigmergy'
      export default defineRuntime({ primitives: ['@acme/every-nth'] })`,
    'packages/every-nth/package.json': JSON.stringify({
      name: '@acme/every-nth',
      version: '1.0.0',
      type: 'module',
      exports: './index.ts',
      peerDependencies: { '@stigmergy/core': '>=0.1' },
    }),
    'packages/every-nth/index.ts': everyNth,
    'apps/node_modules/@acme/empty': '',
  })
  await symlink(join(folder, 'packages/every-nth'), join(folder, 'apps/node_modules/@acme/every-nth'))
  const { stdout, stderr } = await stigmergy(join(folder, 'apps'), ['run', 'app.ts', '4'])
  t.is(stdout, 'shows 2\nshows 4\nundefined\n', stderr)
})

test('a config that is wrong is told as it is by defineRuntime', async (t) => {
  const folder = await folderWith(t, {
    'stigmergy.config.ts': `import { defineRuntime } from 'stigmergy'
      export default defineRuntime({ limits: { slots: 0 } })`,
    'app.ts': numbersApp,
  })
  const { code, stderr } = await stigmergy(folder, ['run', 'app.ts', '4'])
  t.is(code, 1)
  t.regex(stderr, /^STG_CONFIG_INVALID: limits: slots must be /)
})

test('what is no config, no app or no module is told', async (t) => {
  const folder = await folderWith(t, {
    'number.mjs': 'export default 1',
    'broken.ts': 'export const = 1',
    'throws.ts': 'throw new Error("no luck")',
    'two.ts': `import { defineApp } from 'stigmergy'
      export const a = defineApp('a', () => undefined)
      export const b = defineApp('b', () => undefined)`,
    'app.ts': numbersApp,
  })
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['app.ts', '--config', 'number.mjs'], /number\.mjs must have as its default export what defineRuntime/],
    [['app.ts', '--config', 'none.ts'], /There is no file none\.ts/],
    [['number.mjs'], /number\.mjs exports no app/],
    [['broken.ts'], /Importing broken\.ts, which should be an app, failed: /],
    [['throws.ts'], /failed: no luck/],
    [['two.ts'], /exports several apps; name one: two\.ts#a, two\.ts#b/],
    [['two.ts#c'], /exports no app as c; there is two\.ts#a, two\.ts#b/],
  ]
  for (const [args, message] of cases) {
    const { code, stderr } = await stigmergy(folder, ['run', ...args])
    t.is(code, 1)
    t.regex(stderr, /^STG_CONFIG_MODULE: /)
    t.regex(stderr, message)
    t.notRegex(stderr, /^\s+at /m)
  }
})
