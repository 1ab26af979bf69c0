import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'

/** A folder for a test. */
export class Here {
  readonly folder = mkdtempSync(join(tmpdir(), 'records-test-'))

  constructor(t: Pick<ExecutionContext, 'teardown'>) {
    t.teardown(() => rmSync(this.folder, { recursive: true }))
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** Writes a file; returns its path. */
  file(name: string, content: string | Uint8Array): string {
    writeFileSync(this.path(name), content)
    return this.path(name)
  }
}

/** A signal that never aborts. */
export const never = new AbortController().signal
