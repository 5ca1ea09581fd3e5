import { isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'missing-build-policy',
  on: 'settings',
  severity: 'info',
  confidence: 'medium',
  pedantic: true,
  title: 'No policy decides what may be built',
  why: 'A validation extension sees the configuration of every build, whatever started it, and can refuse it or hold it for approval. It is the only gate that pipeline authors cannot edit.',
  fix: `Run an extension that refuses what your rules forbid; \`drone/boilr-validate\` is a template for one. On the server:

\`\`\`env
DRONE_VALIDATE_PLUGIN_ENDPOINT=https://policy.example.com
DRONE_VALIDATE_PLUGIN_SECRET=<output of: openssl rand -hex 32>
\`\`\`

While the extension does not answer, every build fails. It can hold builds for approval from server 1.9.1 on; community builds of the server never ask it. A configuration or conversion extension beside it must answer the same for each commit.`,
  refs: [
    'https://docs.drone.io/extensions/validation/',
    'harness/drone trigger/trigger.go:238',
    'harness/drone plugin/validator/remote.go:45-51',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(settings) {
    // Servers before 1.4 do not support it.
    if (settings.role !== 'server' || olderThan(parseVersion(settings.version), [1, 4])) return;
    const name = 'DRONE_VALIDATE_PLUGIN_ENDPOINT';
    const isMissing = isUnset(settings, name);
    const at = settings.variables.get(name)?.at ?? settings.at;
    if (isMissing === undefined) yield { at, inconclusive: whyUnknown(settings, name) };
    if (!isMissing) return;
    yield {
      at,
      subject: name,
      message: say`${settings.label} builds whatever a pipeline says: no extension validates it`,
    };
  },
});
