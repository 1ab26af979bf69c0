// Compares what each published package exports with its report in etc/, or, with --update, writes the reports.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { cache, entriesOf, publishedWorkspaces, readJson, root } from './workspaces.mjs'

/** @typedef {import('./workspaces.mjs').Workspace} Workspace */

/**
 * @param {{ update: boolean }} options
 * @returns {string[]} what is wrong, one line each; the packages must be built
 */
export function apiReports({ update }) {
  mkdirSync(join(root, 'etc'), { recursive: true })
  return publishedWorkspaces().flatMap((workspace) =>
    Object.keys(entriesOf(workspace)).flatMap((entry) => report(workspace, entry, update)),
  )
}

/** @param {Workspace} workspace @param {string} entry @param {boolean} update @returns {string[]} */
function report(workspace, entry, update) {
  /** @type {string[]} */
  const problems = []
  const { apiReportChanged } = Extractor.invoke(configFor(workspace, entry), {
    localBuild: update,
    messageCallback: (message) => {
      message.handled = true
      if (message.logLevel === ExtractorLogLevel.Error) problems.push(`${workspace.path}: ${message.text}`)
    },
  })
  if (apiReportChanged && !update)
    problems.push(`etc/${reportName(workspace, entry)}.api.md is out of date: npm run api`)
  return problems
}

/** @param {Workspace} workspace @param {string} entry */
function configFor(workspace, entry) {
  const { compilerOptions } = /** @type {{ compilerOptions: object }} */ (
    readJson(join(root, 'tsconfig.json'))
  )
  const types = join(workspace.folder, 'dist', `${entry}.d.ts`)
  return ExtractorConfig.prepare({
    packageJsonFullPath: join(workspace.folder, 'package.json'),
    configObjectFullPath: join(workspace.folder, 'api-extractor.json'),
    configObject: {
      projectFolder: workspace.folder,
      mainEntryPointFilePath: types,
      compiler: {
        overrideTsconfig: {
          compilerOptions: { ...compilerOptions, paths: {}, allowJs: false, checkJs: false },
          files: [types],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: reportName(workspace, entry),
        reportFolder: join(root, 'etc'),
        reportTempFolder: join(cache, 'api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      newlineKind: 'lf',
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.None, addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  })
}

/** @param {Workspace} workspace @param {string} entry */
function reportName({ manifest }, entry) {
  const name = manifest.name.replace(/^@stigmergy\//, '')
  return entry === 'index' ? name : `${name}-${entry.replaceAll('/', '-')}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = apiReports({ update: process.argv.includes('--update') })
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
}
