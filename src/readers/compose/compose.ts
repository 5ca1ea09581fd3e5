import type { Container } from '../../model/container.ts';
import { fileName } from '../../model/file-name.ts';
import { emptyReading, type Lookup, type Reading } from '../../model/reading.ts';
import type { Remark } from '../../model/remark.ts';
import type { Problem } from '../../model/report.ts';
import { type Location, lineOf, type Source } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { assignedSecrets } from '../../secrets/assignments.ts';
import { isSecretOption } from '../../secrets/parts.ts';
import { isNothingToMask } from '../../secrets/placeholders.ts';
import { isOfDrone } from '../not-known.ts';
import { parseTemplate } from '../yaml/template.ts';
import { field, type Node } from '../yaml/tree.ts';
import { environmentReader } from './environment.ts';
import { type ComposeOptions, defaultNames, loadProject } from './load.ts';
import { problemAt } from './notes.ts';
import { refusalsOf } from './refusals.ts';
import { secretValues } from './secret-values.ts';
import { serviceReader } from './service.ts';
import { valueAt } from './tree.ts';

/** How many services one project may have. */
const maxServices = 20_000;

/**
 * Reads a Docker Compose project: its base file, then the files merged over it. `.env` is looked up beside it, and so
 * is the override file if the base file has a default name and is given alone. Every service becomes a container with
 * its settings.
 */
export function readCompose(sources: readonly Source[], options: ComposeOptions): Reading {
  const [first, ...others] = sources;
  if (!first) return emptyReading;
  const project = loadProject([first, ...others], options);
  const environments = environmentReader(project.fetchFile);
  const problems = [...project.problems];
  const containers: Container[] = [];
  const secrets: Location[] = [];
  const services = valueAt(project.root, 'services');
  if (project.root && services?.kind === 'map') {
    const readService = serviceReader(project.root, project, environments);
    for (const [name, service] of services.fields) {
      const { kind, scope, span } = service.value;
      if (kind === 'reset') continue;
      if (kind !== 'map' && !(kind === 'scalar' && service.value.isNull)) {
        problems.push(problemAt(scope.source, span.start, say`service "${name}" is not a mapping`, true));
        continue;
      }
      if (containers.length === maxServices) {
        const message = say`it has more than ${maxServices} services; the others were not read`;
        problems.push({ kind: 'too-large', source: first.name, message, incomplete: true });
        break;
      }
      const read = readService(name, service);
      containers.push(read.container);
      for (const secret of [...read.secrets, ...secretWords(read.container)]) secrets.push(secret);
    }
  }
  for (const document of project.documents) for (const secret of secretValues(document)) secrets.push(secret);
  for (const problem of environments.problems) problems.push(problem);
  const isWhole = project.unknown.length === 0 && project.problems.every(({ incomplete }) => !incomplete);
  if (project.root) for (const problem of refusalsOf(project.root, isWhole)) problems.push(problem);
  const consumed = project.consumed();
  for (const source of [...sources, ...(options.envFiles ?? []), ...consumed])
    for (const secret of assignedSecrets(source)) secrets.push(secret);
  const ofDrone = containers.some(({ role }) => isOfDrone(role));
  if (!ofDrone) for (const problem of partsElsewhere([...project.unknown])) problems.push(problem);
  return {
    ...emptyReading,
    containers,
    // What is unknown in a project that has nothing to do with Drone is of no interest.
    problems: problems.filter(({ incomplete }) => incomplete || ofDrone),
    unknown:
      ofDrone || containers.length === 0
        ? [...project.unknown, ...environments.unknown, ...containers.flatMap(gapsOf)]
        : [],
    secrets,
    consumed,
  };
}

/** What a service has, and nobody knows. */
function gapsOf({ at, label, gaps }: Container): readonly Remark[] {
  return gaps.map((gap) => ({ at, message: say`${label}: ${gap}` }));
}

/** Files with services, named after Drone, that were not read: what they hold is not known. */
function partsElsewhere(unknown: readonly Remark[]): readonly Problem[] {
  return unknown.flatMap(({ at, message }) => {
    const { source, span, path } = at;
    if (!/(?:^include|\.extends)$/.test(path) || !/drone/i.test(source.text.slice(span.start, span.end))) return [];
    return [{ kind: 'unsupported', source: source.name, line: lineOf(at), message, incomplete: true }];
  });
}

/** Whether a text may be a compose file that gets its images or services from elsewhere: `include`, `${IMAGE}`. */
export function mayUseOthers(name: string, text: string): boolean {
  if (!/^["']?(?:services|include)["']?[ \t]*:/m.test(text) || foreignKey.test(text)) return false;
  return defaultNames.has(fileName(name)) || /^["']?include|\bextends["']?[ \t]*:|\$\{?[A-Za-z_]/m.test(text);
}

/** Whether a compose file, with all that it uses of others, has a component of Drone, or uses what is named after it. */
export function usesDrone(source: Source, lookup: Lookup): boolean {
  const { containers, problems } = readCompose([source], { lookup });
  return containers.some(({ role }) => isOfDrone(role)) || problems.some(({ kind }) => kind === 'unsupported');
}

const droneMark =
  /^(?![ \t]*#).*(?:\bDRONE_[A-Z]|drone\/(?:drone|agent|controller|autoscaler)\b|\bdrone-(?:runner|server|agent)\b)/m;
/** Top-level keys of pipelines and other formats that have services too. */
const foreignKeys = [
  'captainVersion',
  'kind',
  'apiVersion',
  'pipeline',
  'steps',
  'jobs',
  'matrix',
  'workspace',
  'stages',
  'on',
];

const foreignKey = new RegExp(`^["']?(?:${foreignKeys.join('|')})["']?[ \\t]*:`, 'm');
const emptyLines = String.raw`[ \t]*(?:#.*)?(?:\r?\n[ \t]*(?:#.*)?)*\r?\n`;
/** `services:`, a name indented below it, and something indented further. */
const writtenServices = new RegExp(
  String.raw`^services[ \t]*:${emptyLines}([ \t]+)["']?[\w.-]+["']?[ \t]*:${emptyLines}\1[ \t]+[\w"']`,
  'm',
);

/** Whether a text is a compose file with something of Drone in it: an image, or variables named after Drone. */
export function looksLikeCompose(text: string): boolean {
  if (!droneMark.test(text)) return false;
  // Nearly all are written like this; others are parsed here and then once more.
  const body = text.slice(Math.max(text.search(/^\w/m), 0));
  if (writtenServices.test(body) && !foreignKey.test(body) && !/^(?:---|\.\.\.)/m.test(body)) return true;
  const [document] = parseTemplate({ name: '', form: 'compose', text }).documents;
  const root = document?.root;
  if (root?.kind !== 'map') return false;
  if (foreignKeys.some((key) => field(root, key))) return false;
  const services = field(root, 'services');
  if (services)
    return services.value.kind === 'map' && services.value.entries.some(({ value }) => value.kind === 'map');
  if (field(root, 'include')) return true;
  return !field(root, 'version') && root.entries.some(({ key, value }) => !key.startsWith('x-') && isOldService(value));
}

/** In the first format, services are at the top level: an image with a key that only containers have. */
function isOldService(value: Node): boolean {
  const has = (...keys: readonly string[]): boolean => keys.some((key) => field(value, key));
  return (
    has('image', 'build') &&
    has('environment', 'env_file', 'volumes', 'ports', 'links', 'restart', 'net', 'container_name')
  );
}

/** Words of a command that follow an option such as `--token`. */
function secretWords({ command, entrypoint }: Container): readonly Location[] {
  return [entrypoint, command].flatMap((words) =>
    words.flatMap(({ value, at }, index) =>
      isSecretOption(words[index - 1]?.value ?? '') && !value.startsWith('-') && !isNothingToMask(value) ? [at] : [],
    ),
  );
}
