/**
 * A message on its way between a home and a worker of the same machine:
 *
 *   0         4                    texts at                 end
 *   ┌─────────┬────────────────────┬────────────────────────┐
 *   │ texts   │ fields, one after  │ all texts, one after   │
 *   │ at: u32 │ the other          │ the other, in UTF-8    │
 *   └─────────┴────────────────────┴────────────────────────┘
 *
 *   whole    7 bits in each byte, the low ones first; the top bit says that more follow
 *   number   8 bytes: a double
 *   text     whole: 0 for none, else its length in UTF-16 units and 1; its characters stand among the texts
 *   bytes    whole: how many; then they follow
 *   other    bytes: CBOR, none for `undefined`
 *
 * Texts stand together because most of a message is text, and one call that encodes or decodes all of it costs as much as one for each
 * word. u32 and number stand high bytes first.
 */
export const frameLayout = {
  textsAtOffset: 0,
  fieldsOffset: 4,
  wholeBase: 128,
  isMore: 128,
} as const
