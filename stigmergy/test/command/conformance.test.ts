import { readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { junit } from '../../src/command/conformance/junit.js'
import { folderWith, stigmergy } from './setting.js'

/** A primitive that fires every nth object, and what becomes of the others. */
const primitive = (name: string, className: string, others: string): string => `
import { primitive, Trigger, type ObjectRef, type TriggerContext } from '@stigmergy/core'
import { z } from 'zod'

@primitive({ name: '${name}', scope: 'session', stateVersion: 1, options: z.strictObject({ n: z.int().min(1) }) })
export class ${className} extends Trigger<{ n: number }, { seen: number }> {
  initialState() {
    return { seen: 0 }
  }
  onObject(state: { seen: number }, object: ObjectRef, ctx: TriggerContext) {
    state.seen += 1
    if (state.seen % this.options.n === 0) return [{ objects: [object] }]
    ${others}
    return []
  }
  describe(state: { seen: number }) {
    return { held: [], awaiting: { count: this.options.n - (state.seen % this.options.n) } }
  }
}
`
const filters = `ctx.dispose(object, 'filtered')`
const forgets = `if (state.seen < 3) ctx.dispose(object, 'filtered')`

const subject = (className: string, from: string): string => `
import { ${className} } from '${from}'
export const subject = {
  primitive: ${className},
  options: { valid: [{ n: 2 }], invalid: [{ n: 0 }, {}, null] },
  examples: [{ given: ['a', 'b'], fires: [['b']] }],
}
`
const manifest = JSON.stringify({ name: 'trigger-nth', type: 'module', exports: { '.': './src/index.ts' } })

/** A package whose laws take little time. */
const runs = ['--runs', '100']

test('the primitives of a package are checked, and each law is told', async (t) => {
  const folder = await folderWith(t, {
    'package.json': manifest,
    'src/index.ts': primitive('nth', 'Nth', filters),
    'test/conformance.ts': subject('Nth', '../src/index.js'),
  })
  const { code, stdout, stderr } = await stigmergy(folder, ['conformance', ...runs])
  t.is(code, 0, stdout + stderr)
  const lines = stdout.trimEnd().split('\n')
  t.true(lines.includes('kept    nth: C10 conservation'))
  t.regex(lines.at(-1)!, /^1 primitive, \d\d laws checked, all kept$/)
})

test('a broken law is told with what happened, an example to keep, and the command that repeats it', async (t) => {
  const folder = await folderWith(t, {
    'package.json': manifest,
    'src/index.ts': primitive('nth', 'Nth', forgets),
    'conformance.ts': subject('Nth', './src/index.js'),
  })
  const first = await stigmergy(folder, [
    'conformance',
    '.',
    '--law',
    'P22 describe-holds',
    '--junit',
    'report.xml',
    '--seed',
    '1', // of some others the smallest history repeats a key, in a multi bucket
    ...runs,
  ])
  t.is(first.code, 1)
  const lines = first.stdout.split('\n').map((line) => line.trim())
  t.is(lines[0], 'BROKEN  nth: P22 describe-holds')
  t.true(lines.includes('state after the last step:  s1: { seen: 3 }'), first.stdout)
  t.true(
    lines.some((line) => /^\{ options: \{ n: 2 \}, given: \[.*\], fires: \[ \[ .* \] \] \},$/.test(line)),
    first.stdout,
  )
  const [, again = ''] = /^again: npx stigmergy (.*)$/m.exec(lines.join('\n')) ?? []
  const args = again.split(/ (?=--)/).flatMap((part) => /^(\S+) ?(.*)$/.exec(part)!.slice(1))
  const repeated = await stigmergy(
    folder,
    args.map((arg) => arg.replaceAll("'", '')).filter((arg) => arg !== ''),
  )
  t.is(repeated.code, 1)
  t.is(repeated.stdout, first.stdout)
  const report = await readFile(join(folder, 'report.xml'), 'utf8')
  t.regex(
    report,
    /<testcase classname="nth" name="P22 describe-holds" time="[\d.]+">\n {6}<failure message="P22 describe-holds: /,
  )
})

test('with --json each law is a line', async (t) => {
  const folder = await folderWith(t, {
    'package.json': manifest,
    'src/index.ts': primitive('nth', 'Nth', forgets),
    'conformance.ts': subject('Nth', './src/index.js'),
  })
  const args = [
    'conformance',
    'conformance.ts',
    '--json',
    '--law',
    'C7 firing-ids',
    '--law',
    'P22 describe-holds',
  ]
  const { stdout } = await stigmergy(folder, [...args, '--seed', '7', ...runs])
  const laws = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  t.is(laws.length, 2)
  t.like(
    laws.find(({ kept }) => kept === true),
    { primitive: 'nth', law: 'C7 firing-ids' },
  )
  t.like(
    laws.find(({ kept }) => kept === false),
    { law: 'P22 describe-holds', seed: 7 },
  )
})

test('a primitive that a package exports and nobody tests is told', async (t) => {
  const folder = await folderWith(t, {
    'package.json': manifest,
    'src/other.ts': primitive('other', 'Other', filters),
    'src/nth.ts': primitive('nth', 'Nth', filters),
    'src/index.ts': `export { Other } from './other.js'\nexport { Nth } from './nth.js'`,
    'src/conformance.ts': subject('Nth', './index.js'),
  })
  const { code, stdout } = await stigmergy(folder, ['conformance', '--law', 'P22 examples'])
  t.is(code, 1)
  t.true(stdout.includes('BROKEN  other: nobody says what it is tested with'))
})

test('an installed package says by its exports what it is tested with', async (t) => {
  const folder = await folderWith(t, {
    'nth/package.json': JSON.stringify({
      name: 'trigger-nth',
      type: 'module',
      exports: { '.': './index.ts', './conformance': { default: './laws.ts' } },
    }),
    'nth/index.ts': primitive('nth', 'Nth', filters),
    'nth/laws.ts': subject('Nth', './index.js'),
    'app/node_modules/none.txt': '',
  })
  await symlink(join(folder, 'nth'), join(folder, 'app/node_modules/trigger-nth'))
  const args = ['conformance', 'trigger-nth', '--law', 'P22 examples']
  const { stdout, stderr } = await stigmergy(join(folder, 'app'), args)
  t.is(stdout, 'kept    nth: P22 examples\n1 primitive, 1 law checked, all kept\n', stderr)
})

test('what cannot be tested is told, and a wrong call is', async (t) => {
  const folder = await folderWith(t, {
    'package.json': manifest,
    'src/index.ts': primitive('nth', 'Nth', filters),
  })
  const nothing = await stigmergy(folder, ['conformance'])
  t.is(nothing.code, 1)
  t.regex(nothing.stderr, /It has the primitives nth\. Write test\/conformance\.ts/)
  const unknown = await stigmergy(folder, ['conformance', 'no-such-package'])
  t.regex(unknown.stderr, /no-such-package is no module, no folder of a package and no package/)
  const path = await stigmergy(folder, ['conformance', '--path', '1:2'])
  t.is(path.code, 2)
})

test('a report for build servers is well-formed whatever a law says', (t) => {
  const laws = [
    { primitive: 'a<b', law: 'C1 purity', ms: 1_500, broken: undefined },
    { primitive: 'a<b', law: 'C2 "x"', ms: 500, broken: 'C2: \u0001 & \uD800 <tag>\nsecond line' },
  ]
  t.deepEqual(junit(laws).split('\n'), [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites tests="2" failures="1" time="2.000">',
    '  <testsuite name="a&lt;b" tests="2" failures="1" time="2.000">',
    '    <testcase classname="a&lt;b" name="C1 purity" time="1.500"/>',
    '    <testcase classname="a&lt;b" name="C2 &quot;x&quot;" time="0.500">',
    '      <failure message="C2: � &amp; � &lt;tag&gt;">C2: � &amp; � &lt;tag&gt;&#10;second line</failure>',
    '    </testcase>',
    '  </testsuite>',
    '</testsuites>',
    '',
  ])
})
