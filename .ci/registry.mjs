import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename } from 'node:path'
import { runNpm } from './command.mjs'
import { publishedWorkspaces } from './workspaces.mjs'

/**
 * Serves our packages from their tarballs, as if they were published, and sends whoever asks for others to the registry that npm
 * is set to.
 * @param {Map<string, string>} tarballs by name
 * @param {(url: string) => Promise<void>} work may use the registry of this address
 */
export async function withRegistry(tarballs, work) {
  const others = (await runNpm(['config', 'get', 'registry'])).trim().replace(/\/$/, '')
  const server = createServer(({ url = '/', headers }, response) => {
    const path = decodeURIComponent(url).slice(1)
    const tarball = [...tarballs.values()].find((file) => basename(file) === path)
    const here = `http://${headers.host}`
    response.setHeader('cache-control', 'no-store')
    if (tarball !== undefined) response.end(readFileSync(tarball))
    else if (tarballs.has(path)) response.end(JSON.stringify(described(path, tarballs, here)))
    else response.writeHead(307, { location: others + url }).end()
  })
  await /** @type {Promise<void>} */ (new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  try {
    await work(`http://127.0.0.1:${port}/`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** What a registry knows of a package. @param {string} name @param {Map<string, string>} tarballs @param {string} here */
function described(name, tarballs, here) {
  const manifest = publishedWorkspaces().find((workspace) => workspace.manifest.name === name)?.manifest
  const tarball = tarballs.get(name)
  if (manifest === undefined || tarball === undefined) throw new Error(`${name} is none of our packages`)
  const { version } = manifest
  const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
  const dist = { tarball: `${here}/${basename(tarball)}`, integrity }
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } }
}
