import type { AnyRule } from '../../model/rule.ts';
import inlineSecret from './inline-secret.ts';
import reusedSecret from './reused-secret.ts';
import sampleSecret from './sample-secret.ts';

export default [inlineSecret, reusedSecret, sampleSecret] satisfies readonly AnyRule[];
