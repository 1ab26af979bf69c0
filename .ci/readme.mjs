// Runs what README.md has its reader run from the root, except for the tests, of which this is one. test/integration/docs.test.ts runs the rest.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runNpm, script } from './command.mjs'
import { root } from './workspaces.mjs'

/** Fails when one of the commands does; a remark says which they were. */
export async function checkReadme() {
  const commands = commandsIn(readFileSync(join(root, 'README.md'), 'utf8'))
  if (!commands.includes('npm start')) throw new Error('README.md does not say npm start')
  for (const command of commands) await runNpm(command.split(' ').slice(1), { timeoutMs: 120_000 })
  return commands.join(', ')
}

/** Those of npm in its blocks and in its text, each once. @param {string} markdown */
function commandsIn(markdown) {
  const found = markdown.matchAll(/^\$ (npm .*)$|`(npm [^`]+)`/gm)
  const commands = new Set(Array.from(found, ([, shown, named]) => shown ?? named ?? ''))
  return [...commands].filter((command) => !['npm test', 'npm install'].includes(command))
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await script(async () => console.log(await checkReadme()))
