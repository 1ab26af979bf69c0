import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createPackage } from './create.js'
import { NameRefused, namesFor } from './names.js'

const help = `Usage: npm create stigmergy-primitive <name> [-- --dir <folder>]

Makes a package with a trigger primitive that builds, keeps the laws of triggers, and can be published.

  <name>           of the package, such as my-trigger or @acme/my-trigger
  --dir <folder>   where to make it; missing or empty (default: ./ and the name, without a scope)
  -h, --help       print this help

Exit codes: 0 made, 1 could not be made, 2 the call was wrong.`

/** Where the command writes to. */
export interface Output {
  print(text: string): unknown
  tell(text: string): unknown
}

/** Runs the command with these arguments; gives its exit code. */
export async function perform(args: readonly string[], output: Output): Promise<number> {
  try {
    const call = parsed(args)
    if (call.is === 'help') output.print(help)
    else output.print(await made(call))
    return 0
  } catch (error) {
    if (!(error instanceof Error)) throw error
    output.tell(`error: ${error.message}`)
    if (error instanceof UsageError) output.tell('\n' + help)
    return error instanceof UsageError || error instanceof NameRefused ? 2 : 1
  }
}

class UsageError extends Error {
  override readonly name = 'UsageError'
}

type Call =
  { readonly is: 'help' } | { readonly is: 'make'; readonly name: string; readonly dir: string | undefined }

function parsed(args: readonly string[]): Call {
  const { values, positionals } = parse(args)
  if (values.help === true) return { is: 'help' }
  const [name, ...others] = positionals
  if (name === undefined) throw new UsageError('the name of the package is missing')
  if (others.length > 0) throw new UsageError(`one name is enough; there is also ${others.join(' ')}`)
  return { is: 'make', name, dir: values.dir }
}

function parse(args: readonly string[]) {
  const options = { dir: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (cause) {
    const [why = ''] = (cause as Error).message.split('. ')
    throw new UsageError(why, { cause })
  }
}

/** Makes the package; gives what to tell of it. */
async function made({ name, dir }: Extract<Call, { readonly is: 'make' }>): Promise<string> {
  const names = namesFor(name)
  const folder = resolve(dir ?? name.replace(/^@[^/]*\//, ''))
  const here = relative(process.cwd(), folder) || '.'
  const files = await createPackage(folder, names, new Date().getFullYear())
  return [
    `Made ${name} in ${here}:`,
    ...files.map((file) => `  ${file}`),
    '',
    'Next:',
    ...(here === '.' ? [] : [`  cd ${here}`]),
    '  npm install',
    '  npm test',
    '  npm run build',
  ].join('\n')
}
