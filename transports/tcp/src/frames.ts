import { isSame, Tag, tagBytes } from './keys.js'
import { Violation } from './violation.js'

/** What the two ends of a connection say to each other. Transfers have numbers, which the borrower gives. */
export const Kind = {
  /** From the borrower: `mark` is the id of a lent value, `offset` where to begin. */
  Ask: 1,
  /** From the borrower: the lender may send up to `offset`. */
  Grant: 2,
  /** From the lender: `bytes` bytes of the value follow, from `offset` on; `mark` is their tag. */
  Chunk: 3,
  /** From the lender: nothing comes any more, for the reason with the number `offset`. */
  Gone: 4,
  /** From the borrower: nothing more, please. Chunks may still come. */
  Stop: 5,
} as const

/** Why a lender does not send, by number. */
export const reasons = ['', 'reclaimed', 'changed'] as const
export type Reason = 1 | 2

/** The beginning of a frame, which is all of it but for chunks. */
export interface Head {
  readonly kind: number
  readonly transfer: number
  readonly offset: number
  /** Of what follows. */
  readonly bytes: number
  readonly mark: Uint8Array
}

/**
 * ```text
 * 0     1    4       8          12       20     36
 * ├─────┼────┼───────┼──────────┼────────┼──────┼───────┐
 * │kind │ 0  │ bytes │ transfer │ offset │ mark │  tag  │ 52
 * └─────┴────┴───────┴──────────┴────────┴──────┴───────┘
 * ```
 */
export const headBytes = 36 + tagBytes
const tagAt = 36
const nothing = new Uint8Array(tagBytes)

type Said = Pick<Head, 'kind' | 'transfer'> & Partial<Head>

/** Writes heads, each with a tag under the key of the connection and its number, so that none can be changed, left out or sent again. */
export class HeadWriter {
  #count = 0

  constructor(private readonly key: Uint8Array) {}

  write({ kind, transfer, offset = 0, bytes = 0, mark = nothing }: Said): Buffer {
    const head = Buffer.alloc(headBytes)
    head.writeUInt8(kind, 0)
    head.writeUInt32BE(bytes, 4)
    head.writeUInt32BE(transfer, 8)
    head.writeDoubleBE(offset, 12)
    head.set(mark, 20)
    head.set(new Tag(this.key, this.#count++).add(head.subarray(0, tagAt)).take(), tagAt)
    return head
  }
}

/** Reads them. Throws a `Violation` for one that is not the next that the other side has written. */
export class HeadReader {
  #count = 0

  constructor(private readonly key: Uint8Array) {}

  read(head: Buffer): Head {
    const tag = new Tag(this.key, this.#count++).add(head.subarray(0, tagAt)).take()
    if (!isSame(tag, head.subarray(tagAt))) throw new Violation('A frame was not sent by the other side.')
    return {
      kind: head.readUInt8(0),
      bytes: head.readUInt32BE(4),
      transfer: head.readUInt32BE(8),
      offset: head.readDoubleBE(12),
      mark: new Uint8Array(head.subarray(20, tagAt)),
    }
  }
}
