import { opensDebugShells } from '../../analysis/debug-shells.ts';
import { isOwnScmPublic } from '../../analysis/public-scm.ts';
import { isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { ownWords, rule, say } from '../../model/rule.ts';
import { type Settings, setVariable } from '../../model/settings.ts';

const off = `Turn debug shells off:

\`\`\`env
DRONE_TMATE_ENABLED=false
\`\`\``;

export default rule({
  id: 'debug-shell',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Remote debug shells are enabled',
  why: "A build started in debug mode opens a shell in its step, with the step's secrets. Without DRONE_TMATE_HOST it goes through the public relay tmate.io, and its address appears in the build log: whoever can read the log can use it.",
  fix: `${off}

Or, on a docker runner of 1.7.0 or later, use a relay of your own, with the keys of those who may connect:

\`\`\`env
DRONE_TMATE_HOST=tmate.example.com
DRONE_TMATE_AUTHORIZED_KEYS=ssh-ed25519 AAAA...
\`\`\`

Such a relay has fingerprints of its own: \`DRONE_TMATE_FINGERPRINT_RSA\`, \`DRONE_TMATE_FINGERPRINT_ED25519\`.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-tmate-enabled/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:249-258',
    'drone-runners/drone-runner-kube command/daemon/config.go:140',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-7'], cwe: ['CWE-489'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'minutes',
  *judge(settings, context) {
    const variable = settings.variables.get('DRONE_TMATE_ENABLED');
    const at = variable?.at ?? settings.at;
    const isOpen = opensDebugShells(settings);
    if (isOpen === undefined) {
      yield { at, inconclusive: whyUnknown(settings, 'DRONE_TMATE_ENABLED') };
      return;
    }
    if (!isOpen) return;
    const guard = guardOf(settings);
    if (guard === 'keys') return;
    if (guard === 'unknown') {
      yield { at, inconclusive: whyUnknown(settings, 'DRONE_TMATE_AUTHORIZED_KEYS') };
      return;
    }
    const isPublicRelay = isUnset(settings, 'DRONE_TMATE_HOST') === true;
    const relay = isPublicRelay ? ', through the public relay tmate.io' : '';
    yield {
      at,
      subject: 'DRONE_TMATE_ENABLED',
      // Only the docker runner reads the keys of those who may connect.
      fix: settings.role === 'runner-docker' ? undefined : off,
      message: say`${settings.label} opens remote shells in builds${variable ? '' : say`, the default without DRONE_TMATE_ENABLED`}${ownWords(relay)}`,
      severity: isPublicRelay && isOwnScmPublic(settings, context) ? 'high' : undefined,
    };
  },
});

/** Whether keys limit who may connect: docker runner since 1.7.0, and only with a relay of its own. */
function guardOf(settings: Settings): 'keys' | 'none' | 'unknown' {
  if (settings.role !== 'runner-docker' || olderThan(parseVersion(settings.version), [1, 7])) return 'none';
  if (!setVariable(settings, 'DRONE_TMATE_HOST')) return 'none';
  const isMissing = isUnset(settings, 'DRONE_TMATE_AUTHORIZED_KEYS');
  return isMissing === undefined ? 'unknown' : isMissing ? 'none' : 'keys';
}
