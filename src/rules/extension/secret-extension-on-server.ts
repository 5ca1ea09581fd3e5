import { isOn, isStoppedBy, whyUnknown } from '../../analysis/setting-state.ts';
import { runnersOf } from '../../drone/topology.ts';
import { olderThan, parseVersion } from '../../drone/version.ts';
import { ownWords, rule, say } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

const twins = [
  ['DRONE_SECRET_ENDPOINT', 'DRONE_SECRET_PLUGIN_ENDPOINT'],
  ['DRONE_REGISTRY_ENDPOINT', 'DRONE_REGISTRY_PLUGIN_ENDPOINT'],
] as const;

export default rule({
  id: 'secret-extension-on-server',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Secret extension is configured where builds do not ask',
  why: 'The server uses this extension only for builds that it runs itself. Runners never see it: a step gets an empty value instead of its secret, without any error, and people end up writing the secret into the file.',
  fix: `Name the extension on the runners, and remove \`DRONE_SECRET_ENDPOINT\` from the server:

\`\`\`ini
DRONE_SECRET_PLUGIN_ENDPOINT=https://secrets.example.com
\`\`\`

Give them the token that the server has as \`DRONE_SECRET_SECRET\` too: they read it as \`DRONE_SECRET_PLUGIN_TOKEN\`. From then on every pipeline of these runners can ask the extension, in pull requests too: it has to refuse those.`,
  refs: [
    'https://docs.drone.io/extensions/secret/',
    'harness/drone cmd/drone-server/inject_plugin.go:114-140',
    'harness/drone cmd/drone-server/config/config.go:204-208',
  ],
  standards: { owasp: ['CICD-SEC-7'] },
  since: '0.1.0',
  *judge(settings, { installation }) {
    if (settings.role !== 'server' || olderThan(parseVersion(settings.version), [1, 5])) return;
    const isEmbedded = isOn(settings, 'DRONE_AGENTS_DISABLED');
    if (isEmbedded || isStoppedBy(settings, 'DRONE_AGENTS_DISABLED')) return;
    const runners = runnersOf(settings, installation);
    for (const [name, wanted] of twins) {
      const variable = setVariable(settings, name);
      // If the runners have it too, the server's is merely useless.
      if (!variable || runners.some((runner) => setVariable(runner, wanted))) continue;
      if (isEmbedded === undefined) {
        yield { at: variable.at, inconclusive: whyUnknown(settings, 'DRONE_AGENTS_DISABLED') };
        continue;
      }
      yield {
        at: variable.at,
        subject: name,
        message: say`${ownWords(name)} of ${settings.label} is used by no runner: they read ${ownWords(wanted)}`,
        fills: {
          DRONE_SECRET_PLUGIN: wanted.replace('_ENDPOINT', ''),
          DRONE_SECRET_SECRET: name.replace('_ENDPOINT', '_SECRET'),
          DRONE_SECRET_ENDPOINT: name,
          'https://secrets.example.com': variable.value ?? 'https://secrets.example.com',
        },
      };
    }
  },
});
