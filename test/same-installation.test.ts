import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Container } from '../src/model/container.ts';
import type { Settings } from '../src/model/settings.ts';
import type { Form, Source } from '../src/model/source.ts';
import { say } from '../src/model/text.ts';
import { read } from '../src/read.ts';

// One installation, written in every form that is read, is understood alike.

interface Described {
  readonly name: string;
  readonly program: string;
  readonly image: { readonly repository: string; readonly tag: string; readonly digest: string };
  readonly settings: ReadonlyMap<string, string>;
  readonly ports: readonly {
    readonly address: string;
    readonly host: number;
    readonly container: number;
    readonly protocol: string;
  }[];
  readonly mounts: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
  readonly privileged: boolean;
  readonly user: string;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
}

/** What a form makes of a component, so that it can be compared. */
interface Understood {
  role: string;
  version: string | undefined;
  complete: boolean;
  image: unknown;
  ports: readonly string[];
  mounts: readonly string[] | undefined;
  privileged: boolean;
  user: string | undefined;
  capabilities: readonly (readonly string[])[];
  networks: readonly string[];
}

interface Written {
  readonly sources: readonly Source[];
  /** Files that the sources name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A form, and what it cannot express. */
interface Writing {
  readonly write: (components: readonly Described[]) => Written;
  /** Facts that the form has no words for. */
  readonly cannot: readonly (keyof Understood)[];
  /** Values that look like marks of a program that makes such files, and so stay unknown. */
  readonly marks?: RegExp;
  /** Variables that the form sets itself, whatever the operator writes. */
  readonly sets?: readonly string[];
  /** Whether it adds variables and mounts of its own. */
  readonly adds?: true;
}

const network = 'ci';

const templates = /\{\{|\{%/;
const references = /\{\{|\{%|\$\{[A-Za-z_]|^\$[A-Za-z_]\w*$/;
const containerFacts = ['image', 'ports', 'mounts', 'privileged', 'capabilities', 'networks'] as const;

const writings: Readonly<Record<string, Writing>> = {
  compose: { write: composeFile('map'), cannot: [], marks: templates },
  'compose with a list': { write: composeFile('list'), cannot: [], marks: templates },
  'compose with env_file': { write: composeFile('file'), cannot: [], marks: templates },
  'docker run': { write: dockerRun, cannot: [] },
  'docker run with --env-file': { write: dockerRunWithFile, cannot: [] },
  // A unit starts a program without container; the version is that of an image.
  systemd: { write: systemd, cannot: [...containerFacts, 'version'] },
  'systemd with EnvironmentFile': { write: systemdWithFile, cannot: [...containerFacts, 'version'] },
  // A pod has one network.
  kubernetes: { write: kubernetes, cannot: ['networks'], marks: references },
  // The charts publish no port of the host.
  helm: {
    write: helm,
    cannot: ['ports', 'networks'],
    marks: references,
    sets: ['DOCKER_HOST', 'DRONE_RUNNER_NAME'],
    adds: true,
  },
  'docker inspect': { write: inspect, cannot: [] },
};

function imageOf({ image }: Described): string {
  return `${image.repository}${image.tag && `:${image.tag}`}${image.digest && `@${image.digest}`}`;
}

function source(name: string, form: Form, text: string): Source {
  return { name, form, text };
}

/** A text of YAML, JSON being part of it. */
const yaml = (text: unknown): string => JSON.stringify(text);

function composeFile(kind: 'map' | 'list' | 'file') {
  return (components: readonly Described[]): Written => {
    const files: Record<string, string> = {};
    const volumes = components
      .flatMap(({ mounts }) => mounts.map((mount) => mount.source))
      .filter((name) => !name.startsWith('/'));
    const services = components.map((component) => {
      const entries = [...component.settings];
      // Compose puts variables into everything but single quotes of env files.
      const inFile = entries.filter(([, value]) => kind === 'file' && !/['\\]/.test(value));
      const inline = entries.filter((entry) => !inFile.includes(entry));
      files[`${component.name}.env`] = inFile.map(([name, value]) => `${name}='${value}'\n`).join('');
      const escaped = (text: string): string => text.replaceAll('$', '$$$$');
      const environment =
        kind === 'list'
          ? inline.map(([name, value]) => `      - ${yaml(escaped(`${name}=${value}`))}`)
          : inline.map(([name, value]) => `      ${name}: ${yaml(escaped(value))}`);
      return [
        `  ${component.name}:`,
        `    image: ${yaml(imageOf(component))}`,
        `    container_name: ${component.name}`,
        ...(inFile.length > 0 ? [`    env_file: ${component.name}.env`] : []),
        ...(environment.length > 0 ? ['    environment:', ...environment] : []),
        `    ports: [${component.ports.map((port) => yaml(`${port.address && `${port.address}:`}${port.host}:${port.container}/${port.protocol}`)).join(', ')}]`,
        `    volumes: [${component.mounts.map((mount) => yaml(`${mount.source}:${mount.target}${mount.readOnly ? ':ro' : ''}`)).join(', ')}]`,
        `    privileged: ${component.privileged}`,
        ...(component.user ? [`    user: ${yaml(component.user)}`] : []),
        `    cap_add: ${yaml(component.capAdd)}`,
        `    cap_drop: ${yaml(component.capDrop)}`,
        `    networks: [${network}]`,
      ].join('\n');
    });
    const text = `services:\n${services.join('\n')}\nnetworks:\n  ${network}: {name: ${network}}\nvolumes: {${[...new Set(volumes)].map((name) => `${name}: {name: ${name}}`).join(', ')}}\n`;
    return { sources: [source('docker-compose.yml', 'compose', text)], files };
  };
}

const shell = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function runCommand(component: Described, environment: readonly string[]): string {
  return [
    `docker run -d --name ${component.name} --network ${network}`,
    ...environment,
    ...component.ports.map(
      (port) => `-p ${port.address && `${port.address}:`}${port.host}:${port.container}/${port.protocol}`,
    ),
    ...component.mounts.map((mount) => `-v ${mount.source}:${mount.target}${mount.readOnly ? ':ro' : ''}`),
    ...(component.privileged ? ['--privileged'] : []),
    ...(component.user ? [`--user=${component.user}`] : []),
    ...component.capAdd.map((name) => `--cap-add ${name}`),
    ...component.capDrop.map((name) => `--cap-drop=${name}`),
    imageOf(component),
  ].join(' \\\n  ');
}

function dockerRun(components: readonly Described[]): Written {
  const commands = components.map((component) =>
    runCommand(
      component,
      [...component.settings].map(([name, value]) => `-e ${shell(`${name}=${value}`)}`),
    ),
  );
  return { sources: [source('run.sh', 'docker-run', `#!/bin/sh\n${commands.join('\n\n')}\n`)] };
}

function dockerRunWithFile(components: readonly Described[]): Written {
  const files = Object.fromEntries(
    components.map(({ name, settings }) => [
      `${name}.env`,
      [...settings].map(([key, value]) => `${key}=${value}\n`).join(''),
    ]),
  );
  const commands = components.map((component) => runCommand(component, [`--env-file ${component.name}.env`]));
  return { sources: [source('run.sh', 'docker-run', `#!/bin/sh\n${commands.join('\n\n')}\n`)], files };
}

function unit(component: Described, environment: readonly string[]): Source {
  const user = component.user ? [`User=${component.user}`] : [];
  const text = [
    '[Unit]',
    'Description=Drone',
    '[Service]',
    ...environment,
    ...user,
    `ExecStart=${component.program}`,
    '',
  ].join('\n');
  return source(`${component.name}.service`, 'systemd', text);
}

function systemd(components: readonly Described[]): Written {
  const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`;
  return {
    sources: components.map((component) =>
      unit(
        component,
        [...component.settings].map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`),
      ),
    ),
  };
}

function systemdWithFile(components: readonly Described[]): Written {
  const quoted = (text: string): string => `"${text.replace(/[\\"`$]/g, '\\$&')}"`;
  return {
    sources: components.map((component) => unit(component, [`EnvironmentFile=/etc/drone/${component.name}.env`])),
    files: Object.fromEntries(
      components.map(({ name, settings }) => [
        `/etc/drone/${name}.env`,
        [...settings].map(([key, value]) => `${key}=${quoted(value)}\n`).join(''),
      ]),
    ),
  };
}

/** Volumes of a pod and where they are mounted. */
function podVolumes({ mounts }: Described) {
  return {
    volumes: mounts.map(({ source: from }, index) =>
      from.startsWith('/')
        ? { name: `volume-${index}`, hostPath: { path: from } }
        : { name: `volume-${index}`, persistentVolumeClaim: { claimName: from } },
    ),
    volumeMounts: mounts.map(({ target, readOnly }, index) => ({
      name: `volume-${index}`,
      mountPath: target,
      readOnly: readOnly || undefined,
    })),
  };
}

function securityContext({ privileged, user, capAdd, capDrop }: Described) {
  const [runAsUser, runAsGroup] = user.split(':').map(Number);
  return {
    privileged,
    capabilities: { add: capAdd, drop: capDrop },
    runAsUser: user ? runAsUser : undefined,
    runAsGroup: user.includes(':') ? runAsGroup : undefined,
  };
}

function kubernetes(components: readonly Described[]): Written {
  const objects = components.map((component) => {
    const { volumes, volumeMounts } = podVolumes(component);
    const container = {
      name: component.name,
      image: imageOf(component),
      // The kubelet replaces $(NAME), and $$ by $.
      env: [...component.settings].map(([name, value]) => ({ name, value: value.replaceAll('$', '$$$$') })),
      ports: component.ports.map((port) => ({
        containerPort: port.container,
        hostPort: port.host,
        protocol: port.protocol.toUpperCase(),
        hostIP: port.address || undefined,
      })),
      securityContext: securityContext(component),
      volumeMounts,
    };
    const template = { metadata: { labels: { app: component.name } }, spec: { containers: [container], volumes } };
    return yaml({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: component.name, namespace: 'drone' },
      spec: { template },
    });
  });
  return { sources: [source('drone.yaml', 'kubernetes', `${objects.join('\n---\n')}\n`)] };
}

function helm(components: readonly Described[]): Written {
  return {
    sources: components.map((component) => {
      const { volumes, volumeMounts } = podVolumes(component);
      const { repository, tag, digest } = component.image;
      const values = {
        // With a digest the chart writes `repository:tag@digest`.
        image: { repository, tag: `${tag}${digest && `@${digest}`}` },
        env: Object.fromEntries(component.settings),
        securityContext: securityContext(component),
        extraVolumes: volumes,
        extraVolumeMounts: volumeMounts,
      };
      return source(`${component.name}/values.yaml`, 'helm-values', `${yaml(values)}\n`);
    }),
  };
}

function inspect(components: readonly Described[]): Written {
  const records = components.map((component) => ({
    Id: 'a'.repeat(64),
    Name: `/${component.name}`,
    Config: {
      Image: imageOf(component),
      User: component.user,
      Env: [...component.settings].map(([name, value]) => `${name}=${value}`),
      Labels: {},
    },
    HostConfig: {
      Privileged: component.privileged,
      CapAdd: component.capAdd.map((name) => `CAP_${name}`),
      CapDrop: component.capDrop.length > 0 ? component.capDrop : null,
    },
    State: { Status: 'running', Running: true },
    Mounts: component.mounts.map(({ source: from, target, readOnly }) =>
      from.startsWith('/')
        ? { Type: 'bind', Source: from, Destination: target, RW: !readOnly }
        : {
            Type: 'volume',
            Name: from,
            Source: `/var/lib/docker/volumes/${from}/_data`,
            Destination: target,
            RW: !readOnly,
          },
    ),
    NetworkSettings: {
      Networks: { [network]: {} },
      Ports: Object.fromEntries(
        component.ports.map((port) => [
          `${port.container}/${port.protocol}`,
          [{ HostIp: port.address || '0.0.0.0', HostPort: String(port.host) }],
        ]),
      ),
    },
  }));
  return { sources: [source('docker://drone', 'docker-inspect', yaml(records))] };
}

const byText = (texts: readonly string[]): readonly string[] => [...texts].sort();

function understood({ role, version, complete, user }: Settings, container: Container | undefined): Understood {
  const image = container?.image?.value;
  const ports = (container?.ports ?? []).filter(({ hostAddress }) => hostAddress !== undefined);
  return {
    role,
    version,
    complete,
    image: image && { registry: image.registry, name: image.name, tag: image.tag, digest: image.digest },
    ports: byText(ports.map((port) => `${port.hostAddress}:${port.hostPort}:${port.containerPort}/${port.protocol}`)),
    mounts: byText(
      (container?.mounts ?? []).map(({ type, source, target, readOnly }) => `${type} ${source} ${target} ${readOnly}`),
    ),
    privileged: container?.privileged?.value ?? false,
    user: container?.user?.value ?? user?.value,
    capabilities: [container?.capAdd, container?.capDrop].map((names) =>
      byText((names ?? []).map(({ value }) => value)),
    ),
    networks: byText((container?.networks ?? []).map(({ value }) => value)),
  };
}

/** What is known of the variables with these names, apart from where they stand. */
function variablesOf({ variables }: Settings, names: readonly string[]) {
  return Object.fromEntries(
    names.map((name) => {
      const { value, secret, parts, via } = variables.get(name) ?? {};
      return [name, { value, secret, parts: parts?.map((part) => [part.name, part.secret]), via }];
    }),
  );
}

/** The settings of the server and of the runner that a reader finds in what is written. */
function readWritten({ sources, files }: Written): readonly Settings[] {
  const { installation, problems } = read(sources, (from, path, form) => {
    const text = files?.[path];
    if (text !== undefined) return { name: path, form, text };
    return { kind: 'unreadable', source: from.name, message: say`"${path}" is not there`, incomplete: false };
  });
  expect(problems).toEqual([]);
  return roles.map((role) => {
    const [settings, ...more] = installation.settings.filter((each) => each.role === role);
    expect(more).toEqual([]);
    if (!settings) throw new Error(`no ${role} was found`);
    return settings;
  });
}

const value = fc.oneof(
  fc
    .string({ unit: fc.constantFrom(...'ab7 =\'"#$,:\\`!%/@{}()<>|&;*?~[]-_.+^üé'), maxLength: 24 })
    .filter((text) => !text.includes('{{')),
  fc.constantFrom(
    '',
    ' ',
    'true',
    'null',
    '~',
    '0x1F',
    '1e3',
    'yes',
    '${HOME}',
    '$HOME',
    '$(HOME)',
    '$$',
    '#',
    'a #b',
    'a: b',
    '- a',
    "it's",
    '"quoted"',
    '%n',
    'a\\',
    '\\n',
    '!important',
    '&a',
    '*a',
    '2026-01-01',
    'postgres://drone:pa$$word@db/drone?sslmode=disable',
    'username:octocat,admin:true,token:0123456789abcdef',
    'a:b,c:d',
  ),
);

const settingsOf = (always: Readonly<Record<string, string>>, names: readonly string[]) =>
  fc
    .record(Object.fromEntries(names.map((name) => [name, fc.option(value, { nil: undefined })])))
    .map(
      (some) =>
        new Map(
          [...Object.entries(always), ...Object.entries(some)].flatMap(([name, text]) =>
            text === undefined ? [] : [[name, text] as const],
          ),
        ),
    );

const component = (
  name: string,
  program: string,
  repositories: readonly string[],
  settings: fc.Arbitrary<ReadonlyMap<string, string>>,
) =>
  fc.record({
    name: fc.constant(name),
    program: fc.constant(program),
    image: fc.record({
      repository: fc.constantFrom(...repositories),
      tag: fc.constantFrom('1', '1.8.3', '2.24.0', 'latest'),
      digest: fc.constantFrom('', `sha256:${'0123456789abcdef'.repeat(4)}`),
    }),
    settings,
    ports: fc.uniqueArray(
      fc.record({
        address: fc.constantFrom('', '127.0.0.1', '192.0.2.1'),
        host: fc.integer({ min: 1, max: 65535 }),
        container: fc.integer({ min: 1, max: 65535 }),
        protocol: fc.constantFrom('tcp', 'udp'),
      }),
      { selector: ({ container }) => container, maxLength: 3 },
    ),
    mounts: fc.uniqueArray(
      fc.record({
        source: fc.constantFrom('/var/run/docker.sock', '/srv/drone', '/', 'data', 'cache'),
        target: fc.constantFrom('/data', '/var/run/docker.sock', '/host', '/cache'),
        readOnly: fc.boolean(),
      }),
      { selector: ({ target }) => target, maxLength: 3 },
    ),
    privileged: fc.boolean(),
    user: fc.constantFrom('', '1000', '0', '1000:1000'),
    capAdd: fc.subarray(['SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE']),
    capDrop: fc.subarray(['ALL', 'NET_RAW']),
  });

const server = component(
  'drone',
  '/usr/bin/drone-server',
  ['drone/drone', 'registry.example.com:5000/drone/drone'],
  settingsOf({ DRONE_RPC_SECRET: '0123456789abcdef0123456789abcdef' }, [
    'DRONE_SERVER_HOST',
    'DRONE_SERVER_PROTO',
    'DRONE_USER_CREATE',
    'DRONE_USER_FILTER',
    'DRONE_DATABASE_DATASOURCE',
    'DRONE_COOKIE_SECRET',
    'DRONE_GITEA_CLIENT_SECRET',
    'DRONE_LOGS_DEBUG',
    'HTTPS_PROXY',
    'SOMETHING_ELSE',
  ]),
);
const runner = component(
  'runner',
  '/usr/local/bin/drone-runner-docker daemon',
  ['drone/drone-runner-docker', 'ghcr.example.com/drone/drone-runner-docker'],
  settingsOf({ DRONE_RPC_SECRET: '0123456789abcdef0123456789abcdef', DRONE_RPC_HOST: 'drone' }, [
    'DRONE_RPC_PROTO',
    'DRONE_RUNNER_NAME',
    'DRONE_RUNNER_VOLUMES',
    'DRONE_RUNNER_ENVIRON',
    'DRONE_RUNNER_LABELS',
    'DRONE_LIMIT_REPOS',
    'DRONE_UI_PASSWORD',
    'SOMETHING_ELSE',
  ]),
);

/** What every form has to say of a component. */
function expected(component: Described, role: string): Understood {
  const { image, ports, mounts, privileged, user, capAdd, capDrop } = component;
  const [, registry, name] = /^(?:([^/]*[.:][^/]*)\/)?(.*)$/.exec(image.repository) ?? [];
  return {
    role,
    version: image.tag === 'latest' ? undefined : image.tag,
    complete: true,
    image: { registry, name, tag: image.tag, digest: image.digest || undefined },
    ports: byText(ports.map((port) => `${port.address}:${port.host}:${port.container}/${port.protocol}`)),
    mounts: byText(
      mounts.map(({ source, target, readOnly }) =>
        [source.startsWith('/') ? 'bind' : 'volume', source, target, readOnly].join(' '),
      ),
    ),
    privileged,
    user: user || undefined,
    capabilities: [byText(capAdd), byText(capDrop)],
    networks: [network],
  };
}

const roles = ['server', 'runner-docker'];

describe('the same installation', () => {
  it.each(Object.entries(writings))('is understood alike as %s', (_, { write, cannot, marks, sets, adds }) => {
    fc.assert(
      fc.property(fc.tuple(server, runner), (components) => {
        const found = readWritten(write(components));
        // Docker's own description holds the plain values: the measure for secrets and their parts too.
        const measure = readWritten(inspect(components));
        for (const [index, component] of components.entries()) {
          const [settings, measured] = [found[index], measure[index]];
          if (!settings || !measured) throw new Error('a component is missing');
          const comparable = [...component.settings].filter(
            ([name, text]) => !marks?.test(text) && sets?.includes(name) !== true,
          );
          const names = comparable.map(([name]) => name);
          expect(Object.fromEntries(names.map((name) => [name, settings.variables.get(name)?.value]))).toEqual(
            Object.fromEntries(comparable),
          );
          expect(variablesOf(settings, names)).toEqual(variablesOf(measured, names));
          if (!adds) expect(byText([...settings.variables.keys()])).toEqual(byText([...component.settings.keys()]));

          const facts: Partial<Understood> = understood(settings, settings.container);
          const wanted: Partial<Understood> = expected(component, roles[index] ?? '');
          for (const fact of cannot) {
            delete facts[fact];
            delete wanted[fact];
          }
          if (adds) facts.mounts = wanted.mounts?.filter((mount) => facts.mounts?.includes(mount) === true);
          expect(facts).toEqual(wanted);
        }
      }),
      { numRuns: 60 },
    );
  });
});
