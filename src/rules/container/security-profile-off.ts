import { chosenSecurityOptions } from '../../analysis/security-options.ts';
import type { Container } from '../../model/container.ts';
import { alsoAt, type Remark, rule, say, type Text } from '../../model/rule.ts';

export default rule({
  id: 'security-profile-off',
  on: 'container',
  severity: 'high',
  confidence: 'high',
  title: 'Kernel confinement is switched off',
  why: 'Seccomp, AppArmor, SELinux and the masked paths of /proc stop most escapes from containers, including those through kernel flaws that nobody knows of yet. This container runs without at least one of them.',
  fix: `Remove the security option (\`security_opt\`, \`--security-opt\`, \`procMount\`, \`appArmorProfile\`); the engine's own profile is then in force. A pod has to ask for it, or it may run without:

\`\`\`yaml kubernetes
securityContext:
  seccompProfile: { type: RuntimeDefault }
\`\`\`

For a program that needs one forbidden system call, write a profile that allows it, and name it in place of \`unconfined\`.

\`\`\`yaml compose
security_opt:
  - seccomp=./seccomp-builder.json
\`\`\`

\`\`\`sh docker-run
--security-opt=seccomp=seccomp-builder.json
\`\`\``,
  refs: [
    'https://docs.docker.com/engine/security/seccomp/',
    'https://docs.docker.com/engine/security/apparmor/',
    'https://kubernetes.io/docs/tutorials/security/seccomp/',
  ],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.2', '5.3', '5.22'] }, cwe: ['CWE-693'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'minutes',
  *judge(container) {
    const off = switchedOff(container);
    const [first, ...others] = off;
    if (!first) return;
    yield {
      at: first.at,
      subject: 'confinement',
      cisDocker: [...new Set(off.flatMap(({ option }) => cisDocker.get(option) ?? []))],
      message: say`${container.label} runs ${first.message}`,
      related: others.map(({ at, message }) =>
        alsoAt(at, say`it also runs ${message}`, { message: say`${container.label} runs ${message}` }),
      ),
    };
  },
});

/**
 * Whether an option of a container takes nothing away: its engine has no such confinement, or has switched SELinux off by
 * itself because the container shares processes or IPC with the host, of which `host-namespace` tells (moby/moby
 * daemon/create.go generateSecurityOpt).
 */
function takesNothing(option: string, { live, observed, pidMode, ipcMode }: Container): boolean {
  const [what = ''] = option.split('=');
  const name = what === 'label' ? 'selinux' : what;
  const known = what === 'systempaths' ? undefined : observed?.engineSecurityOptions;
  if (known && !known.some((each) => each.split(',').includes(`name=${name}`))) return true;
  return live && what === 'label' && [pidMode, ipcMode].some((mode) => mode?.value === 'host');
}

const options: ReadonlyMap<string, Text> = new Map([
  ['seccomp=unconfined', say`without the system call filter (seccomp)`],
  ['apparmor=unconfined', say`without AppArmor`],
  ['label=disable', say`without SELinux`],
  ['systempaths=unconfined', say`with all of /proc and /sys`],
]);

/** Recommendations of CIS Docker 1.6.0; none is about the masked paths. */
const cisDocker: ReadonlyMap<string, string> = new Map([
  ['seccomp=unconfined', '5.22'],
  ['apparmor=unconfined', '5.2'],
  ['label=disable', '5.3'],
]);

function switchedOff(container: Container): readonly (Remark & { readonly option: string })[] {
  // The engine then turns all of it off by itself, and `privileged-container` says so.
  if (container.privileged?.value === true) return [];
  const found = chosenSecurityOptions(container).flatMap(({ value, at }) => {
    const option = value.replace(':', '=');
    const message = options.get(option);
    return message === undefined || takesNothing(option, container) ? [] : [{ option, at, message }];
  });
  const { observed, at } = container;
  const isOff = (option: string) => found.some((each) => each.option === option);
  const hasAppArmor = observed?.engineSecurityOptions?.some((option) => /^name=apparmor(?:,|$)/.test(option));
  if (observed?.maskedPaths === 'none' && !isOff('systempaths=unconfined'))
    found.push({ option: 'systempaths=unconfined', at, message: say`with all of /proc and /sys` });
  if (hasAppArmor && observed?.appArmorProfile === '' && !isOff('apparmor=unconfined'))
    found.push({ option: 'apparmor=unconfined', at, message: say`without AppArmor` });
  return found;
}
