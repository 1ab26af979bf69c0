import { randomBytes } from 'node:crypto'
import type { Codec } from '../codec.js'
import type { ObjectStore, Register, ValueExchange, ValuePort } from '../contract/index.js'
import { ArrivedValue, contentOf } from '../node/arrived-value.js'

export interface OpenValuesParts {
  readonly register: Register
  readonly store: ObjectStore
  readonly codec: Codec
}

/** Opens this member's end of the exchange of values. */
export async function openValues(
  values: ValueExchange,
  { register, store, codec }: OpenValuesParts,
): Promise<ValuePort> {
  const secret = await clusterSecret(register)
  return values.open({ store, secret, codec: new PassingCodec(codec) })
}

/** What the members of a cluster know and nobody else does: made by the first of them. */
async function clusterSecret(register: Register): Promise<Uint8Array> {
  for (;;) {
    const known = await register.get('secret')
    if (known !== undefined) return known.value
    await register.set('secret', randomBytes(32), 0)
  }
}

/** What has come here as bytes, and was not read meanwhile, goes on as these bytes. */
class PassingCodec implements Codec {
  constructor(private readonly codec: Codec) {}

  encode(value: unknown): Uint8Array {
    const encoded = value instanceof ArrivedValue ? value.encoded : undefined
    return encoded ?? this.codec.encode(contentOf(value))
  }

  decode(bytes: Uint8Array): unknown {
    return this.codec.decode(bytes)
  }
}
