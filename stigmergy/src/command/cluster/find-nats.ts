import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ClusterExchange } from 'stigmergy'
import { unusable } from '../import-file.js'

const name = '@stigmergy/transport-nats'

/** What the package exports, as far as it is used here: the command does not depend on it. */
interface TransportNats {
  readonly nats: (options: { readonly servers: string }) => ClusterExchange
}

/** The servers at a URL, by the transport that is installed in the folder. Rejects with `STG_CONFIG_MODULE` when none is. */
export async function natsAt(servers: string, folder: string): Promise<ClusterExchange> {
  const { nats } = (await import(pathToFileURL(installed(folder)).href)) as TransportNats
  return nats({ servers })
}

function installed(folder: string): string {
  try {
    return createRequire(join(folder, 'package.json')).resolve(name)
  } catch (cause) {
    throw unusable(`${name} is not installed here: npm install ${name}, or use --config.`, folder, cause)
  }
}
