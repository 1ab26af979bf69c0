import { defineRuntime, provideNew, type Runnable, Tokens } from 'stigmergy'
import { PriorityQueue } from './priority-queue.js'

/** One function runs at a time, so that what waits has an order. */
const limits = { slots: 1 }

const isEmergency = ({ session }: Runnable): boolean => session.startsWith('emergency ')
const isAppointment = ({ session }: Runnable): boolean => session.startsWith('appointment ')

export const firstComeFirstServed = defineRuntime({ limits })

export const urgentFirst = defineRuntime({
  limits,
  // A queue has state, so each runtime gets one of its own.
  provide: [provideNew(Tokens.RunQueue, () => new PriorityQueue([isEmergency, isAppointment]))],
})
