import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { judge } from '../src/judge.ts';
import type { Container, Mount, Port } from '../src/model/container.ts';
import type { Variable } from '../src/model/environment.ts';
import type { Lookup, Reading } from '../src/model/reading.ts';
import { unknownSite } from '../src/model/site.ts';
import type { Form, Source } from '../src/model/source.ts';
import { say } from '../src/model/text.ts';
import { read } from '../src/read.ts';
import { readCompose } from '../src/readers/compose/compose.ts';
import { readDockerRun } from '../src/readers/docker/script.ts';
import { type EnvDialect, parseEnv } from '../src/readers/env/file.ts';
import { allRules } from '../src/rules/all.ts';

/*
 * What the real programs make of compose files, env files, scripts and the values of charts. Where the audit reads
 * something else on purpose, the case is in a list with the reason, and a case that agrees has to leave its list.
 */

interface Case<Expected> {
  readonly name: string;
  readonly group?: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly compose_files?: readonly string[];
  readonly chart?: string;
  readonly expected: Expected & { readonly refused?: string };
}

type Exceptions = Readonly<Record<string, readonly string[]>>;

function compare<Expected>(file: string, differences: (entry: Case<Expected>) => readonly string[], told: Exceptions) {
  const path = `../shared/oracle/${file}.json`;
  const cases: readonly Case<Expected>[] = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).cases : [];
  describe.skipIf(!existsSync(path))(`${file} as the real programs read it (needs the measured cases)`, () => {
    const reasons = new Map(Object.entries(told).flatMap(([why, names]) => names.map((name) => [name, why] as const)));

    test('every exception is a case', () => {
      const names = new Set(cases.map(({ name }) => name));
      expect([...reasons.keys()].filter((name) => !names.has(name))).toEqual([]);
    });

    test.each(cases.map((entry) => [entry.name, entry] as const))('%s', (name, entry) => {
      const found = differences(entry);
      const why = reasons.get(name);
      if (why === undefined) expect(found.join('\n')).toBe('');
      else expect(found.join('\n'), `no longer an exception: ${why}`).not.toBe('');
    });
  });
}

/** The files of a case below a folder; what is not among them is not there. */
function filesOf(
  entry: Case<unknown>,
  folder: string,
): { lookup: Lookup; source: (name: string, form: Form) => Source } {
  const sources = new Map<string, Source>();
  const source = (path: string, form: Form): Source => {
    const known = sources.get(path) ?? { name: `${folder}/${path}`, form, text: entry.files[path] ?? '' };
    sources.set(path, known);
    return known;
  };
  const lookup: Lookup = (from, path, form) => {
    const name = posix.relative(folder, posix.join(posix.dirname(from.name), path));
    if (!Object.hasOwn(entry.files, name))
      return { kind: 'unreadable', source: name, message: say`is not there`, incomplete: true };
    return source(name, form);
  };
  return { lookup, source };
}

/** Whether a reading tells that something is wrong. */
function complains({ problems, unknown }: Pick<Reading, 'problems' | 'unknown'>): boolean {
  return problems.length + unknown.length > 0;
}

class Differences {
  readonly found: string[] = [];

  compare(what: string, own: unknown, real: unknown): void {
    const [left, right] = [JSON.stringify(own), JSON.stringify(real)];
    if (left !== right) this.found.push(`${what}: ${left} is really ${right}`);
  }
}

type Values = Readonly<Record<string, string | null>>;

function sorted(texts: Iterable<string>): readonly string[] {
  return [...texts].sort();
}

/** Values by name, in the order of names; unknown ones say so, and a null is a name that is passed on. */
function shownValues(values: ReadonlyMap<string, string | null | undefined>): readonly string[] {
  return sorted([...values].map(([name, value]) => `${name}=${value === undefined ? '(unknown)' : value}`));
}

function realValues(values: Values): readonly string[] {
  return shownValues(new Map(Object.entries(values)));
}

/** What is passed on from an environment that is not known has no value. */
function environmentOf({ environment }: Container): ReadonlyMap<string, string | null | undefined> {
  const value = ({ value, origin, at, keyAt }: Variable) =>
    origin !== 'unresolved' ? value : at === keyAt && value === undefined ? null : undefined;
  return new Map([...environment.variables].map(([name, variable]) => [name, value(variable)]));
}

const portText = ({ hostAddress, hostPort, containerPort, protocol }: Port): string =>
  [hostAddress, hostPort ?? '', containerPort, protocol].join('|');

function mountText({ type, source, target, readOnly, propagation }: Mount): string {
  return [type, source ?? '', target ?? '', ...(readOnly ? ['ro'] : []), ...(propagation ? [propagation] : [])].join(
    ' ',
  );
}

interface Service {
  readonly environment: Values;
  readonly image?: string;
  readonly privileged: boolean;
  readonly networks?: readonly string[];
  readonly network_mode?: string;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly labels?: Values;
  readonly profiles?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
}

interface Project {
  readonly project: string;
  readonly services: Readonly<Record<string, Service>>;
}

/** A volume as the engine will see it: paths cleaned; home folders and the files of secrets in our words. */
function realVolume(text: string): string {
  const [type = '', source = '', target = '', ...options] = text.split(' ');
  if (type === 'secret') return `bind ${source} ${target.startsWith('/') ? '' : '/run/secrets/'}${target} ro`;
  if (type === 'image') return `other  ${target}`;
  const clean = source.startsWith('/') ? posix.normalize(source) : source;
  return [type, clean, target, ...options].join(' ');
}

const inHome = (mount: Mount): Mount =>
  mount.source?.startsWith('~') ? { ...mount, source: posix.join('/root', mount.source.slice(1)) } : mount;

function composeDifferences(entry: Case<Project>): readonly string[] {
  const { files, env, expected } = entry;
  const { lookup, source } = filesOf(entry, 'proj');
  const found = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'].find(
    (name) => files[name],
  );
  const base = env.COMPOSE_FILE?.split(':')[0] ?? found ?? '';
  const named = entry.compose_files;
  const reading = readCompose(
    (named ?? [base]).map((name) => source(name, 'compose')),
    { lookup, environment: new Map(Object.entries(env)), named: named !== undefined },
  );
  if (expected.refused !== undefined) return complains(reading) ? [] : ['it is refused'];
  const differences = new Differences();
  const own = new Map(reading.containers.map((container) => [container.name, container]));
  differences.compare('services', sorted(own.keys()), sorted(Object.keys(expected.services)));
  for (const [name, real] of Object.entries(expected.services)) {
    const container = own.get(name);
    if (!container) continue;
    const is = (what: string, mine: unknown, its: unknown) => differences.compare(`${name}.${what}`, mine, its);
    const texts = (located: readonly { readonly value: string }[]) => sorted(located.map(({ value }) => value));
    is('project', container.project, expected.project);
    is('environment', shownValues(environmentOf(container)), realValues(real.environment));
    is('image', container.image?.value.text ?? container.imageText?.value, real.image);
    is('privileged', container.privileged?.value ?? false, real.privileged);
    is('networks', texts(container.networks), sorted(real.networks ?? []));
    is('network_mode', container.networkMode?.value, real.network_mode);
    is('volumes', sorted(container.mounts.map(inHome).map(mountText)), sorted((real.volumes ?? []).map(realVolume)));
    const published = container.ports.filter(({ hostAddress }) => hostAddress !== undefined);
    is('ports', sorted(published.map(portText)), sorted(real.ports ?? []));
    const labels = new Map([...container.labels].map(([key, { value }]) => [key, value]));
    is('labels', shownValues(labels), realValues(real.labels ?? {}));
    is('profiles', sorted(container.profiles ?? []), sorted(real.profiles ?? []));
    is('cap_add', texts(container.capAdd), sorted(real.cap_add ?? []));
    is('security_opt', texts(container.securityOpt), sorted(real.security_opt ?? []));
  }
  return differences.found;
}

interface Variables {
  readonly variables: Values;
}

function isDialect(text: string): text is EnvDialect {
  return ['compose', 'docker', 'systemd', 'shell', 'godotenv'].includes(text);
}

function envDifferences({ group = '', files, expected }: Case<Variables>): readonly string[] {
  if (!isDialect(group)) return [`no dialect "${group}"`];
  const { entries, problems } = parseEnv({ name: 'x.env', form: 'env', text: files['x.env'] ?? '' }, group);
  if (expected.refused !== undefined) return problems.length > 0 ? [] : ['it is refused'];
  // A name alone stands for a variable of the environment, which was empty.
  const valued = entries.filter(({ value }) => value);
  const own = new Map(
    valued.map(({ name, value, dynamic }) => [name.value, dynamic ? undefined : (value?.value ?? null)] as const),
  );
  const differences = new Differences();
  differences.compare('variables', shownValues(own), realValues(expected.variables));
  return differences.found;
}

interface RunContainer {
  readonly environment: Values;
  readonly volumes: readonly string[];
  readonly ports: readonly string[];
  readonly privileged: boolean;
  readonly image: string;
  readonly network: string;
  readonly cap_add: readonly string[];
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly labels: Values;
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  readonly pid: string;
  readonly user: string;
  readonly devices: readonly string[];
  readonly readOnlyRoot: boolean;
}

interface Run {
  readonly containers: readonly RunContainer[];
}

function runDifferences(entry: Case<Run>): readonly string[] {
  const { lookup, source } = filesOf(entry, 'host');
  const reading = readDockerRun(source('run.sh', 'docker-run'), lookup);
  const { expected } = entry;
  if (expected.refused !== undefined) {
    const gaps = reading.containers.flatMap((container) => [...container.gaps, ...container.environment.gaps]);
    return reading.containers.length === 0 || gaps.length > 0 || complains(reading) ? [] : ['it is refused'];
  }
  const differences = new Differences();
  differences.compare('containers', reading.containers.length, expected.containers.length);
  for (const [index, real] of expected.containers.entries()) {
    const container = reading.containers[index];
    if (!container) continue;
    const is = (what: string, mine: unknown, its: unknown) => differences.compare(what, mine, its);
    const texts = (located: readonly { readonly value: string }[]) => located.map(({ value }) => value);
    is('environment', shownValues(environmentOf(container)), realValues(real.environment));
    is('volumes', sorted(container.mounts.map(mountText)), sorted(real.volumes));
    const published = container.ports.filter(({ hostAddress }) => hostAddress !== undefined);
    is('ports', sorted(published.map(portText)), sorted(real.ports));
    is('privileged', container.privileged?.value ?? false, real.privileged);
    is('image', container.image?.value.text ?? container.imageText?.value, real.image);
    is('network', container.networkMode?.value ?? container.networks[0]?.value ?? 'default', real.network);
    is('cap_add', sorted(texts(container.capAdd)), sorted(real.cap_add));
    is('cap_drop', sorted(texts(container.capDrop)), sorted(real.cap_drop));
    is('security_opt', texts(container.securityOpt), real.security_opt);
    const labels = new Map([...container.labels].map(([key, { value }]) => [key, value]));
    is('labels', shownValues(labels), realValues(real.labels));
    is('command', texts(container.command), real.command);
    is('entrypoint', texts(container.entrypoint), real.entrypoint);
    is('pid', container.pidMode?.value ?? '', real.pid);
    is('user', container.user?.value ?? '', real.user);
    const whole = (device: string): string => {
      const [host = '', inside = host, rights = 'rwm'] = device.split(':');
      return `${host}:${inside}:${rights}`;
    };
    is('devices', texts(container.devices).map(whole), real.devices);
    is('readOnlyRoot', container.readOnlyRoot?.value ?? false, real.readOnlyRoot);
  }
  return differences.found;
}

type ChartSetting = string | readonly [string, number | string | null] | readonly string[];

interface Chart {
  readonly settings: Readonly<Record<string, Readonly<Record<string, ChartSetting>>>>;
  readonly rules: readonly string[];
}

/** What the measured texts say of a mount: `drone at /data (volume)`. */
function mountPhrase({ type, source, target, readOnly }: Mount): string {
  const what = type === 'other' ? 'other' : type;
  return `${source ?? `an unnamed ${type}`} at ${target ?? ''} (${what}${readOnly ? ', read-only' : ''})`;
}

function chartDifferences({ files, chart = '', expected }: Case<Chart>): readonly string[] {
  const source: Source = { name: `${chart}/values.yaml`, form: 'helm-values', text: files['values.yaml'] ?? '' };
  const missing: Lookup = (_, path) => ({
    kind: 'unreadable',
    source: path,
    message: say`is not there`,
    incomplete: true,
  });
  const { installation } = read([source], missing);
  const differences = new Differences();
  const roles = installation.containers
    .map(({ role }) => role)
    .filter((role) => Object.hasOwn(expected.settings, role));
  differences.compare('roles', sorted(new Set(roles)), sorted(Object.keys(expected.settings)));
  for (const container of installation.containers) {
    const real = expected.settings[container.role];
    if (!real) continue;
    const is = (what: string, mine: unknown, its: unknown) =>
      differences.compare(`${container.role}.${what}`, mine, its);
    is('image', container.image?.value.text ?? container.imageText?.value, real['#image']);
    is('mounts', container.mounts.map(mountPhrase), real['#mounts']);
    const { variables } = container.environment;
    const own = [...variables.values()].map(({ name, value, secret, origin }) => [
      name,
      secret ? ['secret', secret.length] : origin === 'unresolved' ? ['unknown', null] : value,
    ]);
    const its = Object.entries(real).filter(([name]) => !name.startsWith('#'));
    is('variables', sorted(own.map((each) => JSON.stringify(each))), sorted(its.map((each) => JSON.stringify(each))));
    const rights = real['#priv'] ?? [];
    is('privileged', container.privileged?.value === true, rights.includes('privileged: all rights of the host'));
    is('readOnlyRoot', container.readOnlyRoot?.value === true, rights.includes('its own files read-only'));
    const account = container.serviceAccount?.value ?? '';
    const token = container.accountToken?.value === false ? ', its token not mounted' : '';
    is('account', rights.includes(`service account "${account}"${token}`), true);
  }
  const { verdicts } = judge(installation, allRules, unknownSite);
  // What a scan shows unless it is asked for more.
  const counted = verdicts.filter(
    ({ rule, hit }) =>
      !rule.pedantic && !hit.pedantic && rule.confidence !== 'low' && (hit.severity ?? rule.severity) !== 'info',
  );
  // Whether a secret is kept where the values are is no question for rendered objects; and a server without an SCM, as
  // most of these have none, does not start, so that nobody can register.
  const isAsked = (id: string): boolean => !['inline-secret', 'open-registration', 'missing-scm'].includes(id);
  const found = new Set(counted.map(({ rule }) => rule.id).filter(isAsked));
  differences.compare('rules', sorted(found), sorted(expected.rules.filter(isAsked)));
  return differences.found;
}

compare('compose', composeDifferences, {
  'compose-go was measured by itself: it is docker compose that reads COMPOSE_ENV_FILES (cmd/compose/compose.go)': [
    'COMPOSE_ENV_FILES process',
  ],
  'the mounts of other services are inherited when containers are made; the project only names the services': [
    'volumes_from',
  ],
  'the engine makes a named pipe of what the project calls a bind mount': ['volume pipe short'],
  'the engine refuses two mounts on one path, so the later one is kept': ['merge secrets'],
  'problems of a project in which nothing is of Drone are of no interest': ['service null'],
});

compare('env', envDifferences, {
  'systemd 254 and newer do not continue comments (src/basic/env-file.c), and those are in use': [
    'systemd: x systemd cont comment',
  ],
  'a checkout on Windows ends lines with CR LF, which bash alone takes for a part of the value': [
    'shell: crlf',
    'shell: x cr',
  ],
  'commands are not run, and numbers of processes differ from run to run': [
    'shell: subshell',
    'shell: bare $$',
    'shell: dq $$A',
  ],
  'the arguments and variables of the shell that sources the file are not known': [
    'shell: dq dollar digit',
    'shell: bcrypt dq',
    'shell: required unset',
  ],
});

compare('docker-run', runDifferences, {
  'what the environment of a script holds is not known, so a variable that nothing sets is not empty': ['var unset'],
  'blanks after a backslash, and carriage returns, come from copying and are not meant': [
    'script crlf',
    'script trailing blank after backslash',
  ],
  'a function may be called by whoever sources the script': ['script function unused'],
  'the body of a loop is read once': ['script loop'],
});

compare('helm', chartDifferences, {
  'values do not say for which version of the chart they are, so those of the newest are assumed': [
    'server chart 0.3.0',
    'server old chart 0.1.7',
  ],
});
