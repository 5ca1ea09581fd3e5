import type { AnyRule } from '../../model/rule.ts';
import dockerSocketForBuilds from './docker-socket-for-builds.ts';

export default [dockerSocketForBuilds] satisfies readonly AnyRule[];
