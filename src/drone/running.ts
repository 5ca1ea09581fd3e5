import type { Container } from '../model/container.ts';
import { addTo } from '../model/groups.ts';
import { memoizePer } from '../model/memoize.ts';

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
    const candidates = namesakes.filter((declared) => wasMadeFrom(running, declared));
    const [declared] = candidates;
    if (declared && candidates.length === 1) found.set(running, declared);
  }
  return found;
});

/** Whether the labels of a container name the file of a service, or else its project. */
function wasMadeFrom(running: Container, declared: Container): boolean {
  const files = running.labels.get(filesLabel)?.value.split(',') ?? [];
  const name = declared.at.source.name.replace(/^(?:\.\.?\/)+/, '/').replace(/^\/?/, '/');
  if (files.some((file) => `/${file}`.replaceAll('\\', '/').endsWith(name))) return true;
  const project = projectLabels.flatMap((label) => running.labels.get(label)?.value ?? [])[0];
  return project !== undefined && project === declared.project;
}
