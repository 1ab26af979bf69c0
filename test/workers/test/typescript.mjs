// Threads of Node.js 20 do not take over the loaders of the main thread.
import { register } from 'tsx/esm/api'

register()
