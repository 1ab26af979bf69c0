// Workers import this before all else: what functions print becomes a note.
import { note } from './note.js'

console.log = note
