// A program whose workers compute without end. It prints their process ids, and is ended from outside.
import { defineRuntime, start } from 'stigmergy'
import { app } from './app.js'

const runtime = await start(defineRuntime({ workers: { kind: 'process', count: 2 } }), app)
const session = runtime.invoke(app.handles.loop, undefined)
for await (const { type } of session.events()) if (type === 'function-started') break
console.log(JSON.stringify(runtime.workers.map(({ pid }) => pid)))
await session.ended
