import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { StigmergyError } from '../src/index.js'
import { pluginOf, primitivesOf } from '../src/runtime/packages.js'
import { satisfies } from '../src/runtime/version-range.js'

const source = new URL('../src/index.ts', import.meta.url).href
const primitives = `
import { primitive, Trigger } from ${JSON.stringify(source)}
const options = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
function made(name) {
  const type = class extends Trigger {
    initialState() { return {} }
    onObject(_state, object) { return [{ objects: [object] }] }
    describe() { return { held: [], awaiting: {} } }
  }
  primitive({ name, scope: 'session', stateVersion: 1, options })(type)
  return type
}
export const One = made('one')
export const Two = made('two')
export const One2 = One
export const helper = () => 1
`

/** A folder in which packages are installed; gives the URL of a module that would import them. */
async function installed(
  t: ExecutionContext,
  packages: Readonly<Record<string, { readonly manifest?: object; readonly code: string }>>,
): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'stigmergy-packages-')))
  t.teardown(() => rm(folder, { recursive: true }))
  for (const [name, { manifest, code }] of Object.entries(packages)) {
    const file = join(folder, 'node_modules', name, 'lib/main.mjs')
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, code)
    const whole = {
      name,
      version: '2.1.0',
      exports: { '.': { types: './none.d.ts', import: './lib/main.mjs' } },
      ...manifest,
    }
    await writeFile(join(folder, 'node_modules', name, 'package.json'), JSON.stringify(whole))
  }
  return pathToFileURL(join(folder, 'apps/orders/config.mjs')).href
}

async function refusal(t: ExecutionContext, promise: Promise<unknown>): Promise<StigmergyError> {
  const error = await t.throwsAsync(promise)
  t.true(StigmergyError.is(error, 'STG_CONFIG_PACKAGE'))
  return error as StigmergyError
}

test('a package brings every primitive that it exports, each once, found from a folder below', async (t) => {
  const from = await installed(t, { '@acme/pair': { code: primitives } })
  const found = await primitivesOf('@acme/pair', from)
  t.is(found.length, 2)
})

test('a package brings its default export as a plugin, or what that makes', async (t) => {
  const from = await installed(t, {
    plain: { code: `export default { name: 'plain' }` },
    made: { code: `export default () => ({ name: 'made' })` },
  })
  t.is((await pluginOf('plain', from)).name, 'plain')
  t.is((await pluginOf('made', from)).name, 'made')
})

test('a package that is not installed is told, with the command that installs it', async (t) => {
  const from = await installed(t, {})
  const { message } = await refusal(t, primitivesOf('@acme/none', from))
  t.regex(message, /npm install @acme\/none/)
})

test('a package for other versions of core is refused before it is imported, with both versions', async (t) => {
  const manifest = { peerDependencies: { '@stigmergy/core': '^7.3.0' } }
  const from = await installed(t, { old: { manifest, code: `throw new Error('imported')` } })
  const { message, details } = await refusal(t, primitivesOf('old', from))
  t.regex(message, /version 2\.1\.0 needs @stigmergy\/core \^7\.3\.0, and this is \d/)
  t.like(details, { package: 'old', version: '2.1.0', range: '^7.3.0' })
})

test('a package without anything to offer is refused, and says what was looked for', async (t) => {
  const from = await installed(t, { empty: { code: `export const one = 1` } })
  t.regex((await refusal(t, primitivesOf('empty', from))).message, /exports no primitive/)
  t.regex((await refusal(t, pluginOf('empty', from))).message, /neither a plugin nor a function/)
})

test('a package that cannot be imported is told with its error', async (t) => {
  const from = await installed(t, { broken: { code: `throw new Error('no such file')` } })
  const { message, cause } = await refusal(t, primitivesOf('broken', from))
  t.regex(message, /importing it failed: no such file/)
  t.is((cause as Error).message, 'no such file')
})

test('the module of a package is what its exports say of an import, else its main', async (t) => {
  const code = `export default { name: 'found' }`
  const shapes = [
    { exports: './lib/main.mjs' },
    { exports: { require: './none.cjs', node: { import: './lib/main.mjs' } } },
    { exports: [{ browser: './none.js' }, './lib/main.mjs'] },
    { exports: undefined, main: 'lib/main.mjs' },
  ]
  const packages = shapes.map((manifest, at) => [`shape-${at}`, { manifest, code }] as const)
  const from = await installed(t, Object.fromEntries(packages))
  for (const [name] of packages) t.is((await pluginOf(name, from)).name, 'found', name)
})

const ranges: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['^1.2.3', ['1.2.3', '1.9.0'], ['1.2.2', '2.0.0']],
  ['^0.2.3', ['0.2.3', '0.2.9'], ['0.2.2', '0.3.0']],
  ['^0.0.3', ['0.0.3'], ['0.0.4', '0.1.0']],
  ['^0', ['0.0.1', '0.9.9'], ['1.0.0']],
  ['~1.2.3', ['1.2.3', '1.2.9'], ['1.3.0', '1.2.2']],
  ['~1', ['1.0.0', '1.9.9'], ['2.0.0', '0.9.9']],
  ['1.x', ['1.0.0', '1.7.3'], ['0.9.0', '2.0.0']],
  ['1.2', ['1.2.0', '1.2.9'], ['1.3.0']],
  ['1.2.3', ['1.2.3'], ['1.2.4', '1.2.2']],
  ['*', ['0.0.0', '9.9.9'], []],
  ['', ['1.0.0'], []],
  ['>=1.2 <3', ['1.2.0', '2.9.9'], ['1.1.9', '3.0.0']],
  ['>= 1.2.0 < 1.4.0', ['1.3.9'], ['1.4.0']],
  ['>1', ['2.0.0'], ['1.9.9']],
  ['>1.2.3', ['1.2.4'], ['1.2.3']],
  ['<=1.2', ['1.2.9', '0.1.0'], ['1.3.0']],
  ['1.0 - 2.0', ['1.0.0', '2.0.9'], ['0.9.9', '2.1.0']],
  ['^1.0.0 || ^3.0.0', ['1.5.0', '3.1.0'], ['2.0.0', '4.0.0']],
  ['^1.0.0-rc.1', ['1.0.0', '1.5.0'], ['2.0.0']],
]

for (const [range, inside, outside] of ranges)
  test(`the range ${JSON.stringify(range)} has the versions that it has for package managers`, (t) => {
    for (const version of inside) t.true(satisfies(version, range), version)
    for (const version of outside) t.false(satisfies(version, range), version)
  })

test('what is no range cannot be judged, and passes', (t) => {
  for (const range of ['latest', 'file:../core', 'git+https://example.org/core.git', 'workspace:^'])
    t.true(satisfies('1.0.0', range), range)
})
