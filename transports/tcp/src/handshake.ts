import { randomBytes } from 'node:crypto'
import { longestAddressBytes, parseAddress } from './address.js'
import { derive, isSame, keyBytes } from './keys.js'
import type { Line } from './line.js'
import { Violation } from './violation.js'

/*
 * dialer                                       acceptor
 *   │  STGV, version, nonce, own address          │
 *   ├────────────────────────────────────────────►│
 *   │  nonce, proof, own address                  │  or: crossed
 *   │◄────────────────────────────────────────────┤
 *   │  proof                                      │
 *   ├────────────────────────────────────────────►│
 *   │  welcome                                    │  or: crossed
 *   │◄────────────────────────────────────────────┤
 *
 * A proof is a hash of the secret, the role, and all that was said before. So it is of use for nobody else, never again, and in no other
 * role; and it names both ends, so that nobody can stand between two and pretend to be another.
 */

const greeting = Buffer.from('STGV\x01', 'latin1')
const Answer = { Challenge: 1, Crossed: 2, Welcome: 3 } as const
const largestBytes = greeting.length + 2 * keyBytes + longestAddressBytes

/** This end of all connections of a port. */
export interface Self {
  readonly address: string
  readonly secret: Uint8Array
}

/** The other end of a connection, which has shown that it knows the secret. */
export interface Acquaintance {
  readonly address: string
  readonly sendKey: Buffer
  readonly receiveKey: Buffer
}

/** Called by the dialer: `met` when both know each other, `crossed` when the other side wants its own call to go through. */
export function greet(
  line: Line,
  { address, secret }: Self,
  other: { readonly address: string; met(acquaintance: Acquaintance): void; crossed(): void },
): void {
  const hello = Buffer.concat([greeting, randomBytes(keyBytes), Buffer.from(address)])
  sendMessage(line, hello)
  readMessage(line, (challenge) => {
    if (challenge[0] === Answer.Crossed) return other.crossed()
    const said = [hello, theirWords(challenge, other.address)]
    if (!isSame(derive(secret, 'acceptor', ...said), proofIn(challenge)))
      throw new Violation('The acceptor does not know the secret of this cluster.')
    sendMessage(line, derive(secret, 'dialer', ...said))
    readMessage(line, (verdict) => {
      if (verdict[0] !== Answer.Welcome) return other.crossed()
      const { toAcceptor, toDialer } = keysOf(secret, said)
      other.met({ address: other.address, sendKey: toAcceptor, receiveKey: toDialer })
    })
  })
}

/** Called by the acceptor. `admits` is asked twice whether a call from this address is to go through. */
export function answer(
  line: Line,
  { address, secret }: Self,
  other: { admits(address: string): boolean; met(acquaintance: Acquaintance): void },
): void {
  readMessage(line, (hello) => {
    const caller = callerIn(hello)
    if (!other.admits(caller)) return turnAway(line)
    const words = Buffer.concat([randomBytes(keyBytes), Buffer.from(address)])
    const said = [hello, words]
    const proof = derive(secret, 'acceptor', ...said)
    sendMessage(line, Buffer.concat([Buffer.of(Answer.Challenge), proof, words]))
    readMessage(line, (answered) => {
      if (!isSame(derive(secret, 'dialer', ...said), answered))
        throw new Violation('The dialer does not know the secret of this cluster.')
      if (!other.admits(caller)) return turnAway(line)
      sendMessage(line, Buffer.of(Answer.Welcome))
      const { toAcceptor, toDialer } = keysOf(secret, said)
      other.met({ address: caller, sendKey: toDialer, receiveKey: toAcceptor })
    })
  })
}

function keysOf(secret: Uint8Array, said: readonly Uint8Array[]): Record<'toAcceptor' | 'toDialer', Buffer> {
  return {
    toAcceptor: derive(secret, 'to the acceptor', ...said),
    toDialer: derive(secret, 'to the dialer', ...said),
  }
}

function callerIn(hello: Buffer): string {
  const isGreeting = hello.subarray(0, greeting.length).equals(greeting)
  const caller = hello.toString('utf8', greeting.length + keyBytes)
  if (!isGreeting || parseAddress(caller) === undefined)
    throw new Violation('This is no greeting of a node of this version.')
  return caller
}

function proofIn(challenge: Buffer): Uint8Array {
  return challenge.subarray(1, 1 + keyBytes)
}

/** What the acceptor has said besides its proof: nonce and address. */
function theirWords(challenge: Buffer, expected: string): Buffer {
  const words = challenge.subarray(1 + keyBytes)
  if (challenge[0] !== Answer.Challenge || words.toString('utf8', keyBytes) !== expected)
    throw new Violation(`Not ${expected} has answered.`)
  return words
}

function turnAway(line: Line): void {
  readMessage(line, () => line.destroy())
  sendMessage(line, Buffer.of(Answer.Crossed))
  line.end()
}

function sendMessage(line: Line, message: Uint8Array): void {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  line.send(Buffer.concat([length, message]))
}

function readMessage({ intake }: Line, heard: (message: Buffer) => void): void {
  const length = Buffer.alloc(2)
  intake.fill(length, () => {
    const bytes = length.readUInt16BE()
    if (bytes === 0 || bytes > largestBytes) throw new Violation(`A greeting has no ${bytes} bytes.`)
    const message = Buffer.alloc(bytes)
    intake.fill(message, () => heard(message))
  })
}
