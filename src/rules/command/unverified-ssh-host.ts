import { hostOf, isPublicHost } from '../../model/hosts.ts';
import type { Pipeline } from '../../model/pipeline.ts';
import { type Hit, ownWords, rule, say, type Text } from '../../model/rule.ts';

const fix =
  'Keep the runner and its hosts on one private network or VPN, and log in with a key:\n\n```yaml pipeline\n# drone-audit: ignore[unverified-ssh-host] on a private network\ntype: ssh\nserver:\n  host: 10.0.4.7\n  user: build-user\n  ssh_key:\n    from_secret: build_host_key\n```\n\nThe comment accepts what remains. Or run the steps on the host itself: with a docker runner as `type: docker`, or with an exec runner as `type: exec`, which `exec-pipeline` tells how to limit.';

export default rule({
  id: 'unverified-ssh-host',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: 'Build host is not authenticated',
  why: 'Runners of these types accept any SSH host key. Anyone between the runner and the host can answer in its place: they get the code, the secrets of the steps and, with a password, the login itself. No setting changes this.',
  fix,
  refs: [
    'https://docs.drone.io/pipeline/ssh/overview/',
    'drone-runners/drone-runner-ssh@ee70745 engine/engine_impl.go:235 (InsecureIgnoreHostKey)',
    'drone-runners/drone-runner-digitalocean@b35c64c engine/engine_impl.go:286',
    'drone-runners/drone-runner-macstadium@9cacb03 engine/engine.go:429',
  ],
  standards: { owasp: ['CICD-SEC-7'], cwe: ['CWE-322'] },
  since: '0.1.0',
  *judge(pipeline) {
    const { type, typeAt, nameAt, reach } = pipeline;
    if (type !== 'ssh' && type !== 'digitalocean' && type !== 'macstadium') return;
    const exposure = exposureOf(pipeline);
    yield {
      at: typeAt ?? nameAt,
      subject: 'type',
      ...loginOf(pipeline),
      message: say`runners of type "${ownWords(type)}" accept any SSH host key${exposure ? say`, and ${exposure.what}` : ''}`,
      ...(exposure
        ? { severity: 'medium', related: exposure.at ? [{ at: exposure.at, message: exposure.what }] : [] }
        : {}),
      reach,
    };
  },
});

/** What is true of every host of a type (drone-runner-digitalocean internal/platform/platform.go:117, drone-runner-macstadium engine/engine.go:433). */
const exposureOfType: ReadonlyMap<string, Text> = new Map([
  ['digitalocean', say`the machine is reached at its public address`],
  ['macstadium', say`the login is a password`],
]);

/** A host with a public address, or a password that anyone on the path is handed. */
function exposureOf({ type, server }: Pipeline): { what: Text; at?: Pipeline['at'] } | undefined {
  const always = exposureOfType.get(type);
  if (always !== undefined) return { what: always };
  for (const { name, text, at } of server) {
    if (name.value === 'password') return { what: say`the login is a password`, at };
    const host = name.value === 'host' && text && !text.value.includes('$') ? hostOf(text.value) : undefined;
    if (text && host !== undefined && isPublicHost(host))
      return { what: say`the host "${host}" has a public address`, at: text.at };
  }
  return undefined;
}

/** What stands in the fix for the host, the user and the secret with the key. */
const examples: Readonly<Record<string, string>> = { host: '10.0.4.7', user: 'build-user' };

/** The fix with host, user and key as they are written, secrets among them; what a block cannot hold is left out. */
function loginOf({ server }: Pipeline): Pick<Hit, 'fix' | 'fills'> {
  const of = (key: string) => server.find(({ name }) => name.value === key);
  let own = fix;
  const fills: Record<string, string> = { build_host_key: of('ssh_key')?.fromSecret?.value ?? '' };
  for (const [key, example] of Object.entries(examples)) {
    const { fromSecret, text } = of(key) ?? {};
    const written = (fromSecret ?? text)?.value;
    if (written === undefined) continue;
    const line = `  ${key}: ${example}\n`;
    if (!/^[\w./:@+-]{1,200}$/.test(written)) own = own.replace(line, '');
    else if (fromSecret) own = own.replace(line, `  ${key}:\n    from_secret: ${example}\n`);
    fills[example] = written;
  }
  return { fix: own, fills };
}
