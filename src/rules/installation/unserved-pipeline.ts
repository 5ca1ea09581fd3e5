import { hasEmbeddedRunner } from '../../analysis/embedded-runner.ts';
import { asksFor, isOtherPlatform, labelsOf } from '../../drone/runner-labels.ts';
import { servesType, typesServedBy } from '../../drone/runner-types.ts';
import { builtPipelines } from '../../drone/server-repository.ts';
import type { Pipeline } from '../../model/pipeline.ts';
import { isRunner } from '../../model/role.ts';
import { rule, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';

const elsewhere =
  'If other runners are not part of this audit, accept the finding with `# drone-audit: ignore[unserved-pipeline] served elsewhere`.';

/** A file in the format before 1.0 asks for nothing. */
const ofLegacy = `A file in the format before 1.0 is for docker runners of linux/amd64 without labels. Start such a runner, or convert the file (\`drone-audit explain legacy-pipeline\` shows how) and ask for the runners that you have.

${elsewhere}`;

export default rule({
  id: 'unserved-pipeline',
  on: 'installation',
  severity: 'low',
  confidence: 'medium',
  title: 'No known runner serves this pipeline',
  why: 'The server waits for a runner with the same type, the same platform and exactly the same labels, and reports nothing when there is none. The build stays pending, and checks and deployments that depend on it never run.',
  fix: `Ask for the type, the platform and the labels of a runner, all labels and no others:

\`\`\`yaml pipeline
type: docker
platform: { os: linux, arch: amd64 }
node:
  pool: release
\`\`\`

This \`node\` fits a runner with \`DRONE_RUNNER_LABELS=pool:release\`; for one without labels, leave \`node\` out. If runners of your own serve the type, say so:

\`\`\`yaml
# drone-audit.yml
site:
  pipelineTypes: [nspawn]
\`\`\`

${elsewhere}`,
  refs: ['https://docs.drone.io/pipeline/configuration/', 'harness/drone scheduler/queue/queue.go checkLabels'],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(installation, { site }) {
    const runners = installation.settings.filter(({ role }) => isRunner(role));
    const hasServer = installation.settings.some(({ role }) => role === 'server');
    const knowsAll = site.allRunners === true;
    if (!knowsAll && runners.length === 0) return;
    const labels = new Map(runners.map((runner) => [runner, labelsOf(runner)]));
    const hasOwn = installation.settings.some((settings) => settings.role === 'server' && hasEmbeddedRunner(settings));
    for (const pipeline of builtPipelines(installation)) {
      if (pipeline.documentKind.value !== 'pipeline' || site.pipelineTypes.includes(pipeline.type)) continue;
      if (hasOwn && pipeline.type === 'docker') continue;
      const ofType = runners.filter((runner) => servesType(runner, pipeline));
      const ofPlatform = ofType.filter((runner) => !isOtherPlatform(runner, pipeline));
      if (ofPlatform.some((runner) => asksFor(pipeline, labels.get(runner)))) continue;
      // Without the server, other runners are likely; a type that was left out is a slip all the same.
      const isSlip = pipeline.typeAt === undefined && ofType.length === 0;
      if (!knowsAll && !hasServer && !isSlip) continue;
      const [label] = pipeline.node.values();
      const wantsNone = ofPlatform.length > 0 && label === undefined;
      const missing =
        ofType.length === 0
          ? { at: pipeline.typeAt ?? pipeline.nameAt, why: `no runner takes type "${pipeline.type}"` }
          : ofPlatform.length === 0
            ? { at: pipeline.os.at, why: `no runner has platform "${pipeline.os.value}/${pipeline.arch.value}"` }
            : {
                at: label?.at ?? pipeline.typeAt ?? pipeline.nameAt,
                why: label ? 'no runner has exactly its labels' : 'all runners have labels, and it asks for none',
              };
      yield {
        at: missing.at,
        of: pipeline,
        message: say`${pipeline.label} stays pending: ${missing.why}`,
        severity: wantsNone ? 'medium' : 'low',
        fix: pipeline.legacy ? ofLegacy : undefined,
        fills: fillsOf(pipeline, ofPlatform[0] ?? ofType[0] ?? runners[0]),
        confidence: knowsAll || ofPlatform.length > 0 ? 'medium' : 'low',
      };
    }
  },
});

/** Type, platform and labels of a runner that could serve the pipeline. */
function fillsOf({ type }: Pipeline, runner: Settings | undefined): Record<string, string> {
  const [label, ...more] = (runner && labelsOf(runner)) ?? [];
  const [key, value] = label && more.length === 0 ? label : ['pool', 'release'];
  return {
    docker: (runner && typesServedBy(runner)[0]) ?? 'docker',
    linux: runner?.variables.get('DRONE_PLATFORM_OS')?.value || 'linux',
    amd64: runner?.variables.get('DRONE_PLATFORM_ARCH')?.value || 'amd64',
    pool: key,
    release: value,
    nspawn: type,
  };
}
