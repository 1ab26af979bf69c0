import { treated } from './clinic.js'
import { firstComeFirstServed, urgentFirst } from './runtimes.js'

const patients = [
  'walk-in Ada',
  'appointment Bo',
  'walk-in Cy',
  'emergency Di',
  'appointment Ed',
  'emergency Fay',
]

console.log(`first come, first served: ${(await treated(firstComeFirstServed, patients)).join(', ')}`)
console.log(`urgent first:             ${(await treated(urgentFirst, patients)).join(', ')}`)
