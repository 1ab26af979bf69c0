import type { Runtime } from 'stigmergy'
import type { Desk } from '../desk.js'

/** How a member stands: `out-of-touch` is one that cannot renew its leases, or was taken for dead and has not joined again. */
export type MemberState = 'joining' | 'ready' | 'out-of-touch' | 'draining'

export interface MemberStatus {
  readonly state: MemberState
  readonly node?: string
  readonly coordinator?: string
  readonly shards?: number
  readonly sessions?: number
}

/** How often it looks whether it is in touch with the cluster, and how long shards may change hands before that is told, in ms. */
const lookMs = 200

/** A member of a cluster that tells what happens to it, a line each. */
export class Member implements Disposable {
  #runtime: Runtime | undefined
  #isDraining = false
  /** What was told last, so that only changes are. */
  #told: { readonly state: MemberState; readonly ids: string; readonly shards: number } = {
    state: 'joining',
    ids: '',
    shards: 0,
  }
  #timer: NodeJS.Timeout | undefined

  constructor(
    readonly name: string,
    private readonly desk: Desk,
  ) {}

  get status(): MemberStatus {
    if (this.#runtime?.cluster === undefined) return { state: this.#isDraining ? 'draining' : 'joining' }
    const { node, coordinator, shards } = this.#runtime.cluster
    return {
      state: this.#state,
      ...(node === undefined ? {} : { node }),
      ...(coordinator === undefined ? {} : { coordinator, shards: shards.length }),
      sessions: this.#runtime.stats.sessions.live,
    }
  }

  /** It has joined. */
  joined(runtime: Runtime): void {
    this.#runtime = runtime
    this.#look()
    this.#timer = setInterval(() => this.#look(), lookMs)
  }

  /** It is about to leave. */
  draining(): void {
    this.#isDraining = true
    const live = this.#runtime?.stats.sessions.live ?? 0
    this.say(
      'draining',
      `draining: takes no more work; open sessions: ${live}; a second signal ends at once`,
      {
        sessions: live,
      },
    )
  }

  left(): void {
    const live = this.#runtime?.stats.sessions.live ?? 0
    this.say('left', 'left the cluster', { sessions: live })
  }

  say(event: string, text: string, data: object = {}): void {
    void this.desk.result(text, { event, name: this.name, ...data })
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  get #state(): MemberState {
    if (this.#isDraining) return 'draining'
    return this.#runtime?.cluster?.mayAct === true ? 'ready' : 'out-of-touch'
  }

  #look(): void {
    const { state, node, coordinator, shards = 0 } = this.status
    const ids = [node, coordinator].join()
    const before = this.#told
    this.#told = { state, ids: state === 'ready' ? ids : before.ids, shards }
    if (state === 'out-of-touch' && before.state !== state)
      this.say('out-of-touch', 'out of touch with the cluster: takes no work until it is back')
    if (state === 'ready' && ids !== before.ids) this.#sayJoined(node, coordinator)
    else if (state === 'ready' && before.state === 'out-of-touch') this.say('in-touch', 'in touch again')
    if (shards !== before.shards) this.say('shards', `holds ${shards} shards`, { shards })
  }

  #sayJoined(node: string | undefined, coordinator: string | undefined): void {
    const roles = [
      ...(node === undefined ? [] : [`node ${node}`]),
      ...(coordinator === undefined ? [] : [`coordinator ${coordinator}`]),
    ]
    this.say('joined', `joined as ${roles.join(' and ')}`, { node, coordinator })
  }
}
