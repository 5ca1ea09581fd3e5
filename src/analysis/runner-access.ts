import { serversOf } from '../drone/topology.ts';
import { isComponent, keepsBlankItem } from '../facts/settings.ts';
import { type Context, type Hit, type Inconclusive, type Severity, say, type Text } from '../model/rule.ts';
import { type Settings, setVariable } from '../model/settings.ts';
import { isOwnScmPublic } from './public-scm.ts';
import { registrationOf } from './registration.ts';
import { isOn, isStoppedBy, isUnset, whyUnknown } from './setting-state.ts';

/** How strangers come to have builds on a runner, for messages; undefined where nothing shows that they do. */
export function publicAccessPath(runner: Settings, context: Context): Text | undefined {
  if (isOwnScmPublic(runner, context)) return say`the SCM is public`;
  const servers = serversOf(runner, context.installation);
  const isOpen = servers.length > 0 && servers.every((server) => registrationOf(server).state === 'open');
  return isOpen ? say`registration is open` : undefined;
}

/** The hit for a runner that none of some limits keeps to its repositories; it is worse where strangers have builds on it. */
export function* openRunners(
  runner: Settings,
  context: Context,
  limits: readonly string[],
  texts: { readonly what: string; readonly severityIfPublic?: Severity },
): Iterable<Hit | Inconclusive> {
  const openness = opennessOf(runner, limits);
  if (openness.state === 'unknown') yield { at: runner.at, inconclusive: openness.because };
  if (openness.state !== 'open') return;
  const path = publicAccessPath(runner, context);
  yield {
    at: runner.at,
    subject: 'limits',
    message: say`${runner.label} ${texts.what}${path ? say`, and ${path}` : ''}`,
    severity: path ? texts.severityIfPublic : undefined,
  };
}

/** Whether a runner takes builds of all repositories; the variable that leaves it open is named where that is not known. */
export type Openness = { readonly state: 'open' | 'limited' } | { readonly state: 'unknown'; readonly because: Text };

/**
 * Whether none of some limits is set: lists by having an item, DRONE_LIMIT_TRUSTED by being true (drone/runner-go
 * pipeline/runtime/runner.go:194-201). Labels are no limit: any pipeline can ask for them.
 */
export function opennessOf(runner: Settings, limits: readonly string[]): Openness {
  const isBlankKept = isComponent(runner.role) && keepsBlankItem(runner.role);
  const isLimit = (name: string): boolean => {
    if (name === 'DRONE_LIMIT_TRUSTED') return isOn(runner, name) === true;
    return isBlankKept ? runner.variables.has(name) : setVariable(runner, name) !== undefined;
  };
  if (limits.some(isLimit)) return { state: 'limited' };
  const stopper = limits.find((name) => isStoppedBy(runner, name));
  if (stopper !== undefined) return { state: 'unknown', because: say`the runner does not start with this ${stopper}` };
  const unknown = limits.find(
    (name) => (name === 'DRONE_LIMIT_TRUSTED' ? isOn(runner, name) : isUnset(runner, name)) === undefined,
  );
  return unknown === undefined ? { state: 'open' } : { state: 'unknown', because: whyUnknown(runner, unknown) };
}
