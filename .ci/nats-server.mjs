import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './command.mjs'

const oldest = [2, 9]
const advice = `Install nats-server ${oldest.join('.')} or later and put it on the PATH:
  Debian, Ubuntu   apt-get install nats-server
  macOS            brew install nats-server
  others           a release of the NATS project`

/** A real nats-server: the one on the PATH, or one installed from Debian's packages. */
export async function natsServer() {
  const path = onPath('nats-server') ?? (await installed())
  const version = await versionOf(path)
  if (!isNewEnough(version)) throw new Error(`${path} is version ${version}.\n${advice}`)
  return { path, version }
}

async function installed() {
  const aptGet = onPath('apt-get')
  if (!aptGet || process.getuid?.() !== 0) throw new Error(`There is no nats-server.\n${advice}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run(aptGet, ['update'], { env })
  await run(aptGet, ['install', '--yes', '--no-install-recommends', 'nats-server'], { env })
  const path = onPath('nats-server')
  if (!path) throw new Error(`The package nats-server brought no nats-server.\n${advice}`)
  return path
}

/** @param {string} command */
function onPath(command) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find(isExecutable)
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** @param {string} path */
async function versionOf(path) {
  const printed = await run(path, ['--version'])
  return /v?(\d+\.\d+\.\d+)/.exec(printed)?.[1] ?? printed.trim()
}

/** @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldest
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { path, version } = await natsServer()
  console.log(`${path} ${version}`)
}
