import type { AppManifest, FunctionDeclaration } from '../app/define-app.js'

/** A function, and the number that stands for it between the workers of a node. */
export interface NumberedFunction {
  readonly app: string
  readonly declaration: FunctionDeclaration
}

/** All functions in an order that every worker which has the same apps finds. */
export function numberFunctions(apps: readonly AppManifest[]): readonly NumberedFunction[] {
  return apps.flatMap(({ name, functions }) =>
    Array.from(functions.values(), (declaration) => ({ app: name, declaration })),
  )
}
