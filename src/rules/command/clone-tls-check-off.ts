import { isOn } from '../../analysis/setting-state.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'clone-tls-check-off',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Clone does not check the certificate',
  why: '`skip_verify` sets GIT_SSL_NO_VERIFY in every step of the pipeline, not only for the clone. Anyone between the runner and the SCM decides what is built, and is handed the credential that private repositories are cloned with.',
  fix: 'Remove the key, and clone with an image that trusts your CA:\n\n```yaml\nclone:\n  disable: true\n\nsteps:\n  - name: clone\n    image: registry.example.com/drone-git:1.4.0@sha256:...   # drone/git rebuilt on a current base, with your CA\n```\n\nor set that image as `DRONE_RUNNER_CLONE_IMAGE` on the runner.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/cloning/',
    'drone/runner-go@d12a958 clone/environ.go',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:198-262',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-295'] },
  supersedes: ['plugin-tls-check-off'],
  since: '0.1.0',
  *judge({ clone, reach }, { installation }) {
    if (!clone.skipVerify?.value) return;
    // The server may give every clone a credential (harness/drone cmd/drone-server/config/config.go).
    const hasCredential = installation.settings.some(
      (each) => each.role === 'server' && isOn(each, 'DRONE_GIT_ALWAYS_AUTH') === true,
    );
    yield {
      at: clone.skipVerify.at,
      subject: 'steps[clone]',
      message: say`the certificate of the SCM is not checked, in the clone and in every step${hasCredential ? say`, and the clone sends a credential` : ''}`,
      severity: hasCredential ? 'high' : undefined,
      reach,
    };
  },
});
