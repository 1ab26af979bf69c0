import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import type { TextFile } from '../src/spool.js'

const characters = [
  'a',
  'Z',
  '9',
  'é',
  'e\u0301',
  'İ',
  'Σ',
  'ΑΣ',
  '\u212A',
  '漢字',
  '𐐀',
  '😀',
  '\u2028',
  '\uFEFF',
  '़',
]
const separators = [' ', '\r\n', '\n', '-', '.', '\0']
const torn = [
  [0xf0, 0x9f],
  [0xf0, 0x9f, 0x98],
  [0xe4, 0xbd],
  [0xc3],
  [0xed, 0xa0, 0x80],
  [0x80],
  [0xff],
  [0xc0, 0xaf],
]

/** Text in which anything may stand next to anything: many scripts, separators, broken UTF-8. */
export const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...characters, ...separators).map((character) => Buffer.from(character)),
      fc.constantFrom(...torn).map((bytes) => Buffer.from(bytes)),
      fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxLength: 80 },
  )
  .map((parts) => Buffer.concat(parts))

/** Writes texts to files whose names begin with `name`. */
export async function writeTexts(
  folder: string,
  name: string,
  texts: readonly Uint8Array[],
): Promise<readonly TextFile[]> {
  const files = texts.map((text, index) => ({ path: join(folder, `${name}-${index}`), bytes: text.length }))
  await Promise.all(texts.map((text, index) => writeFile(files[index]?.path ?? '', text)))
  return files
}
