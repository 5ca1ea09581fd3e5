import { serverOf } from '../../model/join.ts';
import { scmOf } from '../../model/registration.ts';
import type { Context } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';
import { registrationOf } from '../account/registration.ts';

/** Whether anyone in the world can have an account at the SCM behind a runner. False where that is not known. */
export function isScmPublic(runner: Settings, { installation, site }: Context): boolean {
  if (site.scm !== undefined) return site.scm === 'public';
  const server = runner.role === 'server' ? runner : serverOf(runner, installation);
  return server !== undefined && scmOf(server)?.isPublic === true;
}

/** How strangers come to have builds on a runner, for messages; undefined where nothing shows that they do. */
export function waysOfStrangers(runner: Settings, context: Context): string | undefined {
  if (isScmPublic(runner, context)) return 'the SCM is public';
  const server = serverOf(runner, context.installation);
  return server && registrationOf(server).state === 'open' ? 'registration is open' : undefined;
}
