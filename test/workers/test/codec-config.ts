import { CborCodec, type Codec, defineRuntime, provideNew, Tokens } from 'stigmergy'
import { workersOf } from './setting.js'

/** Carries URLs as what they are, alone or in lists. */
class UrlCodec implements Codec {
  readonly #cbor = new CborCodec()

  encode(value: unknown): Uint8Array {
    return this.#cbor.encode(packed(value))
  }

  decode(bytes: Uint8Array): unknown {
    return unpacked(this.#cbor.decode(bytes))
  }
}

function packed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(packed)
  return value instanceof URL ? { url: value.href } : value
}

function unpacked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpacked)
  const { url } = (value ?? {}) as { readonly url?: unknown }
  return typeof url === 'string' ? new URL(url) : value
}

/** A config whose codec the workers make for themselves. */
export default defineRuntime({
  workers: workersOf({ kind: 'process', count: 1 }),
  provide: [provideNew(Tokens.Codec, () => new UrlCodec())],
})
