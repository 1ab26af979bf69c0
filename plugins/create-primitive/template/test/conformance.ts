import type { TriggerSubject } from '@stigmergy/conformance'
import { MyTrigger, type MyTriggerOptions } from '../src/index.js'

/** What `npm test` and `stigmergy conformance` check the laws of triggers with. */
export const subject: TriggerSubject<MyTriggerOptions> = {
  primitive: MyTrigger,
  options: { valid: [{ everyMs: 10 }, { everyMs: 1 }], invalid: [{}, { everyMs: 0 }, null] },
  examples: [
    {
      name: 'the first fires at once, then the newest',
      options: { everyMs: 10 },
      given: ['a', 'b', 'c', { advance: 10 }],
      fires: [['a'], ['c']],
      disposed: { superseded: ['b'] },
    },
    {
      name: 'after a while without objects the next fires at once',
      options: { everyMs: 10 },
      given: ['a', { advance: 10 }, 'b'],
      fires: [['a'], ['b']],
    },
    {
      name: 'what waits fires when it is asked for',
      options: { everyMs: 10 },
      given: ['a', 'b', { flush: true }],
      fires: [['a'], ['b']],
    },
  ],
}
