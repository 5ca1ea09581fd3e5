import { expect, it } from 'vitest';
import { fixesOf } from '../support/fixtures.ts';

// What fixes say in the words of their finding: rule, bad fixture, a line of the fix.
it.each([
  ['deploy-without-promotion', 'bad-branch.drone.yml', 'ref: [refs/heads/prod, refs/tags/**]'],
  ['branch-without-event', 'bad-two-steps.drone.yml', 'when:'],
  ['branch-without-event', 'bad-trigger.drone.yml', 'trigger:'],
  ['dropped-condition', 'bad-keys-of-another-place.drone.yml', 'when:'],
  ['promotion-without-target', 'bad-rollback.drone.yml', 'event: [rollback]'],
  ['skipped-gate', 'bad-build-is-the-only-thing-waited-for.drone.yml', 'depends_on: [build]'],
  ['evaluated-variable', 'bad-text-of-outsiders.drone.yml', '- ./deploy.sh "$DRONE_COMMIT_MESSAGE"'],
  ['ref-name-substitution', 'bad-parameter.drone.yml', '- ./release.sh "$MONTH"'],
  ['undefined-variable', 'bad-variable-of-the-step.drone.yml', '- cp app "$OUTPUT/"'],
  ['unsupported-substitution', 'bad-default-without-colon.drone.yml', '- echo "$${NAME-default}"'],
  ['metadata-credentials', 'bad-requests.drone.yml', 'iptables -I DOCKER-USER -d 169.254.169.254 -j DROP'],
  ['plugin-tls-check-off', 'bad-settings.drone.yml', 'COPY ca.crt /etc/ssl/certs/git.example.com.crt'],
  [
    'plugin-tls-check-off',
    'bad-flags-of-docker.drone.yml',
    'COPY ca.crt /etc/docker/certs.d/registry.example.com/ca.crt',
  ],
  ['remote-script', 'bad-source.drone.yml', '- . ./install.sh'],
  ['remote-script', 'bad-pipe.drone.yml', '- curl -fsSLo install.sh https://example.com/v1.4.2/install.sh'],
  ['remote-script', 'bad-pipe-through-tee-and-sudo.drone.yml', '- bash install.sh'],
  ['remote-script', 'bad-interpreter.drone.yml', '- python3 install.py'],
  ['remote-script', 'bad-powershell.drone.yml', '- .\\install.ps1'],
  [
    'unverified-download',
    'bad-unpacked.drone.yml',
    '- curl -fsSLo generator.tar.gz https://tools.example.com/v0.135.0/generator.tar.gz',
  ],
  ['unverified-download', 'bad-http.drone.yml', '- echo "<sha256>  generator.zip" | sha256sum -c'],
  ['unverified-download', 'bad-http.drone.yml', '- curl -fsSLo generator.zip https://example.com/v1.4.2/generator.zip'],
  ['unpinned-repository-code', 'bad-clone.drone.yml', '- git clone https://github.com/example/tools.git tools'],
  ['unverified-ssh-host', 'bad-public-host.drone.yml', 'host: build.example.com'],
  ['plugin-with-commands', 'bad-secret.drone.yml', 'from_secret: npm_token'],
  ['misspelt-target', 'bad-type-of-nobody.drone.yml', 'pipelineTypes: [nspawn]'],
  ['misspelt-target', 'bad-type.drone.yml', 'pipelineTypes: [your-type]'],
  ['host-volume', 'bad-cache.drone.yml', '- name: shared'],
  ['implicitly-privileged-step', 'bad-pull-requests.drone.yml', 'image: plugins/kaniko-ecr:1.13.9@sha256:...'],
  ['implicitly-privileged-step', 'bad-pull-requests.drone.yml', 'image: plugins/ecr:21.3.4@sha256:...'],
  ['image-outside-policy', 'bad-docker-hub.drone.yml', 'images: [golang]'],
  ['misspelt-image', 'bad-owner.drone.yml', 'images: [plugin/docker]'],
  ['unpinned-image', 'bad-no-tag.drone.yml', 'image: golang@sha256:...'],
])('%s in %s: %s', (id, name, line) => {
  const lines = fixesOf(id, name).flatMap((fix) => fix.split('\n').map((each) => each.trim()));
  expect(lines).toContain(line);
});

it.each([
  ['outdated-server', 'bad-2.16-of-a-mirror.compose.yml', 'registry.example.com/hub/drone/drone:2.28.2'],
  ['outdated-runner', 'bad-kubernetes-beta.k8s.yml', 'drone/drone-runner-kube:1.0.0-rc.5'],
  ['obsolete-drone-image', 'bad-controller.k8s.yml', 'drone/drone-runner-kube:1.0.0-rc.5'],
])('%s in %s begins with the image to use: %s', (id, name, image) => {
  expect(fixesOf(id, name)[0]?.split('. ')[0]).toContain(`\`${image}\``);
});
