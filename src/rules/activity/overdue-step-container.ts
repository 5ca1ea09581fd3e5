import { groupedBy } from '../../model/groups.ts';
import type { Again } from '../../model/remark.ts';
import { alsoAt, type Hit, type Location, maxRelated, type Remark, rule, say, type Text } from '../../model/rule.ts';
import { originOf } from '../../model/source.ts';
import { countsOf, isRunning, type Overdue, overdueIn, type Stage, type StageItem, stagesIn } from './_stages.ts';

const ofRunning = `Look at what runs there, and at who started the build, before anything is removed:

\`\`\`sh
docker top drone-NAME
docker logs --tail 50 drone-NAME
docker rm --force --volumes drone-NAME
\`\`\`

A step that merely hangs is a matter of the pipeline. If it mined, or opened a way in, treat the host as taken over: the secrets of all its builds have to be replaced. No cleaner removes running containers, not even [drone/gc](https://github.com/drone/drone-gc).`;

export default rule({
  id: 'overdue-step-container',
  on: 'installation',
  severity: 'medium',
  confidence: 'high',
  title: 'Step containers outlive their build',
  why: 'The runner removes what it made for a build when the build is over, and says nothing if that fails. A container that has ended keeps the secrets of its build in its environment, for whoever can reach the engine; one that goes on running may be mining, or waiting for somebody.',
  fix: `When no build runs, remove what builds of this server have left; the label holds its \`DRONE_SERVER_HOST\`:

\`\`\`sh
docker ps --all --quiet --filter label=io.drone.system.host=drone.example.com --filter label=io.drone.protected=false | xargs -r docker rm --force --volumes
docker network prune --force --filter label=io.drone.system.host=drone.example.com
docker volume ls --quiet --filter label=io.drone.system.host=drone.example.com | xargs -r docker volume rm
\`\`\`

Containers labelled \`io.drone.protected=true\` stay: somebody marked them, so ask before you remove them by name.

[drone/gc](https://github.com/drone/drone-gc) does so regularly with what has ended, and leaves these, too. If it goes on, the runner is killed in the middle of builds: give it time to end (\`stop_grace_period: 1h\`), and look in its log.`,
  refs: [
    'drone/runner-go d12a958 labels/labels.go',
    'drone-runners/drone-runner-docker 9ea626a engine/engine.go:124-177',
    'drone/drone-gc 217e09f gc/util.go',
    'https://docs.docker.com/reference/cli/docker/volume/ls/',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-10'], cwe: ['CWE-404'] },
  since: '0.1.0',
  *judge(installation) {
    const left = new Map<Stage, Overdue>();
    const unknown = new Map<string, Location>();
    for (const stage of stagesIn(installation)) {
      const overdue = overdueIn(stage);
      const [first] = stage.items;
      if (!overdue && first && !unknown.has(stage.origin)) unknown.set(stage.origin, first.at);
      if (overdue && overdue.size > 0) left.set(stage, overdue);
    }
    for (const at of unknown.values())
      yield { at, inconclusive: say`the time at which the engine was asked is not known` };
    const isTold = (stage: Stage): boolean => [...(left.get(stage)?.keys() ?? [])].some(isSevere);
    for (const [stage, overdue] of left) if (isTold(stage)) yield* severe(stage, overdue);
    // What has merely been forgotten is swept up at once, so it is told at once.
    const forgotten = [...left.keys()].filter((stage) => !isTold(stage));
    for (const [origin, stages] of groupedBy(forgotten, (stage) => stage.origin)) {
      const host = installation.hosts.find(({ at }) => originOf(at.source.name) === origin);
      const items = stages.flatMap((stage) => [...(left.get(stage)?.keys() ?? [])]);
      const [first] = items;
      if (!first) continue;
      const secrets = secretsOf(items);
      const server = items.flatMap(({ labels }) => labels.get('io.drone.system.host') ?? [])[0];
      const kept = items.filter(({ labels }) => labels.get('io.drone.protected')?.value === 'true').length;
      yield {
        at: host?.at ?? first.at,
        subject: 'leftovers',
        of: host ?? first.container,
        message: say`${host?.label ?? say`the engine`} still has ${countsOf(items)} of builds that are over${secrets ? say`, with ${secrets} in their environment` : ''}${kept === 0 ? '' : say`, ${kept} of them marked to be kept (io.drone.protected)`}`,
        fills: { 'drone.example.com': server?.value ?? '' },
        related: stages.slice(0, maxRelated).flatMap((stage) => remarkOn(stage, left.get(stage)) ?? []),
      };
    }
  },
});

function isSevere(item: StageItem): boolean {
  return isRunning(item) || item.container?.privileged?.value === true;
}

/** What still runs of a stage, or has all rights. */
function* severe(stage: Stage, overdue: Overdue): Iterable<Hit> {
  const [first, ...others] = [...overdue.keys()].sort((one, other) => rankOf(one) - rankOf(other));
  if (!first) return;
  const { at, container, labels } = first;
  const step = labels.get('io.drone.step.name')?.value;
  const what = say`container "${first.name}"${step === undefined ? '' : say` (step "${step}")`} of ${stage.build ?? say`an unknown build`}`;
  const state = isRunning(first) ? say`still runs` : say`is privileged and has not been removed`;
  const secrets = secretsOf([first, ...others]);
  const isKept = labels.get('io.drone.protected')?.value === 'true';
  yield {
    at,
    subject: 'stage',
    of: container,
    severity: 'high',
    fix: isRunning(first) ? ofRunning : undefined,
    fills: { 'drone-NAME': first.name, 'drone.example.com': labels.get('io.drone.system.host')?.value ?? '' },
    message: say`${what} ${state}: ${overdue.get(first) ?? ''}${secrets ? say`, with ${secrets} in ${others.length === 0 ? say`its environment` : say`the environment of all that is left`}` : ''}${isKept ? say`; it is marked to be kept (io.drone.protected)` : ''}`,
    related: others.map((item) =>
      alsoAt(item.at, say`${item.kind} "${item.name}" is left too: ${overdue.get(item) ?? ''}`, {
        ...toldAlone(item, stage, overdue),
        follows: true,
      }),
    ),
  };
}

/** What is said of something that a stage has left, where it is told alone. */
function toldAlone(item: StageItem, stage: Stage, overdue: Overdue): Again {
  return {
    message: say`${item.kind} "${item.name}" of ${stage.build ?? say`an unknown build`} is left: ${overdue.get(item) ?? ''}`,
    severity: isSevere(item) ? 'high' : 'medium',
    fix: isRunning(item) ? ofRunning : undefined,
    fills: { 'drone-NAME': item.name, 'drone.example.com': item.labels.get('io.drone.system.host')?.value ?? '' },
    label: item.container?.label,
  };
}

/** How many variables named like secrets are left with containers: `2 secrets`; undefined for none. */
function secretsOf(items: readonly StageItem[]): Text | undefined {
  const count = items.reduce((sum, { container }) => sum + (container?.observed?.secretVariables ?? 0), 0);
  return count === 0 ? undefined : say`${count} secret${count === 1 ? '' : 's'}`;
}

function rankOf(item: StageItem): number {
  return isRunning(item) ? 0 : isSevere(item) ? 1 : 2;
}

function remarkOn(stage: Stage, overdue: Overdue | undefined): Remark | undefined {
  const [first] = overdue ?? [];
  if (!overdue || !first) return undefined;
  const [item, reason] = first;
  const items = [...overdue.keys()];
  const what = items.length === 1 ? say`${item.kind} "${item.name}"` : countsOf(items);
  return { at: item.at, message: say`${what} of ${stage.build ?? say`an unknown build`}: ${reason}` };
}
