import { runInThisContext } from 'node:vm'
import test from 'ava'
import { primitive, Trigger, type ObjectRef, type TriggerContext } from '@stigmergy/core'
import { checkTrigger, testTrigger, triggerLaws } from '@stigmergy/conformance'
import type { Example, LawResult, TriggerSubject } from '@stigmergy/conformance'
import { z } from 'zod'
import { EveryNth, type EveryNthOptions } from './every-nth.js'

/** Loses the third of three objects. */
@primitive({
  name: 'leaky',
  scope: 'session',
  stateVersion: 1,
  options: z.strictObject({ n: z.int().min(1) }),
})
class Leaky extends EveryNth {
  override onObject(state: { seen: number }, object: ObjectRef, ctx: TriggerContext) {
    if (state.seen < 2) return super.onObject(state, object, ctx)
    state.seen += 1
    return []
  }
}

const subject: TriggerSubject<EveryNthOptions> = {
  primitive: EveryNth,
  options: { valid: [{ n: 2 }], invalid: [{ n: 0 }] },
  examples: [{ given: ['a', 'b'], fires: [['b']] }],
}
const leaky = { ...subject, primitive: Leaky }
const holds = 'P22 describe-holds'

async function messageOf(
  law: string,
  options: { runs?: number; seed?: number; path?: string },
): Promise<string> {
  const results = await checkTrigger(leaky, { ...options, laws: [law] })
  return results.flatMap((result) => (result.ok ? [] : [result.error.message])).join()
}

function counterexampleOf(result: LawResult | undefined) {
  return result?.ok === false ? result.error.counterexample : undefined
}

test('a sound primitive keeps every law', async (t) => {
  const results = await checkTrigger(subject, { runs: 20 })
  t.is(results.length, triggerLaws.length)
  t.deepEqual(
    results.filter(({ ok }) => !ok),
    [],
  )
})

test('every law has a sentence and a name of its own', (t) => {
  const names = triggerLaws.map(({ id, name }) => `${id} ${name}`)
  t.is(new Set(names).size, names.length)
  for (const { id, sentence } of triggerLaws) {
    t.regex(id, /^[CP]\d+$/)
    t.regex(sentence, /^[A-Z`].*\.$/)
  }
})

test('one test is registered per law, under the name of the primitive', (t) => {
  const titles: string[] = []
  testTrigger((title) => titles.push(title), subject)
  t.is(titles.length, triggerLaws.length)
  t.true(titles.every((title) => title.startsWith('every-nth: ')))
})

test('the message has the law, the options, the shortest timeline, the states, an example and the seed', async (t) => {
  const message = await messageOf(holds, { seed: 1 })
  t.regex(message, /^P22 describe-holds: `describe` lists exactly/)
  t.regex(message, /It has let go of everything except .+#3, but says that it holds nothing\./)
  t.regex(message, /with options { n: 2 }/)
  t.is(message.match(/ ms {2}/g)?.length, 3)
  t.regex(message, /fires \[/)
  t.regex(message, /state before the last step: s1: { seen: 2 }/)
  t.regex(message, /state after the last step: {2}s1: { seen: 3 }/)
  t.regex(message, /{ options: { n: 2 }, given: \[.*\], fires: \[ \[ '.*' \] \] },/)
  t.regex(message, /STIGMERGY_SEED=1 STIGMERGY_PATH=\d+/)
})

test('the example of a message breaks the law again, before anything random', async (t) => {
  const [, code = ''] = /^ {2}({ options: .* }),$/m.exec(await messageOf(holds, { seed: 1 })) ?? []
  const example = runInThisContext(`(${code})`) as Example
  const [result] = await checkTrigger({ ...leaky, examples: [example] }, { runs: 1, laws: [holds] })
  t.is(counterexampleOf(result)?.path, '0')
})

test('a seed repeats a search, and a path goes straight to what it has found', async (t) => {
  const [first] = await checkTrigger(leaky, { laws: [holds] })
  const { seed = 0, path = '' } = counterexampleOf(first) ?? {}
  const withoutCount = (message: string) => message.replace(/shrunk \d+ times/, '')
  t.is(withoutCount(await messageOf(holds, { seed })), withoutCount(await messageOf(holds, { seed, path })))
})

test('the environment can repeat a search, too', async (t) => {
  const before = process.env['STIGMERGY_SEED']
  process.env['STIGMERGY_SEED'] = '5'
  const checked = checkTrigger(leaky, { laws: [holds] })
  if (before === undefined) delete process.env['STIGMERGY_SEED']
  else process.env['STIGMERGY_SEED'] = before
  const [result] = await checked
  t.is(counterexampleOf(result)?.seed, 5)
})

test('what is no primitive is refused at once', (t) => {
  class Plain extends Trigger<unknown, null> {
    initialState() {
      return null
    }
    onObject() {
      return []
    }
    describe() {
      return { held: [], awaiting: {} }
    }
  }
  const plain: TriggerSubject = { primitive: Plain, options: subject.options, examples: [] }
  t.throws(() => testTrigger(test, plain), { code: 'STG_PRIMITIVE_INVALID' })
})
