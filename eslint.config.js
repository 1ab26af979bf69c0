import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

const di = {
  group: ['tsyringe', 'tsyringe/*', 'reflect-metadata', 'reflect-metadata/*'],
  message: 'Only core/src/di/tokens.ts and core/src/di/container.ts know the container.',
}
const insides = {
  regex: '^(@stigmergy/[^/]+|stigmergy)/(src|dist)(/|$)',
  message: 'Import what the package exports.',
}
const io = {
  group: ['node:*'],
  message: 'A trigger decides; it does no I/O.',
}

const ambient = ['setTimeout', 'setInterval', 'setImmediate', 'performance'].map((name) => ({
  name,
  message: 'Time is an argument: use the clock, or ctx.now and ctx.timers.',
}))
const clockReads = [
  { object: 'Date', property: 'now', message: 'Time is an argument: use the clock, or ctx.now.' },
  { object: 'Math', property: 'random', message: 'Chance is an argument: use ids, or ctx.random().' },
]
const newDate = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'Time is an argument: use the clock, or ctx.now.',
}
const moduleState = {
  selector:
    'Program > VariableDeclaration[kind="let"], Program > ExportNamedDeclaration > VariableDeclaration[kind="let"]',
  message: 'State has one owner; a module has none.',
}
const exportAll = { selector: 'ExportAllDeclaration', message: 'Name what you export.' }

const sources = [
  'core/src/**/*.ts',
  'primitives/*/src/**/*.ts',
  'plugins/*/src/**/*.ts',
  'transports/*/src/**/*.ts',
  'stigmergy/src/**/*.ts',
  'test/conformance/src/**/*.ts',
]

export default defineConfig(
  globalIgnores(['**/dist/', '**/node_modules/', 'etc/', 'examples/custom-primitive/']),
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Hooks and functions of apps may be async without awaiting anything yet.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      // The compiler knows better.
      'no-undef': 'off',
      'no-restricted-imports': ['error', { patterns: [di, insides] }],
      'no-restricted-syntax': ['error', moduleState],
    },
  },
  {
    files: sources,
    rules: { 'no-restricted-syntax': ['error', moduleState, exportAll] },
  },
  {
    files: ['core/src/**/*.ts'],
    ignores: ['core/src/clock.ts', 'core/src/ids.ts'],
    rules: {
      'no-restricted-globals': ['error', ...ambient],
      'no-restricted-properties': ['error', ...clockReads],
      'no-restricted-syntax': ['error', moduleState, exportAll, newDate],
    },
  },
  {
    files: ['core/src/di/tokens.ts', 'core/src/di/container.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: ['primitives/*/src/**/*.ts', 'plugins/{composites,count-or-time}/src/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...ambient],
      'no-restricted-imports': ['error', { patterns: [di, insides, io] }],
      'no-restricted-properties': ['error', ...clockReads],
      'no-restricted-syntax': ['error', moduleState, exportAll, newDate],
    },
  },
  {
    // Programs talk to people.
    files: [
      '.ci/**',
      'examples/**',
      'test/bench/**',
      'test/workers/**',
      'test/cluster/**',
      'test/simulation/**',
      'stigmergy/src/cli.ts',
      'stigmergy/src/cli/**',
    ],
    rules: { 'no-console': 'off' },
  },
)
