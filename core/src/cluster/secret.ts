import { randomBytes } from 'node:crypto'
import type { Register } from '../contract/index.js'

/** What the members of a cluster know and nobody else does: made by the first of them. */
export async function clusterSecret(register: Register): Promise<Uint8Array> {
  for (;;) {
    const known = await register.get('secret')
    if (known !== undefined) return known.value
    await register.set('secret', randomBytes(32), 0)
  }
}
