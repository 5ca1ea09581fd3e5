import { scmOf } from '../drone/scm.ts';
import { serversOf } from '../drone/topology.ts';
import type { Installation } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Context } from '../model/rule.ts';
import type { Settings } from '../model/settings.ts';

/** Whether anyone in the world can have an account at the SCM of some server; undefined if nothing says so. */
export function isScmPublic({ installation, site }: Context): boolean | undefined {
  return site.scm === undefined ? isSomeScmPublic(installation) : site.scm === 'public';
}

const isSomeScmPublic = memoizePer(({ settings }: Installation): boolean | undefined => {
  const known = settings.flatMap((each) => {
    const isPublic = each.role === 'server' ? scmOf(each)?.isPublic : undefined;
    return isPublic === undefined ? [] : [isPublic];
  });
  return known.length === 0 ? undefined : known.includes(true);
});

/** Whether anyone in the world can have an account at the SCM behind a server or runner. False if that is not known. */
export function isOwnScmPublic(settings: Settings, { installation, site }: Context): boolean {
  if (site.scm !== undefined) return site.scm === 'public';
  const servers = settings.role === 'server' ? [settings] : serversOf(settings, installation);
  return servers.length > 0 && servers.every((server) => scmOf(server)?.isPublic === true);
}
