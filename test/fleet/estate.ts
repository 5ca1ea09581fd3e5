import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { git, writeFiles } from '../support/git.ts';

const sound = `kind: pipeline
type: docker
name: test

trigger:
  event: [push]

steps:
  - name: test
    image: golang:1.25.1@sha256:${'0'.repeat(64)}
    commands: [go test ./...]
`;

const broken = 'kind: pipeline\nsteps: [\n';

const products = ['billing', 'catalogue', 'mail', 'orders', 'search', 'stock'];
const parts = ['api', 'docs', 'web', 'worker'];

/** Two dozen repositories, by name: most are sound, some careless, and one cannot be understood. */
const repositories: readonly (readonly [name: string, pipeline: string])[] = products.flatMap((product) =>
  parts.map((part) => {
    const name = `${product}-${part}`;
    if (part === 'api') return [name, careless(name)] as const;
    return [name, name === 'mail-docs' ? broken : sound] as const;
  }),
);

/** Writes the repositories as folders. */
export function writeEstate(folder: string): void {
  for (const [name, pipeline] of repositories) writeFiles(folder, { [`${name}/.drone.yml`]: pipeline });
}

/** Writes them as bare mirrors. */
export function mirrorEstate(folder: string, workplace: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, pipeline] of repositories) {
    const source = join(workplace, name);
    writeFiles(source, { '.drone.yml': pipeline });
    git(source, ['init', '--quiet']);
    git(source, ['add', '.']);
    git(source, ['commit', '--quiet', '--message', 'pipeline']);
    git(folder, ['clone', '--quiet', '--mirror', source, `${name}.git`]);
  }
}

function careless(name: string): string {
  return `kind: pipeline
type: docker
name: ${name}

steps:
  - name: publish
    image: plugins/docker
    privileged: true
    settings:
      repo: registry.example.com/team/${name}
      password: { from_secret: registry_password }
`;
}
