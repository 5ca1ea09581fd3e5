import { serversOf } from '../drone/topology.ts';
import { type Context, type Hit, type Inconclusive, type Severity, say, type Text } from '../model/rule.ts';
import type { Settings } from '../model/settings.ts';
import { isOwnScmPublic } from './public-scm.ts';
import { registrationOf } from './registration.ts';
import { opennessOf } from './runner-limits.ts';

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
  told: { readonly what: string; readonly severityForStrangers: Severity },
): Iterable<Hit | Inconclusive> {
  const openness = opennessOf(runner, limits);
  if (openness.state === 'unknown') yield { at: runner.at, inconclusive: openness.because };
  if (openness.state !== 'open') return;
  const way = publicAccessPath(runner, context);
  yield {
    at: runner.at,
    subject: 'limits',
    message: say`${runner.label} ${told.what}${way ? say`, and ${way}` : ''}`,
    severity: way ? told.severityForStrangers : undefined,
  };
}
