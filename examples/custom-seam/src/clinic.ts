import { defineApp, type RuntimeDefinition, start } from 'stigmergy'

/** Treats patients, each in a session that has the patient's name. */
export const clinic = defineApp('clinic', (app) => {
  const treat = app.fn<void, string>('treat', (_fired, { session, reply }) => reply(session))
  return { treat }
})

/** The order in which a runtime treats patients who all come at once. */
export async function treated(
  runtime: RuntimeDefinition,
  patients: readonly string[],
): Promise<readonly string[]> {
  const order: string[] = []
  await using running = await start(runtime, clinic)
  const sessions = patients.map((session) => running.invoke(clinic.handles.treat, undefined, { session }))
  await Promise.all(sessions.map(async ({ result }) => order.push(await result)))
  return order
}
