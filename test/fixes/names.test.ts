import { describe, expect, it } from 'vitest';
import { fixesOf } from '../support/fixtures.ts';

describe('the fix of a finding names', () => {
  it.each([
    ['the login', 'machine-administrator', 'bad-meant-by-the-site.env', 'drone user update --admin=false audit-bot'],
    ['the organisation', 'obsolete-registration-setting', 'bad-closed-in-the-old-way.compose.yml', 'FILTER=example'],
    ['the variable', 'debug-logging', 'bad-runner.compose.yml', '- DRONE_DEBUG=false\n'],
    ['its old name', 'debug-logging', 'bad-old-names-of-the-runner.compose.yml', '- DRONE_LOGS_TRACE=false\n'],
    ['the port', 'exposed-dashboard', 'bad-own-port.compose.yml', '"127.0.0.1:9000:9000"'],
    ['a port beside the proxy', 'plain-http-server', 'bad-published.compose.yml', '"127.0.0.1:8080:80"'],
    ['the host', 'plain-http-scm', 'bad-remote.compose.yml', 'DRONE_GITLAB_SERVER=https://gitlab.example.com'],
    ['the image', 'floating-clone-image', 'bad-full-tag.env', '=registry.example.com:5000/drone-git@sha256:...'],
    [
      'limits of Kubernetes',
      'unlimited-build-resources',
      'bad-kube-runner.k8s.yml',
      '- name: DRONE_RESOURCE_LIMIT_CPU\n      value: "2000"\n',
    ],
    ['the unit', 'exec-runner-as-root', 'bad-user-root.service', 'systemctl edit bad-user-root'],
    ['the secret', 'secret-in-runner-environment', 'bad-names.env', 'organisation NPM_TOKEN @/dev/stdin'],
    ['the certificate', 'certificate-without-key', 'bad-certificate-alone.compose.yml', 'TLS_CERT=/certs/ci.crt'],
  ])('%s', (_, rule, fixture, words) => {
    expect(fixesOf(rule, fixture)[0]).toContain(words);
  });

  // Pasting it makes that account.
  it.each([
    ['bad-admin-capital-true.env', 'username:octocat,admin:true'],
    ['bad-unknown-key.env', 'username:octocat,admin:true'],
    ['bad-machine-1.env', 'username:release-robot,machine:true'],
    ['bad-token-with-colon.env', 'username:octocat,admin:false'],
  ])('nobody as administrator whom the author did not mean: %s', (fixture, value) => {
    expect(fixesOf('malformed-user-create', fixture)[0]).toContain(`\nDRONE_USER_CREATE=${value}\n`);
  });
});
