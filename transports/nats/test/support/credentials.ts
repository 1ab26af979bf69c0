import { nkeys } from '@nats-io/transport-node'

type KeyPair = ReturnType<typeof nkeys.createUser>

/** What a server is to be configured with so that it lets a user in by a JWT, and the file that the user has. */
export interface Credentials {
  readonly config: string
  readonly file: string
}

/** An operator, an account with JetStream, and a user of it. */
export function makeCredentials(): Credentials {
  const operator = nkeys.createOperator()
  const [system, account, user] = [nkeys.createAccount(), nkeys.createAccount(), nkeys.createUser()]
  const without = -1
  const traffic = { subs: without, data: without, payload: without }
  const plain = {
    ...traffic,
    conn: without,
    leaf: without,
    imports: without,
    exports: without,
    wildcards: true,
  }
  const limits = {
    ...plain,
    mem_storage: without,
    disk_storage: without,
    streams: without,
    consumer: without,
  }
  const operatorToken = tokenOf(operator, operator, { type: 'operator', version: 2 })
  const accountToken = tokenOf(operator, account, { type: 'account', version: 2, limits })
  const systemToken = tokenOf(operator, system, { type: 'account', version: 2, limits: plain })
  const rights = { ...traffic, pub: {}, sub: {} }
  const userToken = tokenOf(account, user, { type: 'user', version: 2, ...rights })
  return {
    config: [
      `operator: ${operatorToken}`,
      'resolver: MEMORY',
      `system_account: ${system.getPublicKey()}`,
      'resolver_preload: {',
      `  ${system.getPublicKey()}: ${systemToken}`,
      `  ${account.getPublicKey()}: ${accountToken}`,
      '}',
    ].join('\n'),
    file: [
      `-----BEGIN NATS USER JWT-----\n${userToken}\n------END NATS USER JWT------`,
      `-----BEGIN USER NKEY SEED-----\n${seedOf(user)}\n------END USER NKEY SEED------\n`,
    ].join('\n\n'),
  }
}

export function seedOf(pair: KeyPair): string {
  return new TextDecoder().decode(pair.getSeed())
}

/** A JWT about `subject`, signed by `issuer`. */
function tokenOf(issuer: KeyPair, subject: KeyPair, nats: object): string {
  const about = { iss: issuer.getPublicKey(), sub: subject.getPublicKey(), name: 'test' }
  const claims = { jti: about.sub, iat: Math.floor(Date.now() / 1_000), ...about, nats }
  const signed = [{ typ: 'JWT', alg: 'ed25519-nkey' }, claims].map(encode).join('.')
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
