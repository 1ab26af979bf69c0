import { StigmergyError } from '@stigmergy/core'
import { readdirSync } from 'node:fs'
import type { Control } from './control.js'
import { parseSegmentFile, type SegmentName } from './segment-name.js'
import { Segment } from './segment.js'
import { isSystemError } from './system-error.js'

/** Maps one segment of the node after the other, each until the next one. Leaves out files that are no sound segments. */
export function* openSegments(
  control: Control,
  wanted: (name: SegmentName) => boolean,
): Generator<Segment, void, void> {
  for (const file of filesIn(control.directory)) {
    const name = parseSegmentFile(file)
    const segment = name !== undefined && wanted(name) ? open(control, name) : undefined
    if (segment === undefined) continue
    try {
      yield segment
    } finally {
      segment.unmap()
    }
  }
}

function open(control: Control, name: SegmentName): Segment | undefined {
  try {
    return Segment.open(control, name)
  } catch (error) {
    if (StigmergyError.is(error, 'STG_STORE_CORRUPT')) return undefined
    throw error
  }
}

/** Nothing once the founder has removed the directory. */
function filesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  }
}
