import { workerData } from 'node:worker_threads'
import Comlink from 'comlink'
import { tasks } from './tasks.js'

Comlink.expose(tasks, workerData as Comlink.Endpoint)
