import type { Container } from '../model/container.ts';
import { addTo } from '../model/groups.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Source } from '../model/source.ts';

/*
 * Which running container is which service of a compose file. Compose writes it into the labels of what it creates
 * (docker/compose pkg/api/labels.go).
 */

const serviceLabel = 'com.docker.compose.service';
const projectLabels = ['com.docker.compose.project', 'io.podman.compose.project'];
const filesLabel = 'com.docker.compose.project.config_files';

/** The declared service of each running container that has one. `containers` are those that may belong together. */
export const servicesOfRunning = memoizePer((containers: readonly Container[]): ReadonlyMap<Container, Container> => {
  const byService = new Map<string, Container[]>();
  for (const container of containers)
    if (!container.live && container.at.source.form === 'compose') addTo(byService, container.name, container);
  const found = new Map<Container, Container>();
  if (byService.size === 0) return found;
  for (const running of containers) {
    const service = running.live ? running.labels.get(serviceLabel)?.value : undefined;
    // What `docker compose run` made is another container of the service, for one command.
    if (service === undefined || running.labels.get('com.docker.compose.oneoff')?.value === 'True') continue;
    const namesakes = byService.get(service) ?? [];
    const files = filesOf(running);
    const byFile = namesakes.filter(({ at }) => files.some((file) => isFile(file, at.source)));
    const [declared, ...others] = byFile.length > 0 ? byFile : namesakes.filter((each) => isOneProject(running, each));
    if (declared && others.length === 0) found.set(running, declared);
  }
  return found;
});

/**
 * Running containers of services that none of their project's files has any more, with these files. Only where all of them
 * were read, and do not name such a service in any way: of a file that is broken or includes others, not all may be known.
 */
export function servicesGone(
  containers: readonly Container[],
): readonly { readonly running: Container; readonly sources: readonly Source[] }[] {
  const declared = containers.filter(({ live, at }) => !live && at.source.form === 'compose');
  if (declared.length === 0) return [];
  const sources = [...new Set(declared.map(({ at }) => at.source))];
  const paired = servicesOfRunning(containers);
  return containers.flatMap((running) => {
    const service = running.live && !paired.has(running) ? running.labels.get(serviceLabel)?.value : undefined;
    const isOnce = running.labels.get('com.docker.compose.oneoff')?.value === 'True';
    if (!service || isOnce || declared.some(({ name }) => name === service)) return [];
    const found = filesOf(running).map((file) => sources.filter((source) => isFile(file, source)));
    const own = found.flatMap((candidates) => (candidates.length === 1 ? candidates : []));
    if (own.length === 0 || own.length < found.length || own.some(({ text }) => mayHave(text, service))) return [];
    return [{ running, sources: own }];
  });
}

/** Whether a text has a key of this name outside of comments, or takes services from other files. */
function mayHave(text: string, service: string): boolean {
  return text.split('\n').some((line) => {
    if (/^\s*#/.test(line)) return false;
    if (/^["']?include["']?\s*:/.test(line)) return true;
    const at = line.indexOf(service);
    if (at < 0 || /[\w.-]/.test(line[at - 1] ?? '')) return false;
    return /^["']?\s*:/.test(line.slice(at + service.length));
  });
}

/** The compose files that a container was made from, by their paths on its host; the base first. */
export function filesOf({ labels }: Container): readonly string[] {
  const files = labels.get(filesLabel)?.value.split(',') ?? [];
  return files.map((file) => file.replaceAll('\\', '/')).filter((file) => file !== '');
}

/** Whether a source may be the file of a path: of both, what is known of the path is the same. */
export function isFile(path: string, { name, folder }: Source): boolean {
  const own = name.replace(/^(?:\.\.?\/){1,20}/, '');
  if (!`/${path}`.endsWith(`/${own}`)) return false;
  // Of a file in the current folder, the name of that folder is all that is known beside its own.
  return own.includes('/') || folder === undefined || path.split('/').at(-2) === folder;
}

function isOneProject(running: Container, declared: Container): boolean {
  const project = projectLabels.flatMap((label) => running.labels.get(label)?.value ?? [])[0];
  return project !== undefined && project === declared.project;
}

/** The compose files that a container was made from, besides that of its service, and that were not read with it. */
export function filesNotRead(running: Container, declared: Container, sources: readonly Source[]): readonly string[] {
  const files = filesOf(running);
  if (!files.some((file) => isFile(file, declared.at.source))) return [];
  return files.filter((file) => !sources.some((source) => isFile(file, source)));
}

/**
 * The sources that are one project, because a running container was made from them together (`docker compose -f base -f
 * more`); the base first. Each source is in one list at most.
 */
export function projectsOf(running: readonly Container[], sources: readonly Source[]): readonly (readonly Source[])[] {
  const taken = new Set<Source>();
  const projects: Source[][] = [];
  for (const list of new Set(running.map((container) => filesOf(container).join(',')))) {
    const files = list.split(',');
    if (files.length < 2) continue;
    const found = files.map((file) => sources.filter((source) => isFile(file, source)));
    const project = found.flatMap((candidates) => (candidates.length === 1 ? candidates : []));
    if (project.length < files.length || project.some((source) => taken.has(source))) continue;
    for (const source of project) taken.add(source);
    projects.push(project);
  }
  return projects;
}
