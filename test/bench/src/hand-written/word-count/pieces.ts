import { open } from 'node:fs/promises'
import type { Range } from './splits.js'
import { lastCut } from './words.js'

const usualPieceBytes = 256 * 1024

/**
 * The text of a range, piece by piece, no word torn: what stands behind the last separator of a piece comes with the next.
 * Holds one piece, or the longest stretch without separators if that is more. A piece is valid until the next is asked for.
 */
export async function* piecesOf(
  { path, start, end }: Range,
  pieceBytes = usualPieceBytes,
): AsyncGenerator<Buffer, void, undefined> {
  const file = await open(path)
  try {
    let piece: Buffer = Buffer.allocUnsafe(Math.min(pieceBytes, end - start))
    let kept = 0
    for (let at = start; at < end;) {
      piece = withRoom(piece, kept)
      const { bytesRead } = await file.read(piece, kept, Math.min(piece.length - kept, end - at), at)
      if (bytesRead === 0) throw new Error('it became shorter while it was read')
      at += bytesRead
      const filled = kept + bytesRead
      const cut = at === end ? filled : Math.max(0, lastCut(piece, kept, filled))
      yield piece.subarray(0, cut)
      piece.copyWithin(0, cut, filled)
      kept = filled - cut
    }
  } finally {
    await file.close()
  }
}

/** The piece, or a larger one with the same beginning when less than half of it is free. */
function withRoom(piece: Buffer, kept: number): Buffer {
  if (kept * 2 <= piece.length) return piece
  const larger = Buffer.allocUnsafe(piece.length * 2)
  piece.copy(larger, 0, 0, kept)
  return larger
}
