import { relative } from 'node:path'
import type { KnipConfig } from 'knip'
import { entriesOf, publishedWorkspaces } from './.ci/workspaces.mjs'

const published = publishedWorkspaces().map((workspace) => {
  const sources = Object.values(entriesOf(workspace)).map((file) => relative(workspace.folder, file))
  // Programs that tests start.
  const fixtures = workspace.path === 'transports/mmap' ? ['test/fixtures/*.ts'] : []
  // The files of packages to be.
  const ignore = workspace.path === 'plugins/create-primitive' ? ['template/**'] : []
  return [workspace.path, { entry: [...sources, ...fixtures], ignore }] as const
})

const config: KnipConfig = {
  workspaces: {
    '.': { entry: ['.ci/*.{mjs,ts}'], ignoreDependencies: ['madge', 'zod'] },
    ...Object.fromEntries(published),
    'test/types': { entry: ['**/*.ts'] },
    'test/bench': {
      entry: ['src/main.ts', 'src/tier-{2,3}/peers/*-worker.ts', 'src/hand-written/*/main.ts'],
      ignoreBinaries: ['mkfifo'],
    },
    'test/workers': { entry: ['src/{main,endless}.ts', 'test/*.mjs'] },
    'test/cluster': { entry: ['src/*.ts'] },
    'examples/kubernetes': { entry: ['src/main.ts', 'stigmergy.config.ts'] },
    'examples/*': { entry: ['src/*.ts'] },
    'examples/custom-seam': { entry: ['src/*.ts', 'src/seams/*.ts'] },
  },
  ignoreWorkspaces: ['examples/custom-primitive'],
}

export default config
