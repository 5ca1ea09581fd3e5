import type { Installation } from '../../model/installation.ts';
import { namePattern } from '../../model/pattern.ts';
import { isRunner } from '../../model/role.ts';
import { type Inconclusive, type Located, rule, say } from '../../model/rule.ts';
import type { Build, Repository } from '../../model/server.ts';
import { type Settings, setVariable } from '../../model/settings.ts';

export default rule({
  id: 'unknown-runner',
  on: 'installation',
  severity: 'high',
  confidence: 'medium',
  title: 'A runner nobody knows has taken jobs',
  why: 'Whoever has the RPC secret can act as a runner. The server hands them jobs with all their secrets, and with the SCM token of the owner of the repository; no log shows it. Only the name that the runner gives itself tells.',
  fix: `Find out which machine it is. If it is yours, name it:

\`\`\`yaml
# drone-audit.yml
site:
  runners: [RUNNER]
\`\`\`

If not, the RPC secret is known to others: give server and runners a new one, restrict \`/rpc\` to the addresses of your runners, and replace the secrets of the repositories whose jobs it took.

\`\`\`env
DRONE_RPC_SECRET=<output of: openssl rand -hex 32>
\`\`\``,
  refs: [
    'harness/drone operator/manager/rpc2/handler.go:119-144',
    'harness/drone operator/manager/rpc2/server.go:27-59',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-6'] },
  since: '0.1.0',
  *judge(installation, { site }) {
    const isComplete = site.runners.length > 0;
    if (!isComplete && site.allRunners !== true) return;
    yield* lostStages(installation);
    const seen = machinesOf(installation);
    const [first] = seen.values();
    if (!first) return;
    const runners = installation.settings.filter(({ role }) => isRunner(role));
    const nameless = runners.find((runner) => nameOf(runner) === undefined);
    if (!isComplete && (nameless || runners.length === 0)) {
      const why = nameless ? say`the name of ${nameless.label} is not known` : say`no runner is part of this audit`;
      yield { at: first.machine.at, inconclusive: why };
      return;
    }
    const names = new Set(runners.map(nameOf));
    for (const [name, { machine, build, repository, jobs }] of seen) {
      if (names.has(name) || site.runners.some((pattern) => namePattern(pattern)(name))) continue;
      yield {
        at: machine.at,
        subject: `runner ${name}`,
        of: { owner: repository.owner, label: repository.label },
        message: say`runner "${name}", which ${isComplete ? say`this site does not name` : say`this audit has not seen`}, has taken ${jobs === 1 ? say`a job of` : say`${jobs} jobs, one of them of`} build ${build.number} of ${repository.label}`,
        fills: { RUNNER: name },
      };
    }
  },
});

interface Jobs {
  readonly machine: Located<string>;
  readonly build: Build;
  readonly repository: Repository;
  readonly jobs: number;
}

/** Builds whose stages did not come may be those of any runner. Said once for a repository. */
function* lostStages({ repositories }: Installation): Iterable<Inconclusive> {
  for (const { builds = [], label } of repositories) {
    const lost = builds.find(({ stages }) => !stages);
    if (lost)
      yield { at: lost.at, inconclusive: say`it is not known which runners took build ${lost.number} of ${label}` };
  }
}

/** The runners that have taken jobs, by name, each with its newest job. */
function machinesOf({ repositories }: Installation): ReadonlyMap<string, Jobs> {
  const found = new Map<string, Jobs>();
  for (const repository of repositories)
    for (const build of repository.builds ?? [])
      for (const { machine } of build.stages ?? []) {
        if (!machine) continue;
        const known = found.get(machine.value);
        const newest = known && known.build.created >= build.created ? known : { machine, build, repository };
        found.set(machine.value, { ...newest, jobs: (known?.jobs ?? 0) + 1 });
      }
  return found;
}

/** The name that a runner gives itself; without the setting, that of its host, which is not known here. */
function nameOf(runner: Settings): string | undefined {
  return (setVariable(runner, 'DRONE_RUNNER_NAME') ?? setVariable(runner, 'DRONE_MACHINE'))?.value;
}
