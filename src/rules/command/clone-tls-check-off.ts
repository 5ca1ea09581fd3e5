import { isOn } from '../../analysis/setting-state.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'clone-tls-check-off',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Clone does not check the certificate',
  why: '`skip_verify` sets GIT_SSL_NO_VERIFY in every step of the pipeline, not only for the clone. Anyone between the runner and the SCM decides what is built, and is handed the credential that private repositories are cloned with.',
  fix: 'Remove `skip_verify`, and let the runner clone with an image that trusts the CA of your SCM:\n\n```ini\nDRONE_RUNNER_CLONE_IMAGE=registry.example.com/drone-git:1.4.0@sha256:...\n```\n\nOn the Kubernetes runner the variable is `DRONE_IMAGE_CLONE`. The image is `drone/git`, rebuilt on a current base with your CA. Other steps that talk to the SCM then check its certificate as well, and need the CA, too. Or clone in a step of the pipeline; where the runner sets `DRONE_NETRC_CLONE_ONLY`, such a step gets no credential:\n\n```yaml pipeline\nclone:\n  disable: true\nsteps:\n  - name: clone\n    image: registry.example.com/drone-git:1.4.0@sha256:...\n```',
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
