import type { AnyRule } from '../../model/rule.ts';
import missingRpcSecret from './missing-rpc-secret.ts';
import weakRpcSecret from './weak-rpc-secret.ts';

export default [missingRpcSecret, weakRpcSecret] satisfies readonly AnyRule[];
