import test from 'ava'
import { testTrigger } from '@stigmergy/conformance'
import { subject } from './conformance.js'

testTrigger(test, subject)
