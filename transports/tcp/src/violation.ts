/** The other side does not keep to the protocol: its connection is cut. */
export class Violation extends Error {
  override readonly name = 'Violation'
}
