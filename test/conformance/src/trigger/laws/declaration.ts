import { isDeepStrictEqual } from 'node:util'
import { CborCodec, StigmergyError, trigger } from '@stigmergy/core'
import type { TriggerLaw } from '../property.js'
import { shown } from '../shown.js'
import { partOf, type Trial } from '../trial.js'

const warnings = ['can-never-fire', 'can-wait-for-ever', 'can-starve', 'can-grow']
const noOptions = [undefined, null, 0, 1, '', 'text', true, [], () => undefined]

/** What a primitive states about itself. */
export const declarationLaws: readonly TriggerLaw[] = [
  {
    id: 'C12',
    name: 'options',
    sentence: 'Valid options are accepted; invalid ones, unknown fields and what is no object are refused.',
    check: (trial) => {
      const { valid, invalid } = trial.subject.options
      if (valid.length === 0) throw new Error('`options.valid` is empty.')
      for (const options of valid) {
        if (!accepts(trial, options)) throw new Error(`Refused are the valid options ${shown(options)}.`)
        const more = { ...(options as object), unknownField: 1 }
        if (accepts(trial, more)) throw new Error(`Accepted is an unknown field: ${shown(more)}.`)
      }
      for (const options of [...invalid, ...noOptions])
        if (accepts(trial, options)) throw new Error(`Accepted are the invalid options ${shown(options)}.`)
    },
  },
  {
    id: 'P22',
    name: 'metadata',
    sentence:
      'Options are plain data, and targets, warnings and permission for empty firings are of the declared form.',
    check: (trial) => {
      const targets = trial.subject.options.valid.flatMap((options) => checkMetadata(trial, options))
      const expected = trial.subject.targets
      if (expected !== undefined && !isDeepStrictEqual(new Set(targets), new Set(expected)))
        throw new Error(`The targets are ${shown([...new Set(targets)])} and not ${shown(expected)}.`)
    },
  },
]

/** Throws when the options are refused in another way than with `STG_OPTIONS_INVALID`. */
function accepts({ subject }: Trial, options: unknown): boolean {
  try {
    partOf(subject, options)
    return true
  } catch (error) {
    if (StigmergyError.is(error, 'STG_OPTIONS_INVALID')) return false
    throw error
  }
}

/** Gives the targets. */
function checkMetadata({ meta, subject }: Trial, options: unknown): readonly string[] {
  const codec = new CborCodec()
  const spec = trigger(subject.primitive, options)
  if (!isDeepStrictEqual(codec.decode(codec.encode(spec)), spec))
    throw new Error(`CBOR does not read the options ${shown(options)} back equal.`)
  const { options: parsed, parts, firesEmpty, targets } = partOf(subject, spec.options)
  const limits = { maxPending: 10_000, deadlineMs: undefined }
  for (const warning of meta.analyze?.(parsed, limits, parts) ?? [])
    if (!warnings.includes(warning.code) || warning.message === '' || warning.remedy === '')
      throw new Error(`${shown(warning)} is not a warning with a known code, a message and a remedy.`)
  if (typeof firesEmpty !== 'boolean') throw new Error(`firesEmpty gives ${shown(firesEmpty)}.`)
  if (!targets.every((target) => typeof target === 'string' && target !== ''))
    throw new Error(`The targets ${shown(targets)} are not names.`)
  return targets
}
