import test from 'ava'
import { testTrigger } from '@stigmergy/conformance'
import { subject } from '../template/test/conformance.js'

testTrigger(test, subject)
