import { scmOf } from '../drone/scm.ts';
import { serverOf } from '../drone/topology.ts';
import type { Installation } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Context, Hit, Inconclusive } from '../model/rule.ts';
import type { Settings } from '../model/settings.ts';
import type { Severity } from '../model/severity.ts';
import { say, type Text } from '../model/text.ts';
import { registrationOf } from './registration.ts';
import { opennessOf } from './runner-limits.ts';

/** Whether anyone in the world can have an account at the SCM behind a runner. False where that is not known. */
export function isScmPublic(runner: Settings, { installation, site }: Context): boolean {
  if (site.scm !== undefined) return site.scm === 'public';
  const servers = runner.role === 'server' ? [runner] : serversOf(runner, installation);
  return servers.length > 0 && servers.every((server) => scmOf(server)?.isPublic === true);
}

/** The server of a runner; where several of one file fit, behind a balancer for example, all of them. */
function serversOf(runner: Settings, installation: Installation): readonly Settings[] {
  const server = serverOf(runner, installation);
  return server ? [server] : (serversByFile(installation).get(runner.at.source.name) ?? []);
}

/** Servers of one file that are looked at; people have two or three. */
const maxServers = 20;

const serversByFile = memoizePer(({ settings }: Installation): ReadonlyMap<string, readonly Settings[]> => {
  const byFile = new Map<string, Settings[]>();
  for (const server of settings) {
    if (server.role !== 'server') continue;
    const same = byFile.get(server.at.source.name) ?? [];
    if (same.length < maxServers) byFile.set(server.at.source.name, [...same, server]);
  }
  return byFile;
});

/** How strangers come to have builds on a runner, for messages; undefined where nothing shows that they do. */
export function publicAccessPath(runner: Settings, context: Context): Text | undefined {
  if (isScmPublic(runner, context)) return say`the SCM is public`;
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
