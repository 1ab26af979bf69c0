import { type Graph, linesOf, textOf } from './model.js'

/** The graph as Mermaid, which many viewers of Markdown draw. */
export function mermaid({ functions, buckets, triggers }: Graph): string {
  const fn = names(
    'f',
    functions.map(({ name }) => name),
  )
  const bucket = names('b', buckets)
  const lines = [
    ...functions.map(
      (node) =>
        `${fn(node.name)}${node.isEntry ? '([' : '['}${label(textOf(node))}${node.isEntry ? '])' : ']'}`,
    ),
    ...buckets.map((name) => `${bucket(name)}[(${label([name])})]`),
    ...triggers.map((trigger, at) => `t${at}{{${label(linesOf(trigger))}}}`),
    ...functions.flatMap(({ name, puts = [] }) => puts.map((to) => `${fn(name)} --> ${bucket(to)}`)),
    ...triggers.flatMap(({ bucket: from, target, others }, at) => [
      `${bucket(from)} --> t${at}`,
      `t${at} --> ${fn(target)}`,
      ...others.map((other) => `t${at} -.-> ${fn(other)}`),
    ]),
  ]
  return ['flowchart LR', ...lines.map((line) => `  ${line}`)].join('\n')
}

/** Short names for things that may be called anything. */
function names(prefix: string, all: readonly string[]): (name: string) => string {
  return (name) => `${prefix}${all.indexOf(name)}`
}

function label(lines: readonly string[]): string {
  return `"${lines.map(escaped).join('<br>')}"`
}

/** Entities, as Mermaid has them, for what means something to it or to HTML. */
function escaped(text: string): string {
  return text.replaceAll(/["&<>#;`\\\n]/g, (character) => `#${character.codePointAt(0)};`)
}
