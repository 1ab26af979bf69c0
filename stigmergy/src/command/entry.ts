import { type App, StigmergyError } from 'stigmergy'

export const entryOption =
  'the function (default: the only one that the app hands out, or that no trigger runs)'

/**
 * The function that a run begins with: the one that is named; else the only one among the handles of the app; else the only one that no
 * trigger runs. Throws `STG_FUNCTION_UNKNOWN`.
 */
export function entryOf(app: App, named: string | undefined): string {
  const all = [...app.manifest.functions.keys()]
  if (named !== undefined) {
    if (app.manifest.functions.has(named)) return named
    throw unknown(app, `has no function ${JSON.stringify(named)}; it has ${all.join(', ')}`)
  }
  const handed = handedOut(app)
  const free = all.filter((fn) => !targetsOf(app).has(fn))
  const chosen = handed.length === 1 ? handed : free
  if (chosen.length === 1) return chosen[0]!
  const candidates = handed.length > 1 ? handed : chosen.length > 1 ? chosen : all
  throw unknown(app, `does not say where to begin; name the function: --fn ${candidates.join(' or --fn ')}`)
}

/** The functions that the definition of an app returned. */
function handedOut({ name, handles, manifest }: App): readonly string[] {
  const values: readonly unknown[] =
    typeof handles === 'object' && handles !== null ? Object.values(handles) : []
  const functions = [handles, ...values].flatMap((handle) => {
    const { app, fn } = (handle ?? {}) as { readonly app?: unknown; readonly fn?: unknown }
    return app === name && typeof fn === 'string' && manifest.functions.has(fn) ? [fn] : []
  })
  return [...new Set(functions)]
}

/** The functions that triggers run. */
function targetsOf({ manifest }: App): ReadonlySet<string> {
  const buckets = [...manifest.buckets.values()]
  return new Set(buckets.flatMap(({ triggers }) => triggers.map(({ target }) => target)))
}

function unknown(app: App, why: string): StigmergyError {
  return new StigmergyError('STG_FUNCTION_UNKNOWN', `App ${app.name} ${why}.`, { details: { app: app.name } })
}
