type Numbers = readonly [number, number, number]

/**
 * Whether a released version is in a range as package managers write them: `^1.2.0`, `~1.2`, `1.x`, `>=1 <3`, `1.0 - 2.0`, `1 || 2`. What is
 * no range, such as a path or a tag, cannot be judged, and passes.
 */
export function satisfies(version: string, range: string): boolean {
  const numbers = numbersOf(version)
  const sets = range.split('||').map(boundsOf)
  if (numbers === undefined || sets.includes(undefined)) return true
  return sets.some((bounds) => bounds!.every(({ from, below }) => isWithin(numbers, from, below)))
}

/** Half-open. */
interface Bounds {
  readonly from?: Numbers | undefined
  readonly below?: Numbers | undefined
}

/** All of the bounds must hold. Undefined for what is no range. */
function boundsOf(set: string): readonly Bounds[] | undefined {
  const hyphen = /^\s*(\S+)\s+-\s+(\S+)\s*$/.exec(set)
  const parts =
    hyphen === null
      ? set
          .replaceAll(/([<>=~^])\s+/g, '$1')
          .trim()
          .split(/\s+/)
      : [`>=${hyphen[1]}`, `<=${hyphen[2]}`]
  const bounds = parts.filter((part) => part !== '').map(boundOf)
  return bounds.includes(undefined) ? undefined : (bounds as Bounds[])
}

const comparator = /^(\^|~|>=|<=|>|<|=)?v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:[-+].*)?$/

function boundOf(part: string): Bounds | undefined {
  const [all, operator = '=', ...texts] = comparator.exec(part) ?? []
  if (all === undefined) return undefined
  const known = texts.slice(0, 3).flatMap((text) => (/^\d+$/.test(text ?? '') ? [Number(text)] : []))
  if (known.length === 0) return {}
  const from = filled(known)
  switch (operator) {
    case '>=':
      return { from }
    case '<':
      return { below: from }
    case '>':
      return { from: after(known, known.length - 1) }
    case '<=':
      return { below: after(known, known.length - 1) }
    case '~':
      return { from, below: after(known, Math.min(known.length - 1, 1)) }
    case '^':
      return { from, below: after(known, leading(known)) }
    default:
      return { from, below: after(known, known.length - 1) }
  }
}

/** The place that `^` holds fast: the first that is not zero. */
function leading(known: readonly number[]): number {
  const place = known.findIndex((number) => number > 0)
  return place === -1 ? known.length - 1 : place
}

/** The first version after all those that begin like this one up to `place`. */
function after(known: readonly number[], place: number): Numbers {
  return filled(known.slice(0, place + 1).map((number, at) => (at === place ? number + 1 : number)))
}

function filled([major = 0, minor = 0, patch = 0]: readonly number[]): Numbers {
  return [major, minor, patch]
}

function numbersOf(version: string): Numbers | undefined {
  const [all, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []
  return all === undefined ? undefined : [Number(major), Number(minor), Number(patch)]
}

function isWithin(version: Numbers, from: Numbers | undefined, below: Numbers | undefined): boolean {
  return (
    (from === undefined || compare(version, from) >= 0) &&
    (below === undefined || compare(version, below) < 0)
  )
}

function compare(a: Numbers, b: Numbers): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}
