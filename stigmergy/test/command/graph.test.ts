import test from 'ava'
import { bySet, defineApp, defineRuntime, dynamicJoin, immediate, type AppBuilder } from 'stigmergy'
import { dot } from '../../src/command/graph/dot.js'
import { mermaid } from '../../src/command/graph/mermaid.js'
import { graphOf } from '../../src/command/graph/model.js'
import { numbersApp } from './apps.js'
import { folderWith, stigmergy } from './setting.js'

const nothing = (): void => undefined

function drawn(define: (app: AppBuilder) => unknown) {
  return graphOf(defineApp('app', define), defineRuntime())
}

test('the graph has what the app declares, and says where it does not', (t) => {
  const graph = drawn((app) => {
    const items = app.bucket('items')
    const work = app.fn('work', nothing)
    const late = app.fn('late', nothing)
    const join = app.fn('join', nothing, { puts: [] })
    items.when(dynamicJoin({ parallel: work }), join, {
      deadline: 5,
      onDeadline: { fallback: late },
      filter: () => true,
    })
    return { begin: app.fn('begin', nothing, { puts: [items] }), items }
  })
  t.deepEqual(graph.functions, [
    { name: 'work', isEntry: false, puts: undefined },
    { name: 'late', isEntry: false, puts: undefined },
    { name: 'join', isEntry: false, puts: [] },
    { name: 'begin', isEntry: true, puts: ['items'] },
  ])
  t.like(graph.triggers[0], {
    id: 'items.join',
    primitive: 'dynamic-join',
    options: { parallel: 'work' },
    common: ['deadline: 5', "onDeadline: { fallback: { app: 'app', fn: 'late' } }", 'filter'],
    others: ['work', 'late'],
  })
})

test('Mermaid has a line for each part and each arrow', (t) => {
  const graph = drawn((app) => {
    const parts = app.bucket('parts')
    parts.when(bySet({ keys: ['a'] }), app.fn('join', nothing, { puts: [] }))
    return { begin: app.fn('begin', nothing, { puts: [parts] }) }
  })
  t.deepEqual(mermaid(graph).split('\n'), [
    'flowchart LR',
    '  f0["join"]',
    '  f1(["begin"])',
    '  b0[("parts")]',
    `  t0{{"by-set<br>keys: [ 'a' ]"}}`,
    '  f1 --> b0',
    '  b0 --> t0',
    '  t0 --> f0',
  ])
})

test('names may have any characters', (t) => {
  const graph = drawn((app) => {
    app.bucket('a "b" <c> #d; \\e\nf').when(immediate(), app.fn('g', nothing))
  })
  t.true(mermaid(graph).includes('("a #34;b#34; #60;c#62; #35;d#59; #92;e#10;f")'), mermaid(graph))
  t.true(dot(graph).includes('"bucket a \\"b\\" <c> #d; \\\\e\\nf" [label='))
})

test('long options are cut', (t) => {
  const keys = Array.from({ length: 40 }, (_, number) => `key-${number}`)
  const graph = drawn((app) => void app.bucket('b').when(bySet({ keys }), app.fn('f', nothing)))
  const line = mermaid(graph)
    .split('\n')
    .find((each) => each.includes('by-set'))!
  t.true(line.length < 120, line)
})

test('each format can be asked for, SVG without a browser', async (t) => {
  const folder = await folderWith(t, { 'app.ts': numbersApp })
  const output = async (...args: readonly string[]) =>
    (await stigmergy(folder, ['graph', 'app.ts', ...args])).stdout
  t.true((await output()).startsWith('flowchart LR\n'))
  t.true((await output('--format', 'dot')).startsWith('digraph "numbers" {\n'))
  const svg = await output('--format', 'svg')
  t.regex(svg, /<svg /)
  for (const text of ['half', 'halves', 'by&#45;batch&#45;size', 'count: 2']) t.true(svg.includes(text), text)
  const json = JSON.parse(await output('--format', 'json')) as { functions: { puts: unknown }[] }
  t.is(json.functions[0]?.puts, null)
  t.deepEqual(JSON.parse(await output('--json')), json)
})
