import { expect, it } from 'vitest';
import { fixesOf } from '../support/fixtures.ts';

// Where what there is to do differs between the findings of a rule: what the fix of each has, and what it has not.
it.each<[rule: string, fixture: string, has: readonly string[], hasNot: readonly string[]]>([
  [
    'obsolete-drone-image',
    'bad-agent-of-the-server-image.compose.yml',
    [
      'from scratch with the current image, `drone/drone:2.28.2`',
      'Use the current image, `drone/drone-runner-docker:1.8.5`',
    ],
    ['docker.sock', 'drone/drone:2'],
  ],
  [
    'outdated-server',
    'bad-builds-by-itself.compose.yml',
    ['      DRONE_RPC_SECRET: ${DRONE_RPC_SECRET:?set it in .env}\n```\n\n```ini\n# .env'],
    ['ci.example.com'],
  ],
  ['outdated-server', 'bad-starts-pods.compose.yml', ['Set up a Kubernetes runner first'], ['runner-docker']],
  ['open-registration', 'bad-opened-in-0.8.compose.yml', ['Remove `DRONE_OPEN`'], ['=true']],
  ['open-registration', 'bad-default-on-gitea.compose.yml', ['Limit who may register'], ['DRONE_OPEN']],
  ['outdated-server', 'bad-1.10.compose.yml', ['Use the newest release'], ['Set up a']],
  ['malformed-pipeline', 'bad-image-is-missing.drone.yml', ['  image: registry'], ['commands']],
  ['malformed-pipeline', 'bad-commands-are-a-text.drone.yml', ['\ncommands: [make]'], ['privileged']],
  ['malformed-pipeline', 'bad-command-is-a-mapping.drone.yml', ['Put the command in quotes'], ['environment']],
  ['malformed-pipeline', 'bad-booleans.drone.yml', ['`true` or `false`', '`true` or `false`'], ['```', '```']],
  ['malformed-pipeline', 'bad-dependencies-of-steps.drone.yml', ['Name a step', 'Remove this'], ['```', '```']],
  ['malformed-pipeline', 'bad-format-older-than-0.8.drone.yml', ['kind: pipeline\n'], ['depends_on']],
  [
    'tls-check-off',
    'bad-options.drone.yml',
    [
      'curl --cacert ca.pem',
      'wget --ca-certificate=ca.pem',
      'http.sslCAInfo',
      'http.sslCAInfo',
      'pip install --cert ca.pem',
      'npm config set cafile',
      'kubectl --certificate-authority=ca.pem',
      'cp known_hosts',
      'cp known_hosts',
      'signed-by',
      '--tlscacert=ca.pem',
      'cp known_hosts',
      'pip install --cert ca.pem',
    ],
    ['wget', 'curl', 'curl', 'curl', 'curl', 'curl', 'curl', 'curl'],
  ],
  ['tls-check-off', 'bad-environment-of-the-pipeline.drone.yml', ['http.sslCAInfo'], ['curl']],
  [
    'server-and-runner-together',
    'bad-name-of-this-host.compose.yml',
    ['DRONE_RPC_HOST: drone.example.com'],
    ['localhost'],
  ],
  ['ref-name-substitution', 'bad-tag.drone.yml', ['ref: [refs/tags/v*]'], []],
  // Sentences say what is so of the block before them.
  [
    'branch-without-event',
    'bad-two-branches-and-a-cron-job.drone.yml',
    ['event: [push, cron]\n  branch: [feature/*, master]\n```\n\nPromotions and custom builds of the branch then'],
    ['Cron jobs'],
  ],
  [
    'branch-without-event',
    'bad-two-branches-and-a-cron-job.drone.yml',
    ['trigger:\n  ref: [refs/heads/feature/*, refs/heads/master, refs/tags/**]'],
    ['refs/heads/main'],
  ],
  [
    'missing-trigger',
    'bad-steps-of-a-legacy-file.drone.yml',
    ['pipeline:\n  integration:\n    when:\n      event: [push, tag]\n  wait:\n'],
    ['trigger'],
  ],
  ['ref-name-substitution', 'bad-branch-or-tag.drone.yml', ['./release.sh "$DRONE_TAG"'], ['refs/tags']],
  ['docker-socket-volume', 'bad-windows-pipe.drone.yml', ['an engine of Windows'], ['image: plugins/kaniko']],
  [
    'printed-secret',
    'bad-powershell.drone.yml',
    ['- $env:PASSWORD | docker login', '- $env:API_KEY | docker login'],
    ['echo', 'echo'],
  ],
  [
    'unknown-field',
    'bad-key-of-the-pipeline.drone.yml',
    ['name the events, too', 'or remove the key', 'name the events, too'],
    ['```', 'event'],
  ],
])('the fixes of %s in %s', (rule, fixture, has, hasNot) => {
  const fixes = fixesOf(rule, fixture);
  expect(fixes).toHaveLength(has.length);
  for (const [index, fix] of fixes.entries()) expect(fix).toContain(has[index]);
  for (const [index, words] of hasNot.entries()) expect(fixes[index]).not.toContain(words);
});
