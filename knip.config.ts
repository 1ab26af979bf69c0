import { relative } from 'node:path'
import type { KnipConfig } from 'knip'
import { entriesOf, publishedWorkspaces } from './.ci/workspaces.mjs'

const published = publishedWorkspaces().map((workspace) => {
  const sources = Object.values(entriesOf(workspace)).map((file) => relative(workspace.folder, file))
  // Programs that tests start.
  const fixtures = workspace.path === 'transports/mmap' ? ['test/fixtures/*.ts'] : []
  return [workspace.path, { entry: [...sources, ...fixtures] }] as const
})

const config: KnipConfig = {
  workspaces: {
    '.': { entry: ['.ci/*.{mjs,ts}'], ignoreDependencies: ['madge', 'zod'] },
    ...Object.fromEntries(published),
    'test/types': { entry: ['**/*.ts'] },
    'test/bench': {
      entry: ['src/main.ts', 'src/tier-{2,3}/peers/*-worker.ts'],
      ignoreBinaries: ['mkfifo'],
    },
    'test/workers': { entry: ['src/{main,endless}.ts', 'test/*.mjs'] },
    'examples/*': { entry: ['src/*.ts'] },
  },
  ignoreWorkspaces: ['examples/custom-primitive'],
}

export default config
