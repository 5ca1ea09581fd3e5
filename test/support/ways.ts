import { installationsOf } from '../../src/installations.ts';
import { unknownSite } from '../../src/model/site.ts';
import type { Source } from '../../src/model/source.ts';
import { say } from '../../src/model/text.ts';
import { read } from '../../src/read.ts';
import { allRules } from '../../src/rules/all.ts';
import type { Chosen, Relation, Ways } from '../../src/ways/ways.ts';
import { waysIn } from '../../src/ways-in.ts';

/** What the API of a server says of a repository: Drone's own keys, and the names of its secrets with their flag. */
export type Known = Readonly<Record<string, unknown>> & {
  readonly file: string;
  readonly slug: string;
  readonly secrets?: readonly object[];
};

/** The ways through an installation of these files, and of what a server says of its repositories. */
export function waysThrough(
  files: Readonly<Record<string, string>>,
  repositories: readonly Known[] = [],
  chosen?: Chosen,
): Ways {
  const slugs = new Map(repositories.map(({ file, slug }) => [file, slug]));
  const sources: Source[] = Object.entries(files).map(([name, text]) => ({
    ...{ name, text, form: formOf(name) },
    ...(slugs.has(name) ? { slug: slugs.get(name) ?? '', pathInRepository: '.drone.yml' } : {}),
  }));
  for (const { file: _, secrets = null, ...facts } of repositories) {
    const repository = { id: 1, user_id: 1, namespace: facts.slug.split('/')[0], config_path: '.drone.yml', ...facts };
    const text = JSON.stringify({ repository, secrets, cron: null, builds: null });
    sources.push({ name: `https://ci.example.com/api/repos/${facts.slug}`, form: 'drone-repository', text });
  }
  const understood = read(sources, ({ name }) => ({
    ...{ kind: 'unreadable', source: name, message: say`is not there`, incomplete: true },
  }));
  const [part] = installationsOf(understood);
  if (!part) throw new Error('no installation');
  return waysIn({ site: unknownSite, installation: part.installation }, allRules, chosen);
}

function formOf(name: string): Source['form'] {
  if (name.endsWith('/api/secrets')) return 'drone-organization-secrets';
  if (name.endsWith('/api/users')) return 'drone-accounts';
  if (name.endsWith('.drone.yml')) return 'drone';
  if (name.endsWith('.env')) return 'env';
  if (name.endsWith('.service')) return 'systemd';
  return name.startsWith('cluster/') ? 'kubernetes' : 'compose';
}

/** The edges of a way that are told. */
export function edgesOf(steps: Relation['steps']): readonly string[] {
  return steps.filter(({ silent }) => !silent).map(({ edge }) => edge);
}

/** How it stands between a position and an asset, on one line. */
export function lineOf({ from, to, is, steps, certainty, by, acts }: Relation): string {
  if (is === 'open' || is === 'by design')
    return `${from} ${to}: ${is === 'open' ? '' : 'by design, '}${certainty} ${edgesOf(steps).join(' > ')}`;
  if (is === 'if')
    return `${from} ${to}: ${acts.map(({ act, steps }) => `if ${act} ${edgesOf(steps).join(' > ')}`).join('; ')}`;
  if (is === 'not known') return `${from} ${to}: not known ${edgesOf(steps).join(' > ')}`;
  return `${from} ${to}: closed by ${by?.pieces.join('')}`;
}
