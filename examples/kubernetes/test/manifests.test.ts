import { readFileSync } from 'node:fs'
import test from 'ava'
import { manifests, podOf, workloads } from './manifests.js'
import { problemsOf } from './schema.js'

test('every manifest keeps to the schema of its kind, and has no other fields', (t) => {
  t.true(manifests.length >= 10)
  for (const { file, ...manifest } of manifests)
    t.deepEqual(problemsOf(manifest), [], `${file}: ${manifest.metadata.name}`)
})

test('the check of schemas finds wrong types, missing fields and misspelt ones', (t) => {
  const { file: _file, ...nodes } = manifests.find(({ kind }) => kind === 'Deployment')!
  const spec = nodes.spec!
  const broken = [
    [{ ...spec, replicas: '3' }, /replicas must be integer/],
    [{ ...spec, selector: undefined }, /must have required property selector/],
    [{ ...spec, replcas: 3 }, /^\/spec\/replcas is no field of Deployment$/],
  ] as const
  t.deepEqual(problemsOf({ ...nodes, kind: 'Deploy' }), ['there is no Deploy in apps/v1'])
  for (const [wrong, problem] of broken) t.regex(problemsOf({ ...nodes, spec: wrong }).join(), problem)
})

test('selectors select the pods that they are meant for', (t) => {
  for (const { kind, metadata, spec } of manifests) {
    if (kind === 'NetworkPolicy' || spec?.selector === undefined) continue
    const wanted = Object.entries(spec.selector.matchLabels ?? spec.selector)
    const found = workloads.filter(({ labels }) => wanted.every(([name, value]) => labels[name] === value))
    t.deepEqual(
      found.map(({ manifest }) => manifest.metadata.name),
      [metadata.name],
      `${kind} ${metadata.name}`,
    )
  }
})

test('all that pods refer to is there, or made by the README', (t) => {
  const configs = manifests.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name)
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const secrets = Array.from(readme.matchAll(/create secret generic ([\w-]+)/g), ([, name]) => name)
  for (const { manifest, pod } of workloads) {
    const claims = (manifest.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name)
    const volumes = [...(pod.volumes ?? []).map(({ name }) => name), ...claims]
    for (const { configMap } of pod.volumes ?? []) if (configMap) t.true(configs.includes(configMap.name))
    for (const { envFrom = [], volumeMounts = [] } of pod.containers) {
      for (const { secretRef } of envFrom) t.true(secrets.includes(secretRef.name), secretRef.name)
      for (const { name } of volumeMounts) t.true(volumes.includes(name), name)
    }
  }
})

test('no pod runs as root, may write to its image, or is without limits', (t) => {
  for (const { manifest, pod } of workloads) {
    t.like(pod.securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    for (const { resources, securityContext } of pod.containers) {
      t.deepEqual(securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      t.truthy(resources?.requests?.['cpu'] && resources.requests['memory'], manifest.metadata.name)
      t.truthy(resources?.limits?.['memory'], manifest.metadata.name)
    }
  }
})

test('members have longer to end than they need to drain, and may be missing one at a time', (t) => {
  const budgets = manifests.filter(({ kind }) => kind === 'PodDisruptionBudget')
  t.deepEqual(budgets.map(({ metadata }) => metadata.name).sort(), ['coordinators', 'nodes'])
  for (const name of ['coordinators', 'nodes']) {
    const { terminationGracePeriodSeconds = 0, containers } = podOf(name)
    const args = containers[0]!.args!
    const drainMs = Number(args[args.indexOf('--drain-ms') + 1])
    t.true(terminationGracePeriodSeconds * 1_000 >= drainMs + 10_000, name)
  }
})

test('probes ask for ports that their containers have', (t) => {
  for (const { manifest, pod } of workloads)
    for (const { ports = [], readinessProbe, livenessProbe } of pod.containers)
      for (const probe of [readinessProbe, livenessProbe]) {
        if (manifest.kind === 'Job') continue
        t.true(
          ports.some(({ name }) => name === probe?.httpGet.port),
          manifest.metadata.name,
        )
      }
})
