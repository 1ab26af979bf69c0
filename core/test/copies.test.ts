import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { MemoryObjectStore } from '@stigmergy/transport-memory'
import * as core from '../src/index.js'

type Core = typeof core

const built = fileURLToPath(new URL('../dist', import.meta.url))
const installed = fileURLToPath(new URL('../../node_modules', import.meta.url))

/** A second copy of the built package, as a package manager installs one; of another contract, if one is given. */
async function secondCopy(
  t: ExecutionContext,
  contract?: number,
): Promise<Core & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'stigmergy-copy-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await cp(built, join(folder, 'dist'), { recursive: true })
  await symlink(installed, join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: '@stigmergy/core', type: 'module' }))
  if (contract !== undefined) await changeContract(join(folder, 'dist'), contract)
  const copy = (await import(pathToFileURL(join(folder, 'dist/index.js')).href)) as Core
  t.not(copy.Trigger, core.Trigger)
  return { ...copy, folder: pathToFileURL(folder).href }
}

async function changeContract(folder: string, contract: number): Promise<void> {
  for (const name of (await readdir(folder)).filter((each) => each.endsWith('.js'))) {
    const code = await readFile(join(folder, name), 'utf8')
    await writeFile(join(folder, name), code.replace(/contract: \d+,/, `contract: ${contract},`))
  }
}

const options: core.StandardSchemaV1<unknown, object> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as object }) },
}

/** A primitive of this copy that fires all that it holds when somebody says that an input has ended. */
function gatherOf({ Trigger, primitive }: Core): core.PrimitiveClass<object> {
  class Gather extends Trigger<object, core.ObjectRef[]> {
    initialState(): core.ObjectRef[] {
      return []
    }
    onObject(held: core.ObjectRef[], object: core.ObjectRef): readonly core.Firing[] {
      held.push(object)
      return []
    }
    override onClosed(held: core.ObjectRef[], { scope }: core.Closed): readonly core.Firing[] {
      return scope === 'input' && held.length > 0 ? [{ objects: held.splice(0) }] : []
    }
    describe(held: core.ObjectRef[]): core.Status {
      return { held, awaiting: { closed: ['input'] } }
    }
  }
  primitive({ name: 'gather', scope: 'session', stateVersion: 1, options })(Gather)
  return Gather
}

/** One that has no `onClosed` of its own. */
function plainOf({ Trigger, primitive }: Core): core.PrimitiveClass<object> {
  class Plain extends Trigger<object, object> {
    initialState(): object {
      return {}
    }
    onObject(_state: object, object: core.ObjectRef): readonly core.Firing[] {
      return [{ objects: [object] }]
    }
    describe(): core.Status {
      return { held: [], awaiting: { count: 1 } }
    }
  }
  primitive({ name: 'plain', scope: 'session', stateVersion: 1, options })(Plain)
  return Plain
}

const store = (): core.Provision => core.provideNew(core.Tokens.ObjectStore, () => new MemoryObjectStore())

function appOf({ defineApp, trigger }: Core, type: core.PrimitiveClass<object>) {
  return defineApp('sums', (app) => {
    const numbers = app.bucket<number>('numbers')
    const sum = app.fn<number, number>('sum', ({ objects }, { reply }) =>
      reply(objects.reduce((total, { value }) => total + value, 0)),
    )
    const begin = app.fn<number, number>('begin', async (_fired, { put, closed }) => {
      for (const number of [1, 2, 3]) await put(numbers, undefined, number)
      closed(numbers, { scope: 'input', name: 'all' })
    })
    numbers.when(trigger(type, {}), sum)
    return { begin }
  })
}

test('an app, a primitive, a plugin and a store of a second copy work with this one', async (t) => {
  const other = await secondCopy(t)
  const heard: string[] = []
  const listening = other.definePlugin({
    name: 'listening',
    needs: { events: other.Tokens.Events, clock: other.Tokens.Clock },
    start: ({ events }) => events.subscribe(({ type }) => void heard.push(type)),
  })
  const provide = [other.provideNew(other.Tokens.ObjectStore, () => new MemoryObjectStore())]
  const gather = gatherOf(other)
  const definition = core.defineRuntime({ primitives: [gather], plugins: [listening], provide })
  const app = appOf(other, gather)
  await using runtime = await core.start(definition, app)
  t.is(await runtime.invoke(app.handles.begin, 0).result, 6)
  t.true(heard.includes('trigger-fired'))
})

test('a runtime that a second copy has defined starts with this one', async (t) => {
  const other = await secondCopy(t)
  const gather = gatherOf(core)
  const app = appOf(core, gather)
  await using runtime = await core.start(
    other.defineRuntime({ primitives: [gather], provide: [store()] }),
    app,
  )
  t.is(await runtime.invoke(app.handles.begin, 0).result, 6)
})

test('a primitive of a second copy without onClosed is known to have none', async (t) => {
  const plain = plainOf(await secondCopy(t))
  const definition = core.defineRuntime({ primitives: [plain], provide: [store()] })
  await using runtime = await core.start(definition, appOf(core, plain))
  t.deepEqual(runtime.warnings, [])
})

test('what a copy of another contract has made is refused, and both copies are named', async (t) => {
  const other = await secondCopy(t, 99)
  const gather = gatherOf(core)
  const plugin = other.definePlugin({
    name: 'idle',
    needs: { clock: other.Tokens.Clock },
    start: () => undefined,
  })
  const attempts: readonly (() => unknown)[] = [
    () => core.defineRuntime({ primitives: [gatherOf(other)] }),
    () => core.defineRuntime({ plugins: [plugin] }),
    () => core.defineRuntime({ provide: [other.provide(other.Tokens.Limits, core.defaultLimits)] }),
    () => core.start(other.defineRuntime(), []),
    () => core.start(core.defineRuntime({ primitives: [gather], provide: [store()] }), appOf(other, gather)),
  ]
  for (const attempt of attempts) {
    const error = await t.throwsAsync(async () => attempt())
    t.true(core.StigmergyError.is(error, 'STG_CORE_COPIES'), error?.message)
    t.true(error?.message.includes(other.folder), error?.message)
    t.true(error?.message.includes(new URL('../src/copy.ts', import.meta.url).href), error?.message)
  }
})
