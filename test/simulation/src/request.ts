import type { RemoteSession } from 'stigmergy'

type End = Awaited<RemoteSession['ended']>

/** A request of the simulated client, and what came of it. */
export class Request {
  reply: number | undefined
  end: End | undefined
  isCancelled = false

  constructor(
    readonly value: number,
    readonly session: RemoteSession<number>,
  ) {
    session.result.then(
      (reply) => (this.reply = reply),
      () => undefined, // the end tells
    )
    void session.ended.then((end) => (this.end = end))
  }

  cancel(): void {
    this.isCancelled = true
    this.session.cancel()
  }
}
