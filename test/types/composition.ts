// A composition: tokens, provisions, plugins and limits.
import {
  definePlugin,
  defineRuntime,
  FifoQueue,
  MemoryObjectStore,
  provide,
  provideNew,
  SystemClock,
  token,
  Tokens,
  type Clock,
  type EventStream,
} from 'stigmergy'
import { exactly } from './exactly.js'

interface Mail {
  send(text: string): void
}

const Mail = token<Mail>('Mail')

provide(Tokens.Clock, new SystemClock())
provide(Tokens.ObjectStore, new MemoryObjectStore({ limitBytes: 1_000 }))
provideNew(Tokens.RunQueue, () => new FifoQueue())
provide(Mail, { send: () => undefined })
// @ts-expect-error a queue is no clock
provide(Tokens.Clock, new FifoQueue())
// @ts-expect-error provideNew takes what makes a part
provideNew(Tokens.RunQueue, new FifoQueue())
// @ts-expect-error a clock is no queue
provideNew(Tokens.RunQueue, () => new SystemClock())
// @ts-expect-error mail must be sent
provide(Mail, {})
// @ts-expect-error a seam is named by its token
provide('Clock', new SystemClock())

const mailer = definePlugin({
  name: 'mailer',
  provides: Mail,
  start: async () => ({ send: (_text: string) => undefined }),
})
const alarms = definePlugin({
  name: 'alarms',
  needs: { mail: Mail, clock: Tokens.Clock, events: Tokens.Events },
  start: (needs) => {
    exactly<Mail>()(needs.mail)
    exactly<Clock>()(needs.clock)
    exactly<EventStream>()(needs.events)
    // @ts-expect-error it does not need a codec
    void needs.codec
    return needs.events.subscribe(({ type }) => needs.mail.send(type))
  },
})
definePlugin({
  name: 'wrong part',
  provides: Mail,
  // @ts-expect-error it provides mail and gives something else
  start: () => ({ print: () => undefined }),
})
// @ts-expect-error needs are tokens
definePlugin({ name: 'wrong need', needs: { mail: 'Mail' }, start: () => undefined })
// @ts-expect-error a plugin has a name
definePlugin({ start: () => undefined })

defineRuntime()
defineRuntime({
  plugins: [alarms, mailer, definePlugin({ name: 'silent' })],
  provide: [provide(Tokens.Clock, new SystemClock())],
  limits: { slots: 5, maxExplained: 0 },
})
// @ts-expect-error no such field
defineRuntime({ primitive: [] })
// @ts-expect-error no such limit
defineRuntime({ limits: { maxSlots: 5 } })
// @ts-expect-error a limit is a number
defineRuntime({ limits: { slots: '5' } })
// @ts-expect-error provisions are made by provide and provideNew
defineRuntime({ provide: [new SystemClock()] })
