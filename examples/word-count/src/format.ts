const whole = new Intl.NumberFormat('en')
const fraction = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const percent = new Intl.NumberFormat('en', { style: 'percent', minimumFractionDigits: 2 })
const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** Such as `1,234,567`. */
export function number(value: number): string {
  return whole.format(value)
}

/** Such as `1 file` or `2 files`. */
export function amount(value: number, one: string, several = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : several}`
}

/** Such as `4.17%`. */
export function share(part: number, all: number): string {
  return percent.format(all === 0 ? 0 : part / all)
}

/** Such as `12.3 MB`, which is 12,300,000 bytes. */
export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${fraction.format(bytes / 1000 ** power)} ${units[power]}`
}

/** Such as `0.8 s`. */
export function seconds(ms: number): string {
  return `${fraction.format(ms / 1000)} s`
}
