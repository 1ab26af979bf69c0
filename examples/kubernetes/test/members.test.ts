import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { NatsServer } from '@stigmergy-test/nats-server'
import test, { type ExecutionContext } from 'ava'
import { connect } from 'stigmergy'
import { clusterOf } from '../src/cluster.js'
import { orders } from '../src/orders.js'
import { manifests, podOf } from './manifests.js'

const folder = fileURLToPath(new URL('..', import.meta.url))
const command = fileURLToPath(new URL('../../../stigmergy/src/command/main.ts', import.meta.url))
const credentials = { NATS_USER: 'orders', NATS_PASSWORD: 'secret-1' }

/** A line that a member has said. */
interface Said {
  readonly event: string
  readonly url?: string
}

/** Starts the container of a workload as a process: its arguments and its environment, but a free port instead of that of a pod. */
function runContainer(
  t: ExecutionContext,
  name: string,
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const [{ args, ports }] = podOf(name).containers as [ReturnType<typeof podOf>['containers'][number]]
  const port = String(ports!.find((each) => each.name === 'health')!.containerPort)
  t.true(args!.includes(`0.0.0.0:${port}`), 'health is where the probes look')
  const own = args!.map((arg) => (arg === `0.0.0.0:${port}` ? '127.0.0.1:0' : arg))
  const child = spawn(process.execPath, ['--import=tsx', command, ...own], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

/** Resolves to where a member answers for its health, once it has joined. */
async function whenJoined(member: ChildProcess): Promise<string> {
  let url = ''
  for await (const line of createInterface(member.stdout!)) {
    const said = JSON.parse(line) as Said
    if (said.url !== undefined) url = said.url
    if (said.event !== 'joined') continue
    member.stdout!.resume()
    return url
  }
  throw new Error('it ended and has not joined')
}

test('the containers of the manifests are a cluster that places orders, and end when told to', async (t) => {
  t.timeout(60_000)
  const { data } = manifests.find(({ kind }) => kind === 'ConfigMap')!
  const authorization = /^authorization .*$/m.exec(data!['nats.conf']!)![0]
  const config = authorization
    .replace('$NATS_USER', credentials.NATS_USER)
    .replace('$NATS_PASSWORD', credentials.NATS_PASSWORD)
  await using server = await NatsServer.start({ config })
  const env = { ...credentials, NATS_URL: server.url }
  const members = ['coordinators', 'nodes', 'nodes'].map((name) => runContainer(t, name, env))
  const urls = await Promise.all(members.map(whenJoined))
  for (const [at, name] of ['coordinators', 'nodes'].entries()) {
    const { readinessProbe, livenessProbe } = podOf(name).containers[0]!
    for (const probe of [readinessProbe, livenessProbe])
      t.is((await fetch(urls[at]! + probe!.httpGet.path)).status, 200)
  }
  {
    await using client = await connect(clusterOf(env))
    t.is(await client.invoke(orders.handles.place, 3).result, 3 * 20 + 5 + 3)
  }
  for (const member of members) {
    const exited = once(member, 'exit')
    member.kill('SIGTERM')
    t.is((await exited)[0], 0)
  }
})
