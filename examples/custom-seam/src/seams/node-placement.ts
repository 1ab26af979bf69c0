// Tokens.NodePlacement: which node of a cluster runs what comes next. Here the branch has all patients, as long as there is one.
import { memoryCluster } from '@stigmergy/transport-memory'
import { connect, defineRuntime, type NodePlacement, provide, start, Tokens } from 'stigmergy'
import { clinic } from '../clinic.js'

const branchFirst: NodePlacement = {
  choose: (nodes) => {
    const branch = nodes.findIndex(({ entry }) => entry.name === 'branch')
    return branch === -1 ? 0 : branch
  },
}

export async function show(): Promise<string> {
  const exchange = memoryCluster()
  // Whoever coordinates places.
  const main = defineRuntime({
    cluster: { exchange, name: 'main' },
    provide: [provide(Tokens.NodePlacement, branchFirst)],
  })
  await using _main = await start(main, clinic)
  const branch = defineRuntime({ cluster: { exchange, name: 'branch', coordinator: false } })
  await using there = await start(branch, clinic)
  const treated: string[] = []
  there.on((event) => void (event.type === 'session-began' && treated.push(event.session)))
  await using client = await connect({ exchange })
  for (const session of ['Ada', 'Bo', 'Cy'])
    await client.invoke(clinic.handles.treat, undefined, { session }).result
  return treated.join()
}
