import { calledExtensions } from '../../analysis/extensions.ts';
import { isUnset, whyUnknown } from '../../analysis/setting-state.ts';
import { endpointOf } from '../../drone/network.ts';
import { hostOf } from '../../model/hosts.ts';
import { ownWords, rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

export default rule({
  id: 'missing-extension-token',
  on: 'settings',
  severity: 'high',
  confidence: 'high',
  title: 'Extension is called without a shared token',
  why: 'Without a token, requests are signed with the empty key, which anyone can do. An extension that accepts them gives its secrets, or its control over pipelines and accounts, to everybody who reaches it; one that does not accept them refuses every request, and builds go on without their secrets.',
  fix: `Give the extension and its caller the same token:

\`\`\`env
DRONE_SECRET_PLUGIN_TOKEN=<output of: openssl rand -hex 32>
\`\`\`

The extension reads it as \`DRONE_SECRET\`. Until both have it, requests are refused: builds fail, or go on without their secrets. Runners read \`..._TOKEN\`, the server reads \`..._SECRET\`.`,
  refs: [
    'https://docs.drone.io/extensions/secret/',
    'drone-runners/drone-runner-docker command/daemon/config.go:82-103',
    'harness/drone cmd/drone-server/config/config.go:195-340',
    'drone/drone-go plugin/internal/client/client.go:94-115',
  ],
  standards: { owasp: ['CICD-SEC-7', 'CICD-SEC-8'], cwe: ['CWE-306'] },
  supersedes: ['unknown-setting'],
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(settings, { installation }) {
    for (const { fact, endpoint } of calledExtensions(settings)) {
      const isMissing = isUnset(settings, fact.token);
      if (isMissing === undefined) yield { at: endpoint.at, inconclusive: whyUnknown(settings, fact.token) };
      if (!isMissing) continue;
      const misnamed = [...fact.misnamed, `${fact.token}_FILE`].flatMap((name) => setVariable(settings, name) ?? [])[0];
      const host = endpoint.value === undefined ? undefined : hostOf(endpoint.value);
      const isNear = host !== undefined && endpointOf(host, settings, installation) !== 'remote';
      yield {
        at: misnamed?.at ?? settings.variables.get(fact.token)?.at ?? endpoint.at,
        subject: misnamed?.name ?? endpoint.name,
        message: say`${settings.label} calls its ${ownWords(fact.kind)} extension without a token${misnamed ? say`: it reads ${fact.token}, not ${misnamed.name}` : ''}`,
        severity: isNear ? 'medium' : undefined,
        fills: { DRONE_SECRET_PLUGIN_TOKEN: fact.token },
        related: misnamed ? [{ at: endpoint.at, message: say`the address of the extension` }] : undefined,
      };
    }
  },
});
