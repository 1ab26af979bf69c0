import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Takes the bytes away from a buffer: from then on its length, and that of all its views, is 0. Nothing is copied or freed. */
export type Detach = (buffer: ArrayBuffer) => void

/** The same, and returns another buffer that has them. An engine may give it a copy of them: look where they are. */
type Move = (buffer: ArrayBuffer) => ArrayBuffer

/** What can be done to a buffer that others refer to. */
export interface Detaching {
  readonly detach: Detach
  readonly move: Move
}

/**
 * A way to detach buffers of mapped memory, which `postMessage` and `structuredClone` copy instead. `ArrayBuffer.prototype.transfer`
 * does; Node.js 20 has it too, behind a flag that counts for contexts made while it is set.
 */
export function detaching(): Detaching | undefined {
  const transfer = transferOf(ArrayBuffer.prototype) ?? transferBehindFlag()
  if (transfer === undefined) return undefined
  return {
    detach: (buffer) => void Reflect.apply(transfer, buffer, [0]),
    move: (buffer) => Reflect.apply(transfer, buffer, []),
  }
}

type Transfer = (bytes?: number) => ArrayBuffer

function transferOf(prototype: unknown): Transfer | undefined {
  const found: unknown = Reflect.get(prototype as object, 'transfer')
  return typeof found === 'function' ? (found as Transfer) : undefined
}

/** Another thread may be taking the flag away at this moment, so one failure says nothing. */
function transferBehindFlag(attempts = 20): Transfer | undefined {
  setFlagsFromString('--harmony-rab-gsab-transfer')
  const found = transferOf(runInNewContext('ArrayBuffer.prototype'))
  setFlagsFromString('--no-harmony-rab-gsab-transfer')
  return found ?? (attempts > 1 ? transferBehindFlag(attempts - 1) : undefined)
}
