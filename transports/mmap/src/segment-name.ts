/** What the name of a segment's file says. */
export interface SegmentName {
  readonly member: number
  readonly epoch: number
  readonly number: number
}

export function segmentFile({ member, epoch, number }: SegmentName): string {
  return `${member}-${epoch}-${number}.seg`
}

/** Undefined for a file that is no segment. */
export function parseSegmentFile(file: string): SegmentName | undefined {
  const match = /^(\d+)-(\d+)-(\d+)\.seg$/.exec(file)
  if (match === null) return undefined
  return { member: Number(match[1]), epoch: Number(match[2]), number: Number(match[3]) }
}
