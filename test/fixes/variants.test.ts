import { expect, it } from 'vitest';
import { fixesOf } from '../support/fixtures.ts';

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
  ['secret-in-build-argument', 'bad-settings-beside-commands.drone.yml', '- docker build --secret', 'settings:'],
  ['secret-in-build-argument', 'bad-commands.drone.yml', '- docker build --secret', 'settings:'],
  ['secret-in-build-argument', 'bad-argument-of-a-plugin.drone.yml', 'settings:', '- docker build'],
  ['host-path-mount', 'bad-certificates-of-a-proxy.compose.yml', 'certificate of this proxy', 'internal-ca'],
  ['host-path-mount', 'bad-certificates-of-the-server.compose.yml', 'certificate of this server', 'internal-ca'],
  ['secret-on-pull-request', 'bad-dry-run-of-pull-requests.drone.yml', 'Take the secret out', 'event:'],
  ['machine-administrator', 'bad-listed-machine.accounts.yml', 'drone user update --admin=false', 'USER_CREATE'],
  ['host-path-mount', 'bad-folders-of-the-host.compose.yml', 'internal-ca', 'certificate of this proxy'],
  [
    'token-in-log',
    'bad-made-by-compose',
    'docker compose --project-name ci --file /opt/drone/compose.yml --file /opt/drone/compose.override.yml up --detach --force-recreate server',
    'docker rm',
  ],
  ['token-in-log', 'bad-anonymous-volume', 'docker cp drone-1:/data ./saved-data', 'compose'],
  ['token-in-log', 'bad-named-volume', 'docker rm drone-1', 'saved-data'],
  ['rejected-runner', 'bad-secret-is-the-same-now', 'docker logs --since 1m drone-runner', 'sha256sum'],
  ['dangerous-capability', 'bad-running-step.inspect.yml', 'a pipeline has no key for capabilities', 'cap_add'],
  ['security-profile-off', 'bad-engine-with-selinux.inspect.yml', 'For a program that needs', 'kubernetes'],
  ['misplaced-data-directory', 'bad-pod-without-volume.k8s.yml', 'claimName: drone-data', 'docker'],
  ['plain-http-server', 'bad-service-of-a-cluster.k8s.yml', 'type: ClusterIP', 'ports:'],
  ['privileged-container', 'bad-docker-run.sh', 'Remove `--privileged`', 'privileged: true'],
  ['unverified-scm-certificate', 'bad-unit.service', 'Environment=SSL_CERT_FILE', 'volumes:'],
  ['obsolete-registration-setting', 'bad-administrator-in-the-new-way-too.env', 'USER_FILTER', 'USER_CREATE'],
  ['obsolete-registration-setting', 'bad-limited-in-the-new-way-too.env', 'USER_CREATE', 'USER_FILTER='],
  ['obsolete-setting', 'bad-address-that-never-was.env', 'Remove `DRONE_RPC_ADDR`, and set `DRONE_RPC_PROTO`', '| ---'],
  ['invalid-setting-value', 'bad-volume-read-only.env', '`DRONE_RUNNER_', '| ---'],
  ['unencrypted-database', 'bad-server-of-1.10.compose.yml', 'newest release first', 'nothing to do'],
  ['unencrypted-database', 'bad-not-set.compose.yml', 'MIXED_MODE', 'newest release first'],
  ['readable-secret-file', 'bad-env-file.env', 'chmod o-rwx', 'EnvironmentFile='],
  ['debug-shell', 'bad-kube-runner-by-default.k8s.yml', 'DRONE_TMATE_ENABLED', 'docker runner'],
  ['missing-trigger', 'bad-misspelt.drone.yml', 'Rename the key `triggers`', 'Say when'],
  ['overdue-step-container', 'bad-still-running.inspect.yml', 'docker top drone-', 'prune'],
  ['overdue-step-container', 'bad-privileged.inspect.yml', 'prune', 'docker top'],
  ['automatic-image-updates', 'bad-autoscaler.env', 'DRONE_WATCHTOWER_ENABLED=false', 'watchtower.enable'],
  ['dind-without-tls', 'bad-no-certificates.drone.yml', 'remove `DOCKER_TLS_CERTDIR`', 'DOCKER_TLS_CERTDIR:'],
])('%s in %s says %s, and not %s', (id, name, said, unsaid) => {
  for (const fix of fixesOf(id, name)) {
    expect(fix).toContain(said);
    expect(fix).not.toContain(unsaid);
  }
});
