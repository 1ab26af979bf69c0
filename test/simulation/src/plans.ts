import type { TrialPlan } from './trial.js'

const quiet = {
  count: 0,
  losses: 0,
  network: { delay: [0.1, 5], breaks: 0, duplicates: 0, overtakes: 0 },
} as const

/** What a seed stands for: the size of the cluster, and how rough its world is. */
export function planOf(seed: number): TrialPlan {
  const count = (seed * 7) % 13
  return {
    seed,
    nodes: 2 + (seed % 3),
    coordinators: seed % 4 === 0 ? 2 : 0,
    requests: 10,
    puts: 5,
    named: seed % 4 < 2 ? 3 : 0,
    ...(seed % 2 === 1 ? { slots: 1 } : {}),
    settings: {
      shards: 8,
      snapshotEvery: seed % 2 === 0 ? 4 : 10_000,
    },
    faults:
      count === 0
        ? quiet
        : {
            count,
            losses: 0.005,
            network: { delay: [0.1, 5], breaks: 0.002, duplicates: 0.05, overtakes: 0.05 },
          },
  }
}

/** The same with less: the candidates for what is really needed to see a problem, the smallest first. */
export function* smallerPlans(plan: TrialPlan): Generator<TrialPlan, void, undefined> {
  const { faults, requests, puts, named, nodes } = plan
  if (faults.count > 0) yield { ...plan, faults: { ...faults, count: faults.count - 1 } }
  if (faults.losses > 0) yield { ...plan, faults: { ...faults, losses: 0 } }
  const { network } = faults
  for (const kind of ['breaks', 'duplicates', 'overtakes'] as const)
    if (network[kind] > 0) yield { ...plan, faults: { ...faults, network: { ...network, [kind]: 0 } } }
  if (requests > 1) yield { ...plan, requests: requests - 1 }
  if (puts > 0) yield { ...plan, puts: puts - 1 }
  if (named > 0) yield { ...plan, named: named - 1 }
  if (nodes > 1) yield { ...plan, nodes: nodes - 1 }
}

/** A cluster in a calm world, to see what it costs. */
export function calmPlan(nodes: number, coordinators: number, requests: number): TrialPlan {
  return { seed: 1, nodes, coordinators, requests, puts: 0, named: 0, settings: {}, faults: quiet }
}
