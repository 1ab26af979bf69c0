/** The program of a worker: an entry of this package, so that it is found wherever the package is. */
export function workerModule(): URL {
  return new URL(import.meta.resolve('@stigmergy/core/worker'))
}

/** Flags of Node that are about the program that was started, not about how programs run. */
const programFlags =
  /^--?(e|eval|p|print|c|check|i|interactive|watch|test|inspect|prof|cpu-prof|heap-prof|input-type)\b/

/** The flags that a worker inherits, such as loaders and limits. */
export function workerFlags(flags: readonly string[]): readonly string[] {
  return flags.filter((flag, at) => !programFlags.test(flag) && !takesText(flags[at - 1]))
}

function takesText(flag: string | undefined): boolean {
  return flag === '-e' || flag === '--eval' || flag === '-p' || flag === '--print'
}
