/** Something that somebody did with an advertisement. */
export interface AdEvent {
  readonly ad: string
  readonly kind: 'view' | 'click' | 'purchase'
}

const kinds = ['view', 'click', 'purchase'] as const
const adsPerCampaign = 10

/** Which campaign each advertisement belongs to. */
export function campaignsOfAds(campaigns: number): ReadonlyMap<string, string> {
  const ads = Array.from({ length: campaigns * adsPerCampaign }, (_, index) => index)
  return new Map(ads.map((index) => [`ad-${index}`, `campaign-${Math.floor(index / adsPerCampaign)}`]))
}

/** Makes events at random, the same for the same seed, and counts the views of each campaign: what others must find out. */
export class AdGenerator {
  readonly #ads: readonly (readonly [ad: string, campaign: string])[]
  readonly #views = new Map<string, number>()
  #state: number

  constructor(campaignOf: ReadonlyMap<string, string>, seed: number) {
    this.#ads = [...campaignOf]
    this.#state = seed
  }

  /** The views so far, by campaign. */
  get views(): ReadonlyMap<string, number> {
    return this.#views
  }

  next(): AdEvent {
    const [ad, campaign] = this.#oneOf(this.#ads)
    const kind = this.#oneOf(kinds)
    if (kind === 'view') this.#views.set(campaign, (this.#views.get(campaign) ?? 0) + 1)
    return { ad, kind }
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T
  }

  /** mulberry32 (Tommy Ettinger, public domain): 0 <= r < 1. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
