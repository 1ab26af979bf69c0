// Tokens.Events: what happens, for those who listen. Here the stream itself counts, without a listener.
import { defineRuntime, EventStream, provide, type RuntimeEvent, start, Tokens } from 'stigmergy'
import { clinic } from '../clinic.js'

class Tally extends EventStream {
  readonly counts = new Map<string, number>()

  override get watched(): boolean {
    return true
  }

  override emit(event: RuntimeEvent): void {
    this.counts.set(event.type, (this.counts.get(event.type) ?? 0) + 1)
    super.emit(event)
  }
}

export async function show(): Promise<string> {
  const tally = new Tally()
  const runtime = await start(defineRuntime({ provide: [provide(Tokens.Events, tally)] }), clinic)
  for (const session of ['Ada', 'Bo'])
    await runtime.invoke(clinic.handles.treat, undefined, { session }).result
  await runtime.close()
  return `${tally.counts.get('session-began')} began, ${tally.counts.get('session-ended')} ended`
}
