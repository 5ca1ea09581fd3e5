import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'daemon-confinement-off',
  on: 'host',
  severity: 'high',
  confidence: 'high',
  title: 'Docker runs containers without seccomp',
  why: 'The runner asks for no protection of its own: a step gets what the daemon gives by default. Without the seccomp profile it may make every system call that the kernel has, and some known escapes from containers need one that the profile forbids.',
  fix: `Remove \`seccomp-profile\` from \`/etc/docker/daemon.json\` and \`--seccomp-profile\` from the unit of Docker (\`systemctl cat docker\`), and restart it:

\`\`\`sh
systemctl restart docker
docker info --format '{{.SecurityOptions}}'
\`\`\`

That has to name \`seccomp\` with the profile \`builtin\`, or \`default\` before Docker 23. If it does not, the kernel was built without \`CONFIG_SECCOMP\`, and builds need a host with another one.`,
  refs: [
    'https://docs.docker.com/engine/security/seccomp/',
    'drone-runners/drone-runner-docker 9ea626a engine/convert.go:45-96',
    'moby/moby daemon/info.go fillSecurityOptions',
  ],
  standards: {
    owasp: ['CICD-SEC-5'],
    cisDocker: { version: '1.6.0', ids: ['2.17'] },
    cwe: ['CWE-693'],
  },
  since: '0.1.0',
  *judge({ label, os, at, securityOptions, securityAt }) {
    // Windows has nothing like it, and a file does not tell.
    if (os?.value === 'windows' || at.source.form !== 'docker-engine') return;
    if (!securityOptions) {
      yield { at: securityAt, inconclusive: say`${label} does not say how it confines containers` };
      return;
    }
    const seccomp = securityOptions.find(({ value }) => /(?:^|,)name=seccomp(?:,|$)/.test(value));
    const isOff = seccomp && /(?:^|,)profile=unconfined(?:,|$)/.test(seccomp.value);
    if (seccomp && !isOff) return;
    yield {
      at: seccomp?.at ?? securityAt,
      subject: 'seccomp',
      message: seccomp
        ? say`${label} runs containers with the seccomp profile "unconfined"`
        : say`${label} has no seccomp for containers`,
    };
  },
});
