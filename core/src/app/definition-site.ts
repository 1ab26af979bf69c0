import { pathToFileURL } from 'node:url'

/** Where an app or a config was defined: what a worker imports to have it defined there, too. */
export interface DefinitionSite {
  /** URL of the module. */
  readonly module: string
  readonly line: number
  readonly column: number
}

/** How far up a definition may be called from. */
const deepestFrame = 50

/**
 * The module whose top level has, directly or by functions with names, called `definer`. Undefined where there is no such module,
 * as in `node --eval`. A frame without a name may also be an anonymous function: whoever imports the module then has to
 * check that the definition is there.
 */
export function definitionSite(definer: (...args: never[]) => unknown): DefinitionSite | undefined {
  const frames = framesAbove(definer)
  const frame = frames.find((each) => each.getFunctionName() === null) ?? frames[0]
  const file = frame?.getFileName()
  if (frame === undefined || typeof file !== 'string') return undefined
  const module = file.startsWith('file:') ? file : pathToFileURL(file).href
  return { module, line: frame.getLineNumber() ?? 0, column: frame.getColumnNumber() ?? 0 }
}

/** The frames above a function that are in files. The hook of V8 is the only way to have them as data. */
function framesAbove(definer: (...args: never[]) => unknown): readonly NodeJS.CallSite[] {
  const { stackTraceLimit } = Error
  const prepareStackTrace: unknown = Reflect.get(Error, 'prepareStackTrace')
  const holder: { stack?: readonly NodeJS.CallSite[] } = {}
  try {
    Error.stackTraceLimit = deepestFrame
    Error.prepareStackTrace = (_error, frames) => frames
    Error.captureStackTrace(holder, definer)
    return (holder.stack ?? []).filter((frame) => isInFile(frame))
  } finally {
    Reflect.set(Error, 'prepareStackTrace', prepareStackTrace)
    Error.stackTraceLimit = stackTraceLimit
  }
}

function isInFile(frame: NodeJS.CallSite): boolean {
  const file = frame.getFileName()
  return typeof file === 'string' && (file.startsWith('file:') || file.startsWith('/') || file[1] === ':')
}
