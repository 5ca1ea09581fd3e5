import { isOpenEngine } from '../../analysis/docker-daemons.ts';
import { takesRunnerSettings } from '../../analysis/embedded-runner.ts';
import type { Container } from '../../model/container.ts';
import type { Installation } from '../../model/installation.ts';
import { itemsOf } from '../../model/location-within.ts';
import { alsoAt, type Hit, type Location, rule } from '../../model/rule.ts';
import { settingsOf } from '../../model/settings.ts';
import { originOf } from '../../model/source.ts';
import { distinct, joinTexts, say, type Text } from '../../model/text.ts';
import { controlPlaneOn } from './_control-plane.ts';

export default rule({
  id: 'control-plane-network-for-builds',
  on: 'installation',
  severity: 'high',
  confidence: 'medium',
  title: 'Builds join the network of the control plane',
  why: 'Steps of any repository, even of pull requests from forks, can then talk directly to the server, its database, its extensions or the Docker engine, bypassing proxy and firewall. An engine or socket proxy without TLS on that network gives them root on the host.',
  fix: `Give builds a network of their own, with no part of Drone on it:

\`\`\`sh
docker network create drone-builds
\`\`\`

\`\`\`env
DRONE_RUNNER_NETWORKS=drone-builds
\`\`\`

Create it by hand on the engine that runs the builds: Compose makes no network that none of its services uses, and where it is missing every build fails. Or remove \`DRONE_RUNNER_NETWORKS\`: each pipeline has a network of its own anyway.`,
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-runner-networks/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:496-506',
  ],
  standards: { owasp: ['CICD-SEC-5'] },
  needsRunning: true,
  since: '0.1.0',
  effort: 'hours',
  *judge(installation) {
    const reported = new Set<string>();
    for (const runner of installation.settings) {
      const variable = runner.variables.get('DRONE_RUNNER_NETWORKS');
      if (!variable || !takesRunnerSettings(runner)) continue;
      for (const { text, at } of itemsOf(variable)) {
        const members = text === '' ? [] : controlPlaneOn(text, runner, installation);
        if (members.length === 0 && text !== 'host') continue;
        if (runner.live) reported.add(keyOf(runner, text));
        yield hitFor(runner, text, at, say`${runner.label} attaches every step to network "${text}"`, members);
      }
    }
    yield* stepsOnThem(installation, reported);
  },
});

/** A network of the engine that something was seen on: others may have one of that name. */
function keyOf({ at }: { readonly at: Location }, network: string): string {
  return `${originOf(at.source.name)}\n${network}`;
}

/** Step containers that run on such a network, each network once. */
function* stepsOnThem(installation: Installation, reported: Set<string>): Iterable<Hit> {
  for (const step of installation.containers) {
    if (step.role !== 'step') continue;
    for (const { value, at } of step.networks) {
      if (reported.has(keyOf(step, value)) || value === 'host' || value === 'none') continue;
      const members = controlPlaneOn(value, settingsOf(step), installation);
      if (members.length === 0) continue;
      reported.add(keyOf(step, value));
      yield hitFor(step, value, at, say`${step.label} is on network "${value}"`, members);
    }
  }
}

function hitFor(
  of: NonNullable<Hit['of']>,
  network: string,
  at: Hit['at'],
  what: Text,
  members: readonly Container[],
): Hit {
  const toldOf = (some: readonly Container[]) => {
    const who = distinct(some.map((member) => say`${member.label} (${roleOf(member)})`)).slice(0, 5);
    return {
      message: some.length > 0 ? say`${what}, where ${listed(who)} ${who.length > 1 ? say`are` : say`is`} too` : what,
      severity: some.some(isOpenEngine) ? 'critical' : some.length === 0 ? 'medium' : 'high',
    } as const;
  };
  return {
    at,
    of,
    subject: `network ${network}`,
    ...toldOf(members),
    related: members.map((member) =>
      alsoAt(member.at, say`${member.label} is on this network`, { ...toldOf([member]), follows: true }),
    ),
  };
}

/** What a part of the control plane is. */
function roleOf(member: Container): Text {
  if (member.role === 'server') return say`the server`;
  if (member.role === 'extension') return say`an extension`;
  return isOpenEngine(member) ? say`an open Docker engine` : say`a database`;
}

/** `A`, `A and B`, `A, B and C` */
function listed(texts: readonly Text[]): Text {
  const [last = say``, ...before] = texts.toReversed();
  return before.length === 0 ? last : say`${joinTexts(before.toReversed(), ', ')} and ${last}`;
}
