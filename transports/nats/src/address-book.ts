/** Who has an address. */
export interface Claim {
  readonly address: string
  /** Under which the claim stands in the register: another one for each opening, and after each lost connection. */
  readonly revision: number
  readonly member: string
}

/** Is told when what somebody has claimed is over. */
export type OnOver = (claim: Claim, how: 'closed' | 'lost') => void

/** The addresses that are open anywhere in the cluster, as far as it is known here. */
export class AddressBook {
  readonly #claims = new Map<string, Claim>()
  readonly #byMember = new Map<string, Set<Claim>>()
  /** Revisions that are over although the register does not say so yet, by address. */
  readonly #over = new Map<string, number>()
  readonly #onOver: OnOver

  constructor(onOver: OnOver) {
    this.#onOver = onOver
  }

  find(address: string): Claim | undefined {
    return this.#claims.get(address)
  }

  of(member: string): readonly Claim[] {
    return [...(this.#byMember.get(member) ?? [])]
  }

  get members(): readonly string[] {
    return [...this.#byMember.keys()]
  }

  /** Whether a claim has come to its end. */
  isOver(address: string, revision: number): boolean {
    return revision <= (this.#over.get(address) ?? 0) || revision < (this.#claims.get(address)?.revision ?? 0)
  }

  /** An address has been claimed; what was claimed before is lost. */
  add(claim: Claim): void {
    const before = this.#claims.get(claim.address)
    if (before?.revision === claim.revision || this.isOver(claim.address, claim.revision)) return
    if (before !== undefined) this.#end(before, 'lost')
    this.#over.delete(claim.address)
    this.#claims.set(claim.address, claim)
    const others = this.#byMember.get(claim.member)
    if (others === undefined) this.#byMember.set(claim.member, new Set([claim]))
    else others.add(claim)
  }

  /** The register does not have an address any more. */
  remove(address: string): void {
    this.#over.delete(address)
    const claim = this.#claims.get(address)
    if (claim !== undefined) this.#end(claim, 'lost')
  }

  /** A claim has come to its end before the register says so. */
  end(claim: Claim, how: 'closed' | 'lost'): void {
    if (this.#claims.get(claim.address)?.revision !== claim.revision) return
    this.#over.set(claim.address, claim.revision)
    this.#end(claim, how)
  }

  #end(claim: Claim, how: 'closed' | 'lost'): void {
    this.#claims.delete(claim.address)
    const others = this.#byMember.get(claim.member)
    others?.delete(claim)
    if (others?.size === 0) this.#byMember.delete(claim.member)
    this.#onOver(claim, how)
  }
}
