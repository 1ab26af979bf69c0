const fewItems = 4

/**
 * The list with one more item; the given one must not be used any more. A list that grows by itself takes room for 17 items with its first,
 * and a runtime may have a million partitions that hold one object each.
 */
export function appended<T>(list: T[], item: T): T[] {
  if (list.length === 0) return [item]
  if (list.length < fewItems) return list.concat([item])
  list.push(item)
  return list
}
