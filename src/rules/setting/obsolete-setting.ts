import { isOfDrone08, obsoleteSetting } from '../../analysis/obsolete.ts';
import { misnamedRpcHost } from '../../analysis/rpc-host.ts';
import { isComponent, isSecretName } from '../../facts/settings.ts';
import { type Context, ownWords, rule, say } from '../../model/rule.ts';
import { type Settings, setVariable } from '../../model/settings.ts';

const list = `Names that people often meet, and those of today:

- \`DRONE_SECRET\`, \`DRONE_AGENT_SECRET\`: \`DRONE_RPC_SECRET\`
- \`DRONE_SERVER\`, \`DRONE_RPC_SERVER\`, \`DRONE_RPC_ADDR\`: \`DRONE_RPC_HOST\` and \`DRONE_RPC_PROTO\`
- \`DRONE_GITHUB_URL\`, \`DRONE_GITHUB_CLIENT\`, \`DRONE_GITHUB_SECRET\`: \`DRONE_GITHUB_SERVER\`, \`DRONE_GITHUB_CLIENT_ID\`, \`DRONE_GITHUB_CLIENT_SECRET\`
- \`DRONE_ESCALATE\`: \`DRONE_RUNNER_PRIVILEGED_IMAGES\` on the runner, for images that cannot do without`;

export default rule({
  id: 'obsolete-setting',
  on: 'settings',
  severity: 'low',
  confidence: 'high',
  title: 'Variable of an older Drone',
  why: 'Nothing reads this variable any more. If it was meant as a secret or a restriction, that protection is missing, and an old secret stays readable for anyone who can read the file.',
  fix: `Remove the variable, and set what took its place if you still need it. ${list}`,
  refs: [
    'https://docs.drone.io/server/reference/',
    'harness/drone v0.8.10 cmd/drone-server/server.go',
    'harness/drone v0.8.10 cmd/drone-agent/main.go',
  ],
  standards: { owasp: ['CICD-SEC-7'] },
  supersedes: ['unknown-setting'],
  since: '0.1.0',
  *judge(settings, context) {
    const { role, variables, version, label } = settings;
    if (!isComponent(role) || isOfDrone08(settings)) return;
    const host = misnamedRpcHost(settings)?.name;
    for (const { name, keyAt } of variables.values()) {
      const replacement = name === 'DRONE_RPC_ADDR' ? neverRead : obsoleteSetting(name, role, version)?.legacy;
      if (!replacement) continue;
      const successors = successorsOf(replacement.replacedBy).filter((successor) => successor !== name);
      const isReplaced = successors.every((successor) => isSet(successor, settings, context));
      const isSecret = isSecretName(name) === 'yes';
      const hint = successors.length > 0 ? `; "${successors.join('" and "')}" took its place` : '';
      yield {
        at: keyAt,
        subject: name,
        fix: `${taskFor(name, replacement.replacedBy)} ${list}`,
        message: say`${label} sets "${name}", which nothing reads any more${hint}${ownWords(name === host ? ': the runner does not start' : '')}`,
        severity: isSecret || !isReplaced ? 'medium' : undefined,
      };
    }
  },
});

/** Guides made up DRONE_RPC_ADDR; they use it the way the 1.x runner used DRONE_RPC_SERVER. */
const neverRead = { replacedBy: 'DRONE_RPC_PROTO + DRONE_RPC_HOST' } as const;

/** What to do with one variable, in a sentence; its name is one of the table. */
function taskFor(name: string, replacedBy = ''): string {
  const names = (replacedBy.match(/DRONE_[A-Z_]*[A-Z]/g) ?? []).filter((successor) => successor !== name);
  if (replacedBy.startsWith('(') || replacedBy === '') return `Remove \`${name}\`: nothing took its place.`;
  if (names.length === 0) return `Remove \`${name}\`; what took its place is ${replacedBy}.`;
  return `Remove \`${name}\`, and set \`${names.join('` and `')}\` instead if you still need it.`;
}

/** The names in a text of the table; none where only a default took the place of a setting. */
function successorsOf(replacedBy = ''): readonly string[] {
  return replacedBy.startsWith('(')
    ? []
    : (replacedBy.match(/DRONE_[A-Z_]*[A-Z]/g) ?? []).filter((name) => name !== 'DRONE_RPC_PROTO');
}

/** A setting that moved to the runner is looked for in every component of the audit. */
function isSet(name: string, settings: Settings, { installation }: Context): boolean {
  if (setVariable(settings, name) || !settings.complete) return true;
  return installation.settings.some((other) => other.role !== settings.role && setVariable(other, name) !== undefined);
}
