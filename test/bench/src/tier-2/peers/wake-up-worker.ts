import { parentPort } from 'node:worker_threads'
import { sharedNow } from '../../shared-clock.js'
import { Fifo } from './fifo.js'

const [call = '', answer = ''] = process.argv.slice(2)
const answers = new Fifo(answer)
const calls = new Fifo(call, (read) => {
  const arrived = sharedNow()
  answers.send(arrived - read())
})
if (parentPort === null) {
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
} else parentPort.postMessage('ready')
process.on('exit', () => calls.close())
