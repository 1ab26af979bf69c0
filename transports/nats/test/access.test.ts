import { NatsServer } from '@stigmergy-test/nats-server'
import { nkeys } from '@nats-io/transport-node'
import { StigmergyError } from '@stigmergy/core'
import test, { type ExecutionContext } from 'ava'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nats, type NatsOptions } from '../src/index.js'
import { makeCertificates } from './support/certificates.js'
import { makeCredentials, seedOf } from './support/credentials.js'
import { newCluster } from './support/world.js'

type Access = Omit<NatsOptions, 'servers'>

/** Joins, and has an entry and a record stored. */
async function letsIn(t: ExecutionContext, servers: string, access: Access): Promise<void> {
  await using member = await nats({ servers, ...access }).join({ cluster: newCluster() })
  const revision = await member.register.set('key', new Uint8Array([1]))
  t.is((await member.register.get('key'))?.revision, revision)
  t.is((await member.journal.read('subject', { after: 0 })).length, 0)
  t.true((await member.journal.append('subject', new Uint8Array([1]))) > 0)
}

async function keepsOut(t: ExecutionContext, servers: string, access: Access): Promise<StigmergyError> {
  const joining = nats({ servers, ...access }).join({ cluster: newCluster() })
  const error = await t.throwsAsync(joining, { instanceOf: StigmergyError })
  t.is(error.code, 'STG_CLUSTER_UNAVAILABLE')
  return error
}

async function refusesAccess(t: ExecutionContext, servers: string, access: Access): Promise<void> {
  const error = await keepsOut(t, servers, access)
  t.false(error.retryable)
  t.true(error.message.includes(servers))
  t.regex(error.message, /see that the token, user, nkey or credentials file is right/)
}

async function folderOf(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stigmergy-access-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** As the certificates name it. */
function nameOf({ port }: NatsServer): string {
  return `nats://localhost:${port}`
}

test('a token lets in, another one and none do not', async (t) => {
  await using server = await NatsServer.start({ config: 'authorization { token: "right" }' })
  await letsIn(t, server.url, { token: 'right' })
  await refusesAccess(t, server.url, { token: 'wrong' })
  await refusesAccess(t, server.url, {})
})

test('a user lets in with the password, and not with another one', async (t) => {
  await using server = await NatsServer.start({
    config: 'authorization { user: "somebody", password: "right" }',
  })
  await letsIn(t, server.url, { user: 'somebody', pass: 'right' })
  await refusesAccess(t, server.url, { user: 'somebody', pass: 'wrong' })
  await refusesAccess(t, server.url, { user: 'nobody', pass: 'right' })
  await refusesAccess(t, server.url, { user: 'somebody' })
})

test('an nkey lets in, and another one does not', async (t) => {
  const [user, stranger] = [nkeys.createUser(), nkeys.createUser()]
  await using server = await NatsServer.start({
    config: `authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`,
  })
  await letsIn(t, server.url, { nkey: seedOf(user) })
  await refusesAccess(t, server.url, { nkey: seedOf(stranger) })
})

test('a credentials file lets in, and that of another operator does not', async (t) => {
  const folder = await folderOf(t)
  const [right, wrong] = [makeCredentials(), makeCredentials()]
  const paths = [join(folder, 'right.creds'), join(folder, 'wrong.creds')] as const
  await writeFile(paths[0], right.file)
  await writeFile(paths[1], wrong.file)
  await using server = await NatsServer.start({ config: right.config })
  await letsIn(t, server.url, { credentials: paths[0] })
  await refusesAccess(t, server.url, { credentials: paths[1] })
})

test('a credentials file that is not there, or is something else, is a fault of the config', async (t) => {
  const file = join(await folderOf(t), 'user.creds')
  const refusal = async (): Promise<void> => {
    const joining = nats({ servers: 'nats://127.0.0.1:1', credentials: file }).join({ cluster: 'test' })
    const error = await t.throwsAsync(joining, { instanceOf: StigmergyError })
    t.like(error, { code: 'STG_CONFIG_INVALID', details: { field: 'credentials' } })
    t.true(error.message.includes(file))
  }
  await refusal()
  await writeFile(file, 'something else')
  await refusal()
})

test('a server with a certificate is trusted by its authority, and not without', async (t) => {
  const { caFile, server: own } = await makeCertificates(await folderOf(t))
  await using server = await NatsServer.start({
    config: `tls { cert_file: "${own.certFile}", key_file: "${own.keyFile}" }`,
  })
  await letsIn(t, nameOf(server), { tls: { caFile } })
  const error = await keepsOut(t, nameOf(server), {})
  t.regex(error.message, /certificate/)
})

test('a server that asks for certificates lets in those with one of its authority', async (t) => {
  const folder = await folderOf(t)
  const { caFile, server: own, client } = await makeCertificates(folder)
  await using server = await NatsServer.start({
    config: `tls { cert_file: "${own.certFile}", key_file: "${own.keyFile}", ca_file: "${caFile}", verify: true }`,
  })
  await letsIn(t, nameOf(server), { tls: { caFile, ...client } })
  const error = await keepsOut(t, nameOf(server), { tls: { caFile }, connectMs: 500 })
  t.regex(error.message, /whether it asks for a certificate/)
})

test('a certificate file that is not there is a fault of the config', async (t) => {
  const caFile = join(await folderOf(t), 'authority.pem')
  const joining = nats({ servers: 'nats://127.0.0.1:1', tls: { caFile } }).join({ cluster: 'test' })
  const error = await t.throwsAsync(joining, { instanceOf: StigmergyError })
  t.like(error, { code: 'STG_CONFIG_INVALID', details: { field: 'tls.caFile' } })
})

test('a user who may not use JetStream is told what is missing', async (t) => {
  await using server = await NatsServer.start({
    config: `accounts { PLAIN: { users: [ { user: "plain", password: "right" } ] }, SYS: { users: [] } }\nsystem_account: SYS`,
  })
  const error = await keepsOut(t, server.url, { user: 'plain', pass: 'right', requestMs: 500 })
  t.regex(error.message, /JetStream/)
})

test('a user whose permissions do not allow the subjects of a cluster is told so', async (t) => {
  await using server = await NatsServer.start({
    config: `authorization { users: [ { user: "narrow", password: "right", permissions: { publish: "other.>", subscribe: "other.>" } } ] }`,
  })
  const error = await keepsOut(t, server.url, { user: 'narrow', pass: 'right', requestMs: 500 })
  t.regex(error.message, /[Pp]ermission/)
})
