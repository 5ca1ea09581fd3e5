import { join } from 'node:path';
import { expect, it } from 'vitest';
import { familyOf } from '../../src/rules/all.ts';
import { findingsIn, readFixture } from '../support/fixtures.ts';

// The fix of a finding is that of its own kind of component and file: rule, bad fixture, what every fix says, and what
// none may say.
it.each([
  ['docker-socket-mount', 'bad-server.compose.yml', 'the server has no use for the engine', 'socket proxy'],
  ['docker-socket-mount', 'bad-server-that-builds.compose.yml', 'remove `DRONE_AGENTS_DISABLED`', 'socket proxy'],
  ['docker-socket-mount', 'bad-runner-alone.compose.yml', 'Give the runner a socket proxy', 'server'],
  ['docker-socket-mount', 'bad-running-step.inspect.yml', '`DRONE_RUNNER_VOLUMES`', 'socket proxy'],
  ['docker-socket-mount', 'bad-socket-of-another-container-too.compose.yml', '`POST: 0`', 'server'],
  ['docker-socket-mount', 'bad-long-form.compose.yml', 'a job on the host', 'server'],
  ['privileged-step', 'bad-service.drone.yml', 'with TLS between them', 'Build images with kaniko'],
  ['privileged-step', 'bad-push-only.drone.yml', 'Build images with kaniko', 'TLS'],
  ['inline-secret', 'bad-compose-file.compose.yml', '`.env` beside the compose file', 'kubectl'],
  ['inline-secret', 'bad-config-map.k8s.yml', 'secretKeyRef', 'Compose'],
  ['inline-secret', 'bad-secret-object-that-git-tracks.k8s.yml', 'kubectl create secret', 'secretKeyRef'],
  ['inline-secret', 'bad-chart.values.yml', 'extraSecretNamesForEnvFrom', 'Compose'],
  ['inline-secret', 'bad-unit.service', 'EnvironmentFile=', 'kubectl'],
  ['inline-secret', 'bad-run-script.sh', '--env-file', 'kubectl'],
  ['inline-secret', 'bad-env-file-that-git-tracks.env', 'git rm --cached', 'kubectl'],
  ['unlimited-build-resources', 'bad-many-builds-of-an-exec-runner.service', 'MemoryMax=8G', 'DRONE_MEMORY_LIMIT'],
  ['unlimited-build-resources', 'bad-kube-runner.k8s.yml', 'DRONE_RESOURCE_LIMIT_MEMORY', 'DRONE_MEMORY_LIMIT'],
  ['unlimited-build-resources', 'bad-docker-runner.compose.yml', 'DRONE_MEMORY_LIMIT', 'MemoryMax=8G'],
  ['missing-trigger', 'bad-misspelt.drone.yml', 'Rename the key `triggers`', 'Say when'],
  ['dind-without-tls', 'bad-no-certificates.drone.yml', 'remove `DOCKER_TLS_CERTDIR`', 'DOCKER_TLS_CERTDIR:'],
])('%s in %s says %s, and not %s', (id, name, said, unsaid) => {
  const { findings } = findingsIn(readFixture(join('test/fixtures/rules', familyOf.get(id) ?? '', id, name), name));
  const fixes = findings.filter((finding) => finding.rule === id).map(({ fix }) => fix);
  expect(fixes).not.toHaveLength(0);
  for (const fix of fixes) {
    expect(fix).toContain(said);
    expect(fix).not.toContain(unsaid);
  }
});
