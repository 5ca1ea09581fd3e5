import { isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'missing-event-feed',
  on: 'settings',
  severity: 'info',
  confidence: 'high',
  pedantic: true,
  title: 'Nothing records administrative changes',
  why: 'Drone keeps no audit log. Global webhooks for users, repositories and builds are the only feed of such changes; without them nobody can say later who was made an administrator, or when a repository became trusted.',
  fix: `Send the events to a receiver that checks the signature and stores them:

\`\`\`env
DRONE_WEBHOOK_ENDPOINT=https://events.example.com/drone
DRONE_WEBHOOK_SECRET=<output of: openssl rand -hex 32>
\`\`\``,
  refs: ['https://docs.drone.io/webhooks/overview/', 'harness/drone cmd/drone-server/inject_plugin.go:164-171'],
  standards: { owasp: ['CICD-SEC-10'], cwe: ['CWE-778'] },
  since: '0.1.0',
  *judge(settings) {
    if (settings.role !== 'server' || olderThan(parseVersion(settings.version), [1])) return;
    const name = 'DRONE_WEBHOOK_ENDPOINT';
    const isMissing = isUnset(settings, name);
    const at = settings.variables.get(name)?.at ?? settings.at;
    if (isMissing === undefined) yield { at, inconclusive: whyUnknown(settings, name) };
    if (!isMissing) return;
    yield {
      at,
      subject: name,
      message: say`${settings.label} sends no events about changes to users and repositories`,
    };
  },
});
