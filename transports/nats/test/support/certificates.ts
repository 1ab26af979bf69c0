import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Paths of a certificate and of its key. */
export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
}

export interface Certificates {
  /** Of the authority that has signed the others. */
  readonly caFile: string
  readonly server: Certificate
  readonly client: Certificate
}

/** Makes certificates that are valid for a day, with the `openssl` of this machine. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const authority = pathsOf(folder, 'authority')
  await openssl('req', '-x509', ...newKey(authority), '-out', authority.certFile, '-subj', '/CN=authority')
  const [server, client] = [pathsOf(folder, 'server'), pathsOf(folder, 'client')]
  await sign(authority, server, 'subjectAltName=DNS:localhost')
  await sign(authority, client, 'extendedKeyUsage=clientAuth')
  return { caFile: authority.certFile, server, client }
}

async function sign(
  authority: Certificate,
  { certFile, keyFile }: Certificate,
  extension: string,
): Promise<void> {
  const [request, extensions] = [`${certFile}.request`, `${certFile}.extensions`]
  await openssl('req', ...newKey({ certFile, keyFile }), '-out', request, '-subj', '/CN=member')
  await writeFile(extensions, extension)
  const by = ['-CA', authority.certFile, '-CAkey', authority.keyFile, '-CAcreateserial', '-days', '1']
  await openssl('x509', '-req', '-in', request, ...by, '-extfile', extensions, '-out', certFile)
}

function newKey({ keyFile }: Certificate): readonly string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
}

async function openssl(...args: readonly string[]): Promise<void> {
  await run('openssl', args)
}

function pathsOf(folder: string, name: string): Certificate {
  return { certFile: join(folder, `${name}.pem`), keyFile: join(folder, `${name}.key`) }
}
