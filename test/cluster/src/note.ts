import { appendFileSync } from 'node:fs'

/** Appends a line to the file that the environment variable STIGMERGY_NOTES names; whole, whoever else writes there. */
export function note(line: string): void {
  appendFileSync(process.env['STIGMERGY_NOTES']!, `${line}\n`)
}
