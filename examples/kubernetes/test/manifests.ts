import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

const folder = fileURLToPath(new URL('../manifests/', import.meta.url))

/** A label or another word of a manifest. */
type Words = Readonly<Record<string, string>>

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly envFrom?: readonly { readonly secretRef: { readonly name: string } }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly readinessProbe?: Probe
  readonly livenessProbe?: Probe
  readonly resources?: { readonly requests?: Words; readonly limits?: Words }
  readonly securityContext?: Readonly<Record<string, unknown>>
  readonly volumeMounts?: readonly { readonly name: string }[]
}

export interface PodSpec {
  readonly securityContext?: Readonly<Record<string, unknown>>
  readonly terminationGracePeriodSeconds?: number
  readonly containers: readonly Container[]
  readonly volumes?: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[]
}

/** What of a manifest the tests look at; that it is one at all, its schema says. */
export interface Manifest {
  readonly file: string
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly data?: Words
  readonly spec?: {
    readonly selector?: Words & { readonly matchLabels?: Words }
    readonly template?: { readonly metadata: { readonly labels: Words }; readonly spec: PodSpec }
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[]
  }
}

/** All manifests of the example. */
export const manifests: readonly Manifest[] = readdirSync(folder).flatMap((file) => {
  const documents = parseAllDocuments(readFileSync(`${folder}/${file}`, 'utf8'))
  return documents.map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join()}`)
    return { ...(document.toJS() as Omit<Manifest, 'file'>), file }
  })
})

/** Those that run pods, with what each pod is. */
export const workloads = manifests.flatMap((manifest) => {
  const template = manifest.spec?.template
  return template === undefined ? [] : [{ manifest, labels: template.metadata.labels, pod: template.spec }]
})

/** The pod of a workload. */
export function podOf(name: string): PodSpec {
  const found = workloads.find(({ manifest }) => manifest.metadata.name === name)
  if (found === undefined) throw new Error(`there is no workload ${name}`)
  return found.pod
}
