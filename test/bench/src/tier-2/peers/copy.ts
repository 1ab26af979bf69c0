/** A way to send bytes to another process by copying them. */
export interface Copy {
  /** Resolves to how long it took until the other process had read the last byte, in µs. */
  send(bytes: Uint8Array): Promise<number>
  close(): Promise<void>
}
