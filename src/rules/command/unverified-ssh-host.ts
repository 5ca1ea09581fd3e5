import { hostOf, isPublicHost } from '../../model/hosts.ts';
import type { Pipeline } from '../../model/pipeline.ts';
import { reachOf } from '../../model/reach.ts';
import { rule } from '../../model/rule.ts';

export default rule({
  id: 'unverified-ssh-host',
  on: 'pipeline',
  severity: 'low',
  confidence: 'high',
  title: 'Build host is not authenticated',
  why: 'The runners of these types take any SSH host key. Whoever stands between the runner and the host can answer in its place: he gets the code, the secrets of the steps and, with a password, the login itself. No setting changes it.',
  fix: 'Keep the runner and its hosts on one private network or VPN, and log in with a key:\n\n```yaml\nserver:\n  host: 10.0.4.7\n  user: ci\n  ssh_key:\n    from_secret: build_host_key\n```\n\nOr run the steps where the host is: a docker or exec runner on that machine.',
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
      message: `runners of type "${type}" take any SSH host key${exposure ? `, and ${exposure.what}` : ''}`,
      ...(exposure
        ? { severity: 'medium', related: exposure.at ? [{ at: exposure.at, message: exposure.what }] : [] }
        : {}),
      reach: reachOf(reach),
    };
  },
});

/** What holds for every host of a type (drone-runner-digitalocean internal/platform/platform.go:117, drone-runner-macstadium engine/engine.go:433). */
const exposureOfType: ReadonlyMap<string, string> = new Map([
  ['digitalocean', 'the machine is reached at its public address'],
  ['macstadium', 'the login is a password'],
]);

/** A host that anyone on the way can reach, or a password that he is given. */
function exposureOf({ type, server }: Pipeline): { what: string; at?: Pipeline['at'] } | undefined {
  const always = exposureOfType.get(type);
  if (always !== undefined) return { what: always };
  for (const { name, text, at } of server) {
    if (name.value === 'password') return { what: 'the login is a password', at };
    const host = name.value === 'host' && text && !text.value.includes('$') ? hostOf(text.value) : undefined;
    if (text && host !== undefined && isPublicHost(host))
      return { what: `the host "${host}" has a public address`, at: text.at };
  }
  return undefined;
}
