const scales: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 }

/** Reads a number of bytes such as `64M`; undefined if it is none. A K is 1,000. */
export function bytesOf(text: string): number | undefined {
  const [, number, scale = ''] = /^(\d{1,12}(?:\.\d{1,3})?)([KMGT]?)B?$/i.exec(text) ?? []
  const bytes = Math.floor(Number(number) * (scales[scale.toUpperCase()] ?? NaN))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** Such as `12.3 MB`. */
export function sizeOf(bytes: number): string {
  const [scale = '', unit = 1] = Object.entries(scales).findLast(([, least]) => bytes >= least) ?? []
  return `${(bytes / unit).toLocaleString('en', { maximumFractionDigits: 1 })} ${scale === 'K' ? 'k' : scale}B`
}
