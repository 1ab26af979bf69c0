import { memoryCluster } from '@stigmergy/transport-memory'
import test from 'ava'
import {
  byBatchSize,
  bySet,
  defineApp,
  defineRuntime,
  immediate,
  redundant,
  type AppBuilder,
  reviewApp,
} from 'stigmergy'

/** The remarks on an app, each as what it is about and its code. */
function remarks(define: (app: AppBuilder) => unknown): readonly string[] {
  return reviewApp(defineRuntime(), defineApp('app', define)).remarks.map(
    ({ about, code }) => `${about}: ${code}`,
  )
}

const nothing = (): void => undefined

test('all errors of an app are found, not only the first', (t) => {
  const app = defineApp('app', (app) => {
    const bucket = app.bucket('bucket')
    const fn = app.fn('fn', nothing)
    bucket.when(byBatchSize({ count: 0 }), fn)
    bucket.when({ primitive: 'nobody-has-it', options: {} }, fn, { name: 'second' })
    bucket.when(immediate(), fn, { name: 'third' })
    bucket.when(immediate(), fn, { name: 'third' })
  })
  const { errors } = reviewApp(defineRuntime(), app)
  t.deepEqual(
    errors.map(({ code }) => code),
    ['STG_OPTIONS_INVALID', 'STG_PRIMITIVE_UNKNOWN', 'STG_CONFIG_NAME'],
  )
})

test('what a primitive warns of is told of its trigger, with the remedy', (t) => {
  const app = defineApp('app', (app) => {
    app.bucket('bucket').when(byBatchSize({ count: 3 }), app.fn('fn', nothing))
  })
  const [remark] = reviewApp(defineRuntime(), app).remarks
  t.like(remark, { about: 'trigger bucket.fn', code: 'can-wait-for-ever' })
  t.regex(remark!.remedy, /^flush/)
})

test('a function that no trigger runs and that is not handed out never runs', (t) => {
  const define = (app: AppBuilder) => {
    const bucket = app.bucket('bucket')
    bucket.when(immediate(), app.fn('run', nothing))
    app.fn('idle', nothing)
    return { begin: app.fn('begin', nothing), bucket }
  }
  t.deepEqual(remarks(define), ['function idle: never-runs'])
})

test('functions that options of a trigger name are run by it', (t) => {
  const define = (app: AppBuilder) => {
    const bucket = app.bucket('bucket')
    const late = app.fn('late', nothing)
    const join = app.fn('join', nothing)
    bucket.when(bySet({ keys: ['a'] }), join, { deadline: 100, onDeadline: { fallback: late } })
    return { begin: app.fn('begin', nothing), bucket }
  }
  t.deepEqual(remarks(define), [])
})

test('an app that hands out no function is called by names, so any may be called', (t) => {
  t.deepEqual(
    remarks((app) => void app.fn('begin', nothing)),
    [],
  )
})

test('a bucket without triggers is never read, unless it is handed out', (t) => {
  t.deepEqual(
    remarks((app) => {
      app.bucket('lost')
      return { found: app.bucket('found') }
    }),
    ['bucket lost: never-read'],
  )
})

test('a bucket that no function puts into is never filled, once every function says where it puts', (t) => {
  const define = (puts: boolean, handed: boolean) => (app: AppBuilder) => {
    const full = app.bucket('full')
    const empty = app.bucket('empty')
    const read = app.fn('read', nothing, { puts: [] })
    full.when(immediate(), read)
    empty.when(immediate(), read)
    const begin = app.fn('begin', nothing, puts ? { puts: [full] } : {})
    return handed ? { begin, empty } : { begin }
  }
  t.deepEqual(remarks(define(true, false)), ['bucket empty: never-filled'])
  t.deepEqual(remarks(define(true, true)), [])
  t.deepEqual(remarks(define(false, false)), [])
})

test('a supervised producer that declares to put elsewhere is expected in vain', (t) => {
  const define = (right: boolean) => (app: AppBuilder) => {
    const bucket = app.bucket('bucket')
    const other = app.bucket('other')
    const make = app.fn('make', nothing, { puts: [right ? bucket : other] })
    const read = app.fn('read', nothing)
    other.when(immediate(), read)
    bucket.when(immediate(), read, { expect: [{ source: make, timeoutMs: 10 }] })
    return { make, bucket, other }
  }
  t.deepEqual(remarks(define(false)), ['trigger bucket.read: can-never-fire'])
  t.deepEqual(remarks(define(true)), [])
})

test('functions that start each other over and over are told of once for each round', (t) => {
  const define = (app: AppBuilder) => {
    const [a, b, c, end] = ['a', 'b', 'c', 'end'].map((name) => app.bucket(name))
    a!.when(immediate(), app.fn('fromA', nothing, { puts: [b!] }))
    b!.when(immediate(), app.fn('fromB', nothing, { puts: [a!, c!] }))
    c!.when(immediate(), app.fn('fromC', nothing, { puts: [c!, end!] }))
    end!.when(immediate(), app.fn('fromEnd', nothing, { puts: [] }))
    return { a }
  }
  t.deepEqual(remarks(define), ['bucket a: can-grow', 'bucket c: can-grow'])
})

test('an app without a module cannot have workers', (t) => {
  const app = { ...defineApp('app', (app) => ({ begin: app.fn('begin', nothing) })), module: undefined }
  const { errors } = reviewApp(defineRuntime({ workers: { kind: 'thread', count: 1 } }), app)
  t.deepEqual(
    errors.map(({ code }) => code),
    ['STG_WORKER_APP'],
  )
})

test('what only functions put that never run is never filled either', (t) => {
  const define = (isBegun: boolean) => (app: AppBuilder) => {
    const [first, second] = ['first', 'second'].map((name) => app.bucket(name))
    const go = app.fn('go', nothing, { puts: [second!] })
    const back = app.fn('back', nothing, { puts: [first!] })
    first!.when(immediate(), go)
    second!.when(immediate(), back)
    return { begin: app.fn('begin', nothing, { puts: isBegun ? [first!] : [] }) }
  }
  const round = 'bucket first: can-grow'
  t.deepEqual(remarks(define(false)), ['bucket first: never-filled', 'bucket second: never-filled', round])
  t.deepEqual(remarks(define(true)), [round])
})

test('a join that may not hold what it waits for can never fire', (t) => {
  const define = (maxPending: number) => (app: AppBuilder) => {
    const bucket = app.bucket('bucket')
    const common = { maxPending, deadline: 1_000 }
    bucket.when(bySet({ keys: ['a', 'b', 'c'] }), app.fn('all', nothing), common)
    bucket.when(redundant({ k: 3, n: 4 }), app.fn('some', nothing), common)
    return { bucket, begin: app.fn('begin', nothing) }
  }
  t.deepEqual(remarks(define(1)), [
    'trigger bucket.all: can-never-fire',
    'trigger bucket.some: can-never-fire',
  ])
  t.deepEqual(remarks(define(2)), [])
})

test('what shared triggers cannot do is an error in a cluster only', (t) => {
  const app = defineApp('app', (app) => {
    const bucket = app.bucket('bucket')
    const make = app.fn('make', nothing, { puts: [bucket] })
    bucket.when(byBatchSize({ count: 2 }), app.fn('take', nothing), {
      expect: [{ source: make, timeoutMs: 10 }],
    })
    return { make }
  })
  const inCluster = defineRuntime({ cluster: memoryCluster() })
  const [error, ...others] = reviewApp(inCluster, app).errors
  t.like(error, { code: 'STG_CONFIG_INVALID', details: { trigger: 'bucket.take', field: 'expect' } })
  t.deepEqual([...others, ...reviewApp(defineRuntime(), app).errors], [])
})

test('a function that a trigger names and nobody has is told with those that there are', (t) => {
  const app = defineApp('app', (app) => {
    const bucket = app.bucket('bucket')
    const read = app.fn('read', nothing)
    bucket.when(immediate(), read, { expect: [{ source: 'gone', timeoutMs: 10 }] })
  })
  const [error] = reviewApp(defineRuntime(), app).errors
  t.is(error?.code, 'STG_FUNCTION_UNKNOWN')
  t.regex(error!.message, /names function "gone".*it has read\.$/)
})
