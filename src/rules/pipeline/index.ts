import type { AnyRule } from '../../model/rule.ts';
import misspeltTarget from './misspelt-target.ts';

export default [misspeltTarget] satisfies readonly AnyRule[];
