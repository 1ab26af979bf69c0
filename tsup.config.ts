import { join, relative } from 'node:path'
import { defineConfig, type Options } from 'tsup'
import {
  entriesOf,
  filesUnder,
  programWorkspaces,
  publishedWorkspaces,
  type Workspace,
} from './.ci/workspaces.mjs'

const shared: Options = {
  format: 'esm',
  target: 'node20',
  platform: 'node',
  external: [/^[^./]/],
  clean: true,
  silent: true,
}

/** One bundle per entry of `exports` and `bin`; every other package stays an import. */
function packageBuild(workspace: Workspace): Options {
  return { ...shared, entry: entriesOf(workspace), outDir: join(workspace.folder, 'dist') }
}

/** File by file, because programs name their own modules by path when they start workers. */
function programBuild({ folder }: Workspace): Options {
  const sources = filesUnder(join(folder, 'src')).filter((file) => file.endsWith('.ts'))
  const entry = new Map(
    sources.map((file) => [relative(join(folder, 'src'), file).replace(/\.ts$/, ''), file]),
  )
  return { ...shared, bundle: false, entry: Object.fromEntries(entry), outDir: join(folder, 'dist') }
}

// In the root everything is built; in a package, that package.
const inHere = ({ folder }: Workspace): boolean => !relative(process.cwd(), folder).startsWith('..')

export default defineConfig([
  ...publishedWorkspaces().filter(inHere).map(packageBuild),
  ...programWorkspaces().filter(inHere).map(programBuild),
])
