import * as apps from 'kubernetes-models/apps/v1'
import * as batch from 'kubernetes-models/batch/v1'
import * as networking from 'kubernetes-models/networking.k8s.io/v1'
import * as policy from 'kubernetes-models/policy/v1'
import * as core from 'kubernetes-models/v1'

type Fields = Readonly<Record<string, unknown>>

/** A kind of resource as `kubernetes-models` has it: `validate` checks `this` by the schema, which allows fields that nobody knows. */
interface Kind {
  readonly prototype: { readonly validate: (this: object) => void }
}

const kindsOf = new Map<string, object>(
  Object.entries({
    v1: core,
    'apps/v1': apps,
    'batch/v1': batch,
    'networking.k8s.io/v1': networking,
    'policy/v1': policy,
  }),
)

/** What is wrong with a manifest by the schema of its kind, and which of its fields the kind does not have. */
export function problemsOf(manifest: Fields): readonly string[] {
  const { apiVersion, kind } = manifest as { readonly apiVersion: string; readonly kind: string }
  const kinds = kindsOf.get(apiVersion) as Readonly<Record<string, Kind>> | undefined
  const model = kinds?.[kind]
  if (model === undefined) return [`there is no ${kind} in ${apiVersion}`]
  const read = new Set<string>()
  try {
    Reflect.apply(model.prototype.validate, watched(manifest, '', read), [])
  } catch (error) {
    return [(error as Error).message]
  }
  return unreadOf(manifest, '', read).map((path) => `${path} is no field of ${kind}`)
}

/** The value, with the paths of all fields that somebody reads noted: a schema that knows a field looks at it. */
function watched(value: unknown, path: string, read: Set<string>): object {
  return new Proxy(value as Fields, {
    get(target, name: string) {
      const at = `${path}/${name}`
      read.add(at)
      const field = target[name]
      return typeof field === 'object' && field !== null ? watched(field, at, read) : field
    },
  })
}

function unreadOf(value: Fields, path: string, read: ReadonlySet<string>): readonly string[] {
  return Object.entries(value).flatMap(([name, field]) => {
    const at = `${path}/${name}`
    if (!read.has(at)) return [at]
    return typeof field === 'object' && field !== null ? unreadOf(field as Fields, at, read) : []
  })
}
