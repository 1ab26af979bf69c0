import { connect } from 'node:net'
import { frameOf, readFrames } from './frames.js'
import { taskNames, tasks } from './tasks.js'

const socket = connect(process.argv[2] ?? '')
readFrames(socket, 3, ([id, task, value]) => {
  socket.write(frameOf(id!, tasks[taskNames[task!]!](value!)))
})
process.on('disconnect', () => process.exit())
