import { type Graph, linesOf, textOf } from './model.js'

/** The graph in the language of Graphviz. */
export function dot({ app, functions, buckets, triggers }: Graph): string {
  const lines = [
    'rankdir=LR',
    'node [fontname="sans-serif", fontsize=11]',
    ...functions.map((node) =>
      box(`fn ${node.name}`, textOf(node), {
        shape: 'box',
        style: node.isEntry ? 'rounded,bold' : 'rounded',
      }),
    ),
    ...buckets.map((name) => box(`bucket ${name}`, [name], { shape: 'cylinder' })),
    ...triggers.map((trigger) => box(`trigger ${trigger.id}`, linesOf(trigger), { shape: 'hexagon' })),
    ...functions.flatMap(({ name, puts = [] }) => puts.map((to) => edge(`fn ${name}`, `bucket ${to}`))),
    ...triggers.flatMap(({ id, bucket, target, others }) => [
      edge(`bucket ${bucket}`, `trigger ${id}`),
      edge(`trigger ${id}`, `fn ${target}`),
      ...others.map((other) => `${edge(`trigger ${id}`, `fn ${other}`)} [style=dashed]`),
    ]),
  ]
  return [`digraph ${quoted(app)} {`, ...lines.map((line) => `  ${line}`), '}'].join('\n')
}

function box(
  id: string,
  lines: readonly string[],
  { shape, style }: { shape: string; style?: string },
): string {
  const looks = style === undefined ? '' : `, style=${quoted(style)}`
  return `${quoted(id)} [label=${quoted(lines.join('\n'))}, shape=${shape}${looks}]`
}

function edge(from: string, to: string): string {
  return `${quoted(from)} -> ${quoted(to)}`
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
