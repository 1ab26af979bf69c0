/** A law that was checked. */
export interface CheckedLaw {
  readonly primitive: string
  /** Its id and its name, such as `C10 conservation`. */
  readonly law: string
  readonly ms: number
  /** Why it is broken; undefined when it is kept. */
  readonly broken: string | undefined
}

/** The report that build servers read: one suite per primitive, one case per law. */
export function junit(laws: readonly CheckedLaw[]): string {
  const primitives = [...new Set(laws.map(({ primitive }) => primitive))]
  const suites = primitives.map((name) =>
    suite(
      name,
      laws.filter(({ primitive }) => primitive === name),
    ),
  )
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts(laws)}>`,
    ...suites.flat(),
    '</testsuites>',
    '',
  ].join('\n')
}

function suite(name: string, laws: readonly CheckedLaw[]): readonly string[] {
  return [
    `  <testsuite name="${escaped(name)}" ${counts(laws)}>`,
    ...laws.flatMap(testCase),
    '  </testsuite>',
  ]
}

function testCase({ primitive, law, ms, broken }: CheckedLaw): readonly string[] {
  const head = `    <testcase classname="${escaped(primitive)}" name="${escaped(law)}" time="${seconds(ms)}"`
  if (broken === undefined) return [`${head}/>`]
  const [message = ''] = broken.split('\n')
  return [
    `${head}>`,
    `      <failure message="${escaped(message)}">${escaped(broken)}</failure>`,
    '    </testcase>',
  ]
}

function counts(laws: readonly CheckedLaw[]): string {
  const failures = laws.filter(({ broken }) => broken !== undefined).length
  const ms = laws.reduce((total, law) => total + law.ms, 0)
  return `tests="${laws.length}" failures="${failures}" time="${seconds(ms)}"`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
}

/** XML knows no other control characters than these, not even as entities. */
function escaped(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is removed
  const known = text.replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF\p{Surrogate}]/gu, '�')
  return known.replaceAll(/[&<>"\n]/g, (character) => entities[character]!)
}
