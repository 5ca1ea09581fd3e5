import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isThirdParty } from '../analysis/third-party.ts';
import { existsSync, mayBeThere, onDisk } from '../checks/file-system.ts';
import { nameOf, nearestBeside } from '../checks/files.ts';
import { cannotWrite } from '../checks/writing.ts';
import { configName, findConfig } from '../config.ts';
import { imageName, isPlugin } from '../drone/deployment.ts';
import { scmOf } from '../drone/scm.ts';
import { gather } from '../gather.ts';
import { installationsOf, masksOf } from '../installations.ts';
import { compare } from '../model/compare.ts';
import { hostOf, isPublicHost } from '../model/hosts.ts';
import type { Installation } from '../model/installation.ts';
import { allSteps } from '../model/pipeline.ts';
import { statusOf } from '../model/report.ts';
import { setVariable } from '../model/settings.ts';
import { unknownSite } from '../model/site.ts';
import { UserError } from '../model/user-error.ts';
import { read } from '../read.ts';
import type { Io } from './io.ts';
import { targetsOf } from './targets.ts';

/** The options of `init`. */
export interface InitOptions {
  readonly print: boolean;
}

/**
 * Writes drone-audit.yml in the current folder, or prints it. All of it is comments: what was found is proposed, and counts
 * once somebody has decided. Throws UserError where there is a config, and for a path that is not there. Exit status 3 if something could not be read.
 */
export async function init(paths: readonly string[], { print }: InitOptions, io: Io): Promise<number> {
  for (const path of paths)
    if (path !== '-' && !existsSync(resolve(io.cwd, path))) {
      const meant = nearestBeside(path, io.cwd);
      throw new UserError(`"${path}" is not there`, meant === undefined ? undefined : `did you mean "${meant}"?`);
    }
  const target = join(io.cwd, configName);
  const present = mayBeThere(target) ? target : findConfig(io.cwd);
  if (!print && present !== undefined)
    throw new UserError(
      `"${nameOf(io.cwd, present)}" is already there`,
      'with --print the text goes to standard output',
    );
  const nothing = { composeFile: [], composeEnvFile: [], withEnvironment: false };
  const gathered = await gather(targetsOf(paths, { ...nothing, probeRunners: false }, io));
  const understood = read(gathered.sources, gathered.lookup, gathered.compose);
  const mask = masksOf(installationsOf(understood), understood.secrets)('');
  const isFree = (value: string): boolean => mask.evidence(value) === value;
  const hasSchema = mayBeThere(join(io.cwd, schemaPath));
  const text = textOf(proposalsOf(understood.installation, isFree), hasSchema);
  if (print) io.out(text);
  else {
    try {
      // Nothing that came there meanwhile is overwritten, and no link is followed.
      writeFileSync(onDisk(target), text, { flag: 'wx' });
    } catch (error) {
      throw cannotWrite(`"${configName}"`, error);
    }
    io.out(`${configName} is written: all of it is comments, for you to decide\n`);
  }
  return statusOf(gathered.problems);
}

/** Where an editor finds the schema, where the tool is installed beside the config. */
const schemaPath = 'node_modules/drone-audit/schemas/config.schema.json';

type ListKey =
  | 'registries'
  | 'images'
  | 'plugins'
  | 'administrators'
  | 'accounts'
  | 'trustedRepositories'
  | 'runners'
  | 'networks'
  | 'tlsHosts';

type Proposals = Readonly<Record<ListKey, readonly string[]>> & { readonly scm?: 'public' | 'private' };

/** How many values of one kind are proposed. */
const most = 50;

/** What was found that a site may want to say, sorted. Whatever is no plain name, or may be a secret, is left out. */
function proposalsOf(found: Installation, isFree: (value: string) => boolean): Proposals {
  const names = (all: Iterable<string | undefined>): readonly string[] =>
    [...new Set(all)]
      .filter((name) => name !== undefined)
      .filter((name) => /^[a-z\d][\w.:/-]{0,199}$/i.test(name) && !name.endsWith(':') && isFree(name))
      .sort(compare)
      .slice(0, most);
  const steps = found.pipelines.flatMap(allSteps);
  const foreign = steps.filter(({ image }) => image && isThirdParty(image.value, unknownSite));
  const valuesOf = (variable: string) => found.settings.map((each) => setVariable(each, variable)?.value);
  const hosts = (variable: string) => valuesOf(variable).map((value) => value && hostOf(value));
  const [scm] = found.settings.flatMap((each) => (each.role === 'server' ? (scmOf(each) ?? []) : []));
  return {
    scm: scm && (scm.isPublic ? 'public' : 'private'),
    registries: names(steps.map(({ image }) => image?.value.registry)),
    images: names(foreign.filter((step) => !isPlugin(step)).map(imageName)),
    plugins: names(foreign.filter(isPlugin).map(imageName)),
    administrators: names(found.accounts.filter(({ admin }) => admin).map(({ login }) => login)),
    accounts: names(found.accounts.map(({ login }) => login)),
    trustedRepositories: names(
      found.repositories.filter(({ trusted, active }) => trusted.value && active.value).map(({ slug }) => slug),
    ),
    runners: names(valuesOf('DRONE_RUNNER_NAME')),
    networks: names(hosts('DRONE_RPC_HOST').filter((host) => host?.includes('.') && !isPublicHost(host))),
    // That a proxy provides TLS for the server is for people to say.
    tlsHosts: [],
  };
}

/** The config, all of it as comments. `# ` begins words, `#` a line of the config. */
function textOf(found: Proposals, hasSchema: boolean): string {
  const list = (key: ListKey, example: string): string => {
    const values = found[key];
    return `#  ${key}: [${values.length > 0 ? values.join(', ') : example}]${values.length > 0 ? ' # found' : ''}`;
  };
  return `${hasSchema ? `# yaml-language-server: $schema=${schemaPath}\n` : ''}# What this site accepts, and what it says about itself. Nothing here counts until you remove the "#" before it.
# Each key is explained in docs/configuration.md of drone-audit.

# From which severity on findings fail the audit, and how much is shown: brief, usual, strict or pedantic.
#failOn: high
#profile: usual

# Facts about the site. What was found is proposed, and what you leave here is trusted.
#site:
# Whether anyone can create an account on the SCM.
#  scm: ${found.scm ? `${found.scm} # found` : 'private'}
# Registries of your own. A list of registries, images or plugins makes every other image a finding.
${list('registries', 'registry.example.com')}
# Images of others that you have reviewed: for any step, and as plugins, which get the secrets of their step.
${list('images', 'octocat/tools')}
${list('plugins', 'octocat/drone-notify')}
# Who is supposed to be an administrator, and who may have an account.
${list('administrators', 'octocat')}
${list('accounts', 'octocat')}
# Repositories that need to be trusted, and runners that may take jobs.
${list('trustedRepositories', 'octocat/images')}
${list('runners', 'runner-1')}
# Networks and hosts private enough for traffic without TLS, and hosts for which a proxy provides it.
${list('networks', '10.20.0.0/16')}
${list('tlsHosts', 'drone.example.com')}
# Hosts that builds may send secrets to.
#  secretHosts: [vault.example.com]

# Findings that you accept, each with a reason, and best with a day on which it ends.
#ignore:
#- rule: docker-socket-mount
#  path: deploy/runner.yml
#  reason: a host of its own, with nothing else on it
#  until: 2027-06-30

# Rules that count more or less here; "off" suppresses their findings.
#severity:
#- { rule: unpinned-image, to: low, reason: our registry keeps tags as they are }

# Files that are not audited, and problems that do not make an audit incomplete.
#exclude: [test/fixtures]
#accept:
#- { path: charts, problem: unsupported, reason: rendered and audited by the deployment }

# Files and folders that are one installation, where nothing in them says so.
#installation: [server/compose.yml, runners]
`;
}
