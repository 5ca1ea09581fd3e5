import { isOpenEngine } from '../../analysis/docker-daemons.ts';
import { takesRunnerSettings } from '../../analysis/embedded-runner.ts';
import type { Container } from '../../model/container.ts';
import type { Installation } from '../../model/installation.ts';
import { itemsOf } from '../../model/location-within.ts';
import { type Hit, rule } from '../../model/rule.ts';
import { settingsOf } from '../../model/settings.ts';
import { controlPlaneOn } from './_control-plane.ts';

export default rule({
  id: 'control-plane-network-for-builds',
  on: 'installation',
  severity: 'high',
  confidence: 'medium',
  title: 'Builds join the network of the control plane',
  why: 'Steps of any repository, fork pull requests included, can then talk directly to the server, its database, its extensions or the Docker engine, past proxy and firewall. An engine or socket proxy without TLS on that network is root on the host for them.',
  fix: 'Give builds a network of their own, in which nothing of Drone is:\n\n```yaml\nnetworks:\n  builds:\n    name: drone-builds\n```\n\n```\nDRONE_RUNNER_NETWORKS=drone-builds\n```',
  refs: [
    'https://docs.drone.io/runner/docker/configuration/reference/drone-runner-networks/',
    'drone-runners/drone-runner-docker engine/compiler/compiler.go:496-506',
  ],
  standards: { owasp: ['CICD-SEC-5'] },
  since: '0.1.0',
  *judge(installation) {
    const told = new Set<string>();
    for (const runner of installation.settings) {
      const variable = runner.variables.get('DRONE_RUNNER_NETWORKS');
      if (!variable || !takesRunnerSettings(runner)) continue;
      for (const { text, at } of itemsOf(variable)) {
        const members = text === '' ? [] : controlPlaneOn(text, runner, installation);
        if (members.length === 0 && text !== 'host') continue;
        if (runner.live) told.add(text);
        yield hitFor(runner, text, at, `${runner.label} attaches every step to network "${text}"`, members);
      }
    }
    yield* stepsOnThem(installation, told);
  },
});

/** Step containers that run on such a network, each network once. */
function* stepsOnThem(installation: Installation, told: Set<string>): Iterable<Hit> {
  for (const step of installation.containers) {
    if (step.role !== 'step') continue;
    for (const { value, at } of step.networks) {
      if (told.has(value) || value === 'host' || value === 'none') continue;
      const members = controlPlaneOn(value, settingsOf(step), installation);
      if (members.length === 0) continue;
      told.add(value);
      yield hitFor(step, value, at, `${step.label} is on network "${value}"`, members);
    }
  }
}

function hitFor(
  of: NonNullable<Hit['of']>,
  network: string,
  at: Hit['at'],
  what: string,
  members: readonly Container[],
): Hit {
  const opensHost = members.some(isOpenEngine);
  const who = [...new Set(members.map(({ label }) => label))].slice(0, 5);
  return {
    at,
    of,
    subject: `network ${network}`,
    message: members.length > 0 ? `${what}, on which ${who.join(', ')} ${who.length > 1 ? 'are' : 'is'}` : what,
    ...(opensHost ? { severity: 'critical' } : members.length === 0 ? { severity: 'medium' } : {}),
    related: members.map((member) => ({ at: member.at, message: `${member.label} is on this network` })),
  };
}
