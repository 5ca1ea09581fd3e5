import { type Settings, setVariable } from '../model/settings.ts';
import { ownWords } from '../model/text.ts';

/** Which SCM a server uses, in Drone's own order of precedence (cmd/drone-server/inject_client.go:51-69). */
export interface Scm {
  readonly provider: 'bitbucket' | 'github' | 'gitee' | 'gitea' | 'gitlab' | 'gogs' | 'stash';
  /** Whether anyone in the world can have an account there; undefined if its address is unknown. */
  readonly isPublic: boolean | undefined;
}

export function scmOf(settings: Settings): Scm | undefined {
  if (setVariable(settings, 'DRONE_BITBUCKET_CLIENT_ID')) return { provider: 'bitbucket', isPublic: true };
  if (setVariable(settings, 'DRONE_GITHUB_CLIENT_ID'))
    return { provider: 'github', isPublic: isPublicServer(settings, 'DRONE_GITHUB_SERVER', 'github.com') };
  if (setVariable(settings, 'DRONE_GITEE_CLIENT_ID'))
    return { provider: 'gitee', isPublic: isPublicServer(settings, 'DRONE_GITEE_SERVER', 'gitee.com') };
  if (setVariable(settings, 'DRONE_GITEA_SERVER')) return { provider: 'gitea', isPublic: false };
  if (setVariable(settings, 'DRONE_GITLAB_CLIENT_ID'))
    return { provider: 'gitlab', isPublic: isPublicServer(settings, 'DRONE_GITLAB_SERVER', 'gitlab.com') };
  if (setVariable(settings, 'DRONE_GOGS_SERVER')) return { provider: 'gogs', isPublic: false };
  if (setVariable(settings, 'DRONE_STASH_CONSUMER_KEY')) return { provider: 'stash', isPublic: false };
  return undefined;
}

/** Each server address defaults to the public instance. */
function isPublicServer(settings: Settings, name: string, host: string): boolean | undefined {
  const variable = setVariable(settings, name);
  if (!variable) return settings.complete || settings.variables.has(name) ? true : undefined;
  if (variable.value === undefined) return undefined;
  return new RegExp(`^(?:https?://)?(?:www\\.)?${host.replace('.', '\\.')}/?$`, 'i').test(variable.value.trim());
}

/** The names of the products. */
export const scmNames = {
  bitbucket: ownWords('Bitbucket'),
  github: ownWords('GitHub'),
  gitee: ownWords('Gitee'),
  gitea: ownWords('Gitea'),
  gitlab: ownWords('GitLab'),
  gogs: ownWords('Gogs'),
  stash: ownWords('Bitbucket Server'),
};
