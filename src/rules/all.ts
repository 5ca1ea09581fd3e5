import type { AnyRule } from '../model/rule.ts';
import account from './account/index.ts';
import command from './command/index.ts';
import container from './container/index.ts';
import diagnostics from './diagnostics/index.ts';
import extension from './extension/index.ts';
import host from './host/index.ts';
import image from './image/index.ts';
import injection from './injection/index.ts';
import installation from './installation/index.ts';
import kubernetes from './kubernetes/index.ts';
import pipeline from './pipeline/index.ts';
import privilege from './privilege/index.ts';
import release from './release/index.ts';
import rpc from './rpc/index.ts';
import runner from './runner/index.ts';
import scm from './scm/index.ts';
import secret from './secret/index.ts';
import server from './server/index.ts';
import setting from './setting/index.ts';
import storage from './storage/index.ts';
import trigger from './trigger/index.ts';

/** Rules by family; the family is the name of the folder. */
export const families: Readonly<Record<string, readonly AnyRule[]>> = {
  account,
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

/** Every rule, sorted by id. */
export const allRules: readonly AnyRule[] = Object.values(families)
  .flat()
  .sort((a, b) => (a.id < b.id ? -1 : 1));

/** Family of each rule id. */
export const familyOf: ReadonlyMap<string, string> = new Map(
  Object.entries(families).flatMap(([family, rules]) => rules.map(({ id }) => [id, family] as const)),
);
