import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { read } from '../src/read.ts';
import { auditWhole, copyAsOnHost, everything } from './support/audit-folder.ts';
import { expectNone } from './support/faults.ts';
import { fieldsDeclaredIn, fieldsFilledIn } from './support/filled-fields.ts';

// One careless installation in every form: what is wrong with it, and what is read of it, does not depend on how it is
// written. Its database shows what careless containers leave out, its mirror what cannot be known.

const folder = 'test/fixtures/parity';

const forms: ReadonlyMap<string, string> = new Map([
  ['compose', 'Compose'],
  ['docker-run', '`docker run` in a script'],
  ['systemd', '`docker run` in units'],
  ['kubernetes', 'Kubernetes'],
  ['docker-inspect', 'Docker Engine'],
]);

/** Rules of this installation that not every form shows, and why. */
const notEverywhere: ReadonlyMap<string, string> = new Map([
  ['host-device-mount', 'A pod has no list of devices; a device plugin gives them out.'],
  ['inline-secret', 'Every running container holds its secrets in its environment; only a file can do without.'],
  ['readable-secret-file', 'An engine has no files, and manifests are kept in a repository, not on the host.'],
  ['secret-fallback', 'Only Compose and shells put in a value where none is given, as `${NAME:-text}`.'],
  ['shared-env-file', 'An engine shows the variables of a container, not the files that they came from.'],
  ['unkept-logs', 'A pod has no log driver: the node keeps its logs.'],
]);

/** What is said to be unknown, where an audit says so: of containers that are not Drone's own, forms tell it in `gaps`. */
const notKnown: readonly string[] = [
  'compose: docker-compose.yml service "mirror": privileged is not known',
  'docker-run: start.sh the flag "--$MIRROR_FLAG" is not known',
  'systemd: mirror.service the flag "--${MIRROR_FLAG}" is not known',
  'kubernetes: drone-vault-secrets.values.yml chart default of drone-vault-secrets 0.1.0 assumed: env.KUBERNETES_NAMESPACE, image.tag, image.repository',
  'kubernetes: drone.yml the value of DRONE_USER_CREATE is a reference or a template mark',
  'kubernetes: drone.yml envFrom: ConfigMap "mirror" is not in the audit',
  'kubernetes: drone.yml no image is written here; it may be a patch of another manifest',
];

/** Env files hold settings alone: those of a runner, a template, which leaves gaps, and what is known in part. */
const envFile = `DRONE_RPC_HOST=drone.example.com
DRONE_RPC_SECRET=super-duper-secret
CLIENT_DRONE_RPC_PROTO=http
DRONE_RUNNER_SECRETS=deploy:npm_4f8a2c7d9e1b60354f8a2c7d9e1b6035
DRONE_UI_PASSWORD=\${UI_PASSWORD:-root}
`;
const envTemplate = 'DRONE_RPC_HOST={{ server }}\n';
const envOfServer = 'DRONE_USER_CREATE=username:octocat,token:{{ token }}\n';
const envForms = ['env', 'docker-env'] as const;

const only = (...shown: readonly string[]): readonly string[] =>
  [...forms.keys(), ...envForms].filter((form) => !shown.includes(form));

/** Fields that these forms do not show, and why. Every other field is filled somewhere in every form. */
const notShown: readonly { fields: readonly string[]; forms: readonly string[]; why: string }[] = [
  {
    fields: ['Settings.container', 'Settings.version', 'Variable.usedAt'],
    forms: ['env', 'docker-env'],
    why: 'An env file is settings without the container that takes them.',
  },
  {
    fields: ['Container.live', 'Settings.live', 'Container.observed', 'Observed', 'Container.imageEnvironment'],
    forms: only('docker-inspect'),
    why: 'Only an engine knows what runs, and what is in an image.',
  },
  { fields: ['Container.log'], forms: only(), why: 'A log is an answer of its own, and only if it was asked for.' },
  {
    fields: ['Container.buildPolicies'],
    forms: only(),
    why: 'A policy lies in a ConfigMap or Secret of its own, and only runners for Kubernetes have one.',
  },
  { fields: ['Observed.secretVariables'], forms: only(), why: 'Of steps alone, which no deployment has.' },
  {
    fields: ['Container.gaps'],
    forms: ['docker-inspect'],
    why: 'The answer of an engine is read as a whole or not at all.',
  },
  {
    fields: ['Settings.user'],
    forms: only('systemd'),
    why: 'Only a unit starts a process without a container; a container has its own `user`.',
  },
  { fields: ['Container.built'], forms: only('compose'), why: 'Only Compose builds what it starts.' },
  {
    fields: ['Container.profiles', 'Container.placement'],
    forms: only('compose'),
    why: 'Profiles, and constraints of a swarm, are written in Compose files.',
  },
  {
    fields: ['Container.project'],
    forms: ['docker-run', 'systemd'],
    why: 'A command names no project; those of Compose, and namespaces, are groups of containers.',
  },
  {
    fields: ['Mount.volume'],
    forms: only(),
    why: 'Only a volume whose options make it a folder of the host has a name beside it; Compose and the engine tell it.',
  },
  {
    fields: ['Container.tagFrom'],
    forms: only('kubernetes'),
    why: 'Only a chart chooses a tag that nobody wrote.',
  },
  {
    fields: ['Container.serviceAccount', 'Container.accountToken', 'Container.serviceLinks'],
    forms: only('kubernetes'),
    why: 'Only pods have accounts of their cluster, and variables for its Services.',
  },
  {
    fields: ['Container.pullPolicy'],
    forms: only('kubernetes'),
    why: 'Read of pods alone, which are started anew all the time; Compose and `docker run` have such a policy too.',
  },
  {
    fields: ['Mount.subPath'],
    forms: only('kubernetes'),
    why: 'Read of claims alone, which pods share by folder; elsewhere a bind mount names the folder.',
  },
  {
    fields: ['Container.devices'],
    forms: ['kubernetes'],
    why: 'A pod has no list of devices; a device plugin gives them out.',
  },
  { fields: ['Container.networks'], forms: ['kubernetes'], why: 'All pods of a cluster are on one network.' },
  {
    fields: ['Container.utsMode', 'Container.pidsLimit', 'Container.logDriver', 'Container.logOptions'],
    forms: ['kubernetes'],
    why: 'A pod has no field for it: the kubelet decides for its node.',
  },
  {
    fields: ['Variable.fallback'],
    forms: only('compose', 'docker-run'),
    why: 'Only Compose and shells put in a value where none is given, as `${NAME:-text}`.',
  },
  {
    fields: ['Variable.partly'],
    forms: ['docker-inspect'],
    why: 'An engine shows values as the process has them.',
  },
  {
    fields: ['Variable.usedAt'],
    forms: ['docker-inspect'],
    why: 'An engine shows the variables of a container, not the files that they came from.',
  },
];

describe('one installation in every form', async () => {
  const copies = mkdtempSync(join(tmpdir(), 'drone-audit-parity-'));
  afterAll(() => rmSync(copies, { recursive: true, force: true }));
  const found = new Map<string, ReadonlySet<string>>();
  const filled = new Map<string, ReadonlySet<string>>();
  const incomplete: string[] = [];
  for (const form of forms.keys()) {
    const { report, installation } = await auditWhole(copyAsOnHost(join(folder, form), join(copies, form)), everything);
    found.set(form, new Set(report.findings.map(({ rule }) => rule)));
    filled.set(form, fieldsFilledIn(installation));
    const { components, unknown } = report.coverage;
    if (components !== 5) incomplete.push(`${form}: ${components} components`);
    for (const { source, message } of [...report.problems, ...unknown])
      incomplete.push(`${form}: ${source} ${message}`);
  }
  for (const form of envForms) {
    const sources = [envFile, envTemplate, envOfServer].map((text, index) => ({
      name: `${index}.${form}`,
      form,
      text,
    }));
    const lookup = (): never => expect.fail('an env file names no other file');
    filled.set(form, fieldsFilledIn(read(sources, lookup).installation));
  }
  const ids = [...new Set([...found.values()].flatMap((each) => [...each]))].sort();
  const isEverywhere = (id: string): boolean => [...found.values()].every((each) => each.has(id));

  it('is read as a whole but for its mirror', () => {
    expect(readdirSync(folder).sort()).toEqual([...forms.keys()].sort());
    expect(incomplete).toEqual([...notKnown]);
  });

  it('has the same findings but for those that a form cannot show', () => {
    expect(ids.filter((id) => !isEverywhere(id))).toEqual([...notEverywhere.keys()]);
    expect(ids.length).toBeGreaterThan(70);
  });

  it('has every field filled but those that a form cannot show', () => {
    const ofSettings = ['environment', 'settings'].flatMap((name) => fieldsDeclaredIn(`src/model/${name}.ts`));
    const declared = [...fieldsDeclaredIn('src/model/container.ts'), ...ofSettings];
    const isExcused = (form: string, field: string): boolean =>
      notShown.some(
        ({ fields, forms: without }) =>
          without.includes(form) && (fields.includes(field) || fields.includes(field.slice(0, field.indexOf('.')))),
      );
    expectNone(
      [...filled].flatMap(([form, fields]) =>
        (forms.has(form) ? declared : ofSettings).flatMap((field) => {
          if (fields.has(field))
            return isExcused(form, field) ? `${form} shows ${field} after all: strike it out of notShown` : [];
          return isExcused(form, field)
            ? []
            : `${form} lacks ${field}: its reader does not fill it, or its fixture does not show it`;
        }),
      ),
    );
    const known = new Set(declared.flatMap((field) => [field, field.slice(0, field.indexOf('.'))]));
    expect(notShown.flatMap(({ fields }) => fields).filter((field) => !known.has(field))).toEqual([]);
  });

  it('is described in docs/forms.md', async () => {
    const mark = (id: string, form: string): string => (found.get(form)?.has(id) ? 'yes' : 'no');
    const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
    const text = [
      '# Forms',
      '',
      'An installation is judged alike, however it is written: the same careless one, in all forms of `test/fixtures/parity`,',
      'has the same findings but for those of this page. The page is derived (`npm run update`).',
      '',
      '## Rules that not every form can show',
      '',
      row(['rule', ...forms.values(), 'why']),
      row(['---', ...[...forms].map(() => '---'), '---']),
      ...[...notEverywhere].map(([id, why]) =>
        row([`\`${id}\``, ...[...forms.keys()].map((form) => mark(id, form)), why]),
      ),
      '',
      'Roles and their bindings stand in Kubernetes manifests alone: `powerful-runner-account` judges them.',
      '',
      '## Rules that all forms show',
      '',
      `These ${ids.filter(isEverywhere).length} rules find the same fault in every form:`,
      '',
      ...ids.filter(isEverywhere).map((id) => `- \`${id}\``),
      '',
      '## Fields that not every form can show',
      '',
      'What is read of a container, its settings, mounts and ports is the same too, but for these fields of `src/model`:',
      '',
      row(['fields', ...forms.values(), 'why']),
      row(['---', ...[...forms].map(() => '---'), '---']),
      ...notShown
        .filter(({ forms: without }) => without.some((form) => forms.has(form)))
        .map(({ fields, forms: without, why }) =>
          row([
            fields.map((field) => `\`${field}\``).join(', '),
            ...[...forms.keys()].map((form) => (without.includes(form) ? 'no' : 'yes')),
            why,
          ]),
        ),
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot('../docs/forms.md');
  });
});
