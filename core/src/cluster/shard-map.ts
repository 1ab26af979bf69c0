import type { Register, RegisterChange } from '../contract/index.js'
import { decodeEntry, type ShardEntry } from './register-values.js'

/** A shard's holder as the register tells it. */
export interface KnownShard extends ShardEntry {
  readonly revision: number
}

const unheld: KnownShard = { owner: '', epoch: 0, revision: 0 }

/** Who holds which shard, as far as this member knows. */
export class ShardMap {
  readonly #register: Register
  readonly #onChange: (shard: number) => void
  readonly #shards = new Map<number, KnownShard>()
  #watch: AsyncDisposable | undefined
  #isClosed = false

  constructor(register: Register, onChange: (shard: number) => void) {
    this.#register = register
    this.#onChange = onChange
  }

  /** Resolves when what there is is known. */
  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const watcher = { onChange: (change: RegisterChange) => this.#changed(change), onCurrent: resolve }
      this.#register.watch('shards', watcher).then((watch) => {
        this.#watch = watch
        if (this.#isClosed) void watch[Symbol.asyncDispose]()
      }, reject)
    })
  }

  find(shard: number): KnownShard {
    return this.#shards.get(shard) ?? unheld
  }

  /** What this member has written itself: known before the register tells. */
  learn(shard: number, known: KnownShard): void {
    if (known.revision <= this.find(shard).revision) return
    this.#shards.set(shard, known)
    this.#onChange(shard)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#watch?.[Symbol.asyncDispose]()
  }

  #changed({ key, value, revision }: RegisterChange): void {
    if (value === undefined) return // entries of shards are not deleted
    this.learn(Number(shardIn(key)), { ...decodeEntry<ShardEntry>(value), revision })
  }
}

export function shardKey(shard: number): string {
  return `shards.${shard}`
}

function shardIn(key: string): string {
  return key.slice('shards.'.length)
}
