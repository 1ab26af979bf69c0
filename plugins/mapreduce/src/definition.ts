import type { Definition, PairCodec, RecordFormat } from '@stigmergy/records'
import { z } from 'zod'
import { checked } from './errors.js'

const callable = z.custom((value) => typeof value === 'function', 'must be a function')
const codec = z.custom(
  (value) => typeof (value as Partial<PairCodec<never>>)?.encode === 'function',
  'must be a codec, such as text, count, bytes or json()',
)
const schema = z.strictObject({
  input: z.custom(
    (value) => typeof (value as Partial<RecordFormat<never>>)?.record === 'function',
    'must be a format of records, such as lines(), fixed(size) or pieces(endsWith)',
  ),
  key: codec,
  value: codec,
  map: callable,
  combine: callable.optional(),
  partition: z
    .union([z.enum(['hash', 'range']), callable], "must be 'hash', 'range' or a function")
    .optional(),
  reduce: callable.optional(),
  result: codec.optional(),
  output: callable.optional(),
} satisfies { [field in keyof Definition<never, never, never>]-?: z.ZodType })

/** Throws `STG_CONFIG_INVALID` for what a compiler would not accept. */
export function checkDefinition(definition: unknown): void {
  checked(schema, definition)
}
