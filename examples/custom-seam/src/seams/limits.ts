// Tokens.Limits: what a worker holds at most. Here the limits come from elsewhere than the config, such as the environment.
import { defaultLimits, defineRuntime, provide, start, StigmergyError, Tokens } from 'stigmergy'
import { clinic } from '../clinic.js'

export async function show(): Promise<string> {
  const limits = { ...defaultLimits, maxSessions: Number('1') }
  await using runtime = await start(defineRuntime({ provide: [provide(Tokens.Limits, limits)] }), clinic)
  const first = runtime.invoke(clinic.handles.treat, undefined, { session: 'Ada' })
  try {
    await runtime.invoke(clinic.handles.treat, undefined, { session: 'Bo' }).result
    return 'there is room'
  } catch (error) {
    return `${await first.result}, ${StigmergyError.is(error) ? error.code : String(error)}`
  }
}
