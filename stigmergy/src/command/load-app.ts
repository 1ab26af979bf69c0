import type { App } from 'stigmergy'
import { type Exported, importFile, unusable } from './import-file.js'

/** What stands for an app on the command line. */
export const appArgument =
  'a module that exports what defineApp returned; with #name the export that is meant'

/** The app that a module exports. Rejects with `STG_CONFIG_MODULE` when there is none, or several and none is named. */
export async function loadApp(address: string): Promise<App> {
  const [, path = address, name] = /^(.*?)(?:#(\w+))?$/.exec(address) ?? []
  const exported = await importFile(path, 'an app')
  const apps = appsOf(exported)
  const chosen = name === undefined ? [...new Set(apps.values())] : [apps.get(name)]
  const [app] = chosen
  if (app !== undefined && chosen.length === 1) return app
  throw unusable(sayWhy(path, name, [...apps.keys()]), path)
}

function appsOf(exported: Exported): ReadonlyMap<string, App> {
  return new Map(Object.entries(exported).filter((entry): entry is [string, App] => isApp(entry[1])))
}

function isApp(value: unknown): value is App {
  return typeof (value as App | null | undefined)?.manifest?.name === 'string'
}

function sayWhy(path: string, name: string | undefined, apps: readonly string[]): string {
  const there = apps.map((app) => `${path}#${app}`).join(', ')
  if (apps.length === 0)
    return `${path} exports no app: export what defineApp returned, such as export const app = defineApp(…).`
  if (name === undefined) return `${path} exports several apps; name one: ${there}.`
  return `${path} exports no app as ${name}; there is ${there}.`
}
