import type { Container } from '../../src/model/container.ts';
import type { Variable } from '../../src/model/environment.ts';
import type { Installation } from '../../src/model/installation.ts';
import type { Role } from '../../src/model/role.ts';
import { type Settings, settingsOf } from '../../src/model/settings.ts';
import type { Form, Location, Source } from '../../src/model/source.ts';
import { say } from '../../src/model/text.ts';

/** A place in a source of this name; its offset tells places apart. */
export function placeIn(file: string, offset = 0, form: Form = 'compose'): Location {
  const source: Source = { name: file, form, text: '' };
  return { source, path: '', span: { start: offset, end: offset } };
}

/** What differs from an empty container. */
export interface ContainerTraits {
  readonly networks?: readonly string[];
  readonly aliases?: readonly string[];
  readonly project?: string;
  readonly file?: string;
  readonly form?: Form;
  readonly live?: boolean;
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ports?: readonly (readonly [hostPort: string, containerPort: string])[];
}

/** A container without settings of its own. */
export function containerNamed(name: string, traits: ContainerTraits): Container {
  const at = placeIn(traits.file ?? 'docker-compose.yml', 0, traits.form);
  const { networks = [], aliases = [], project, live = false, image, labels = {}, ports = [] } = traits;
  return {
    kind: 'container',
    owner: name,
    label: say`service "${name}"`,
    name,
    role: 'other',
    at,
    live,
    image: image === undefined ? undefined : { value: { text: image, name: image }, at },
    environment: { variables: new Map(), complete: true, gaps: [] },
    mounts: [],
    ports: ports.map(([hostPort, containerPort]) => ({
      hostAddress: '',
      hostPort,
      containerPort,
      protocol: 'tcp',
      at,
    })),
    capAdd: [],
    capDrop: [],
    securityOpt: [],
    devices: [],
    networks: networks.map((value) => ({ value, at })),
    aliases,
    command: [],
    entrypoint: [],
    labels: new Map(Object.entries(labels).map(([key, value]) => [key, { value, at }])),
    logOptions: new Map(),
    project,
    gaps: [],
  };
}

/** Settings of a component; without a container they stand in a file of their own. A value of `undefined` is unresolved. */
export function component(
  role: Role,
  values: Readonly<Record<string, string | undefined>>,
  container?: Container,
  file = `${role}.env`,
): Settings {
  const at = container?.at ?? placeIn(file);
  const variables = new Map<string, Variable>();
  for (const [name, value] of Object.entries(values)) {
    const place = { ...at, span: { start: variables.size, end: variables.size } };
    const origin = value === undefined ? 'unresolved' : 'literal';
    const known = value === undefined ? {} : { value };
    variables.set(name, { name, ...known, origin, at: place, keyAt: place, heldBy: 'deployment' });
  }
  const environment = { variables, complete: true, gaps: [] };
  if (container) return settingsOf({ ...container, role, environment });
  return { kind: 'settings', owner: file, label: say`${file}`, role, at, live: false, ...environment };
}

/** An installation of these components. */
export function installationOf(...settings: readonly Settings[]): Installation {
  return {
    kind: 'installation',
    owner: 'installation',
    label: say`installation`,
    settings,
    containers: settings.flatMap(({ container }) => container ?? []),
    pipelines: [],
    streams: [],
    accounts: [],
    hosts: [],
    endpoints: [],
    repositories: [],
    probes: [],
  };
}
