/** Such as `1 law`, `2 laws` and `no laws`. */
export function counted(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number === 0 ? 'no' : number} ${noun}s`
}
