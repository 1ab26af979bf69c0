// Tokens.RunQueue: which waiting run goes next. Here emergencies first.
import { treated } from '../clinic.js'
import { urgentFirst } from '../runtimes.js'

export async function show(): Promise<string> {
  return (await treated(urgentFirst, ['walk-in', 'appointment Bo', 'emergency Di'])).join()
}
