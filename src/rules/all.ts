import type { AnyRule } from '../model/rule.ts';
import * as account from './account/index.ts';
import * as activity from './activity/index.ts';
import * as command from './command/index.ts';
import * as container from './container/index.ts';
import * as diagnostics from './diagnostics/index.ts';
import * as extension from './extension/index.ts';
import * as host from './host/index.ts';
import * as image from './image/index.ts';
import * as injection from './injection/index.ts';
import * as installation from './installation/index.ts';
import * as kubernetes from './kubernetes/index.ts';
import * as pipeline from './pipeline/index.ts';
import * as privilege from './privilege/index.ts';
import * as release from './release/index.ts';
import * as rpc from './rpc/index.ts';
import * as runner from './runner/index.ts';
import * as scm from './scm/index.ts';
import * as secret from './secret/index.ts';
import * as server from './server/index.ts';
import * as setting from './setting/index.ts';
import * as storage from './storage/index.ts';
import * as trigger from './trigger/index.ts';

const modules: Readonly<Record<string, Readonly<Record<string, AnyRule>>>> = {
  account,
  activity,
  command,
  container,
  diagnostics,
  extension,
  host,
  image,
  injection,
  installation,
  kubernetes,
  pipeline,
  privilege,
  release,
  rpc,
  runner,
  scm,
  secret,
  server,
  setting,
  storage,
  trigger,
};

/** Rules by family; the family is the name of the folder. */
export const families: Readonly<Record<string, readonly AnyRule[]>> = Object.fromEntries(
  Object.entries(modules).map(([family, rules]) => [family, Object.values(rules)]),
);

/** Every rule, sorted by id. */
export const allRules: readonly AnyRule[] = Object.values(families)
  .flat()
  .sort((a, b) => (a.id < b.id ? -1 : 1));

/** Family of each rule id. */
export const familyOf: ReadonlyMap<string, string> = new Map(
  Object.entries(families).flatMap(([family, rules]) => rules.map(({ id }) => [id, family] as const)),
);
