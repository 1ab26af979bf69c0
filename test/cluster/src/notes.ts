import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'

// Whoever imports this, or preloads it into workers, prints into the file that the environment variable STIGMERGY_NOTES names.
console.log = note

/** Appends a line; whole, whoever else writes there. */
export function note(line: string): void {
  appendFileSync(process.env['STIGMERGY_NOTES']!, `${line}\n`)
}

export function notes(): readonly string[] {
  return readFileSync(process.env['STIGMERGY_NOTES']!, 'utf8').split('\n').slice(0, -1)
}

export function forgetNotes(): void {
  writeFileSync(process.env['STIGMERGY_NOTES']!, '')
}
