import { isBuiltin } from 'node:module'

/** What a new package and its parts are called. */
export interface Names {
  /** As npm knows it, such as `@acme/trigger-every-nth`. */
  readonly packageName: string
  /** As apps and logs know the primitive, such as `every-nth`. */
  readonly primitive: string
  /** Such as `EveryNth`. */
  readonly className: string
  /** Such as `everyNth`. */
  readonly functionName: string
}

/** Longest name that npm takes. */
const longest = 214

const part = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/
const primitiveName = /^[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*$/

/** What the template imports, besides words that no function can be called; as names of functions. */
const taken = new Set(
  (
    'primitive trigger z firing objectRef status triggerContext triggerSpec await break case catch class const continue debugger default delete do else enum export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected public ' +
    'return static super switch this throw true try typeof var void while with yield arguments eval'
  ).split(' '),
)

/** A name that cannot be used, with what to do about it. */
export class NameRefused extends Error {
  override readonly name = 'NameRefused'
}

/** The names that follow from the name of the package. Throws `NameRefused`. */
export function namesFor(packageName: string): Names {
  const own = checkedOwnPart(packageName)
  const primitive = own.replace(/^stigmergy-(?=.)/, '').replace(/^trigger-(?=.)/, '')
  if (!primitiveName.test(primitive))
    throw refused(
      packageName,
      'the primitive would be called',
      primitive,
      'begin it with a letter and use one - between words',
    )
  const words = primitive.split(/[._-]/)
  const className = words.map(capitalized).join('')
  const functionName = className.charAt(0).toLowerCase() + className.slice(1)
  if (taken.has(functionName))
    throw refused(
      packageName,
      'its class and function would be called',
      `${className} and ${functionName}`,
      `one is taken: add a word, such as my-${primitive}`,
    )
  return { packageName, primitive, className, functionName }
}

/** The part behind the scope. */
function checkedOwnPart(name: string): string {
  const [, scope, own = ''] = /^(?:@([^/]*)\/)?([^]*)$/.exec(name) ?? []
  if (name.length > longest)
    throw new NameRefused(`The name has ${name.length} characters; npm takes ${longest}.`)
  if (!part.test(own) || (scope !== undefined && !part.test(scope)))
    throw new NameRefused(
      `${JSON.stringify(name)} is no name of an npm package: use a to z, 0 to 9, -, . and _, beginning and ending with a letter or a digit, ` +
        'such as my-trigger or @acme/my-trigger.',
    )
  if (scope === undefined && (isBuiltin(own) || own === 'node_modules' || own === 'favicon.ico'))
    throw new NameRefused(`npm takes no package called ${own}: choose another name, such as ${own}-trigger.`)
  return own
}

function refused(packageName: string, what: string, name: string, remedy: string): NameRefused {
  return new NameRefused(
    `With the package name ${packageName}, ${what} ${name}, which does not work: ${remedy}.`,
  )
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
