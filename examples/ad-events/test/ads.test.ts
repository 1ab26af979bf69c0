import test from 'ava'
import { type AdEvent, AdGenerator, campaignsOfAds } from '../src/ads.js'

const campaignOf = campaignsOfAds(5)

function made(seed: number, count: number): readonly AdEvent[] {
  const generator = new AdGenerator(campaignOf, seed)
  return Array.from({ length: count }, () => generator.next())
}

test('a campaign has ten advertisements', (t) => {
  t.is(campaignOf.size, 50)
  t.is([...campaignOf.values()].filter((campaign) => campaign === 'campaign-3').length, 10)
})

test('the same seed makes the same events, another seed makes others', (t) => {
  t.deepEqual(made(1, 100), made(1, 100))
  t.notDeepEqual(made(1, 100), made(2, 100))
})

test('the generator counts the views that it makes, by campaign', (t) => {
  const generator = new AdGenerator(campaignOf, 3)
  const views = Array.from({ length: 1_000 }, () => generator.next()).filter(({ kind }) => kind === 'view')
  for (const [campaign, count] of generator.views)
    t.is(views.filter(({ ad }) => campaignOf.get(ad) === campaign).length, count)
})
