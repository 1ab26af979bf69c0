const patterns = [
  'sequential',
  'conditional',
  'assembling',
  'dynamic-parallel',
  'batched-by-count',
  'batched-by-time',
  'batched-by-count-or-time',
  'k-out-of-n',
  'map-reduce',
  'composed',
]

const named = process.argv.slice(2)
const unknown = named.filter((name) => !patterns.includes(name))

if (unknown.length > 0) {
  console.error(`There is no pattern ${unknown.join(', ')}; there are ${patterns.join(', ')}.`)
  process.exitCode = 1
} else {
  for (const name of named.length > 0 ? named : patterns) {
    console.log(`# ${name}`)
    await import(`./${name}.js`)
  }
}
