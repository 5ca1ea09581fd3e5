import { isConfigurationOf, repositoryOf } from '../../drone/server-repository.ts';
import type { PipelineStream } from '../../model/pipeline.ts';
import { rule, say } from '../../model/rule.ts';

export default rule({
  id: 'missing-signature',
  on: 'installation',
  severity: 'medium',
  confidence: 'high',
  title: 'Protected repository without valid signature',
  why: 'In a protected repository, every build that a webhook starts waits for approval unless the pipeline file is signed. Where that is always so, people learn to approve without looking, and the protection is worth nothing.',
  fix: `Sign the file, and commit it:

\`\`\`sh
drone sign --save octocat/app
\`\`\`

It takes a new signature after each change. A file in the format of Drone 0.8 cannot be signed; convert it first, with the last release of the command line tool that does:

\`\`\`sh
docker run --rm -v "$PWD:/src" -w /src drone/cli:1.5.0 convert --save .drone.yml
\`\`\``,
  refs: [
    'https://docs.drone.io/signature/',
    'harness/drone trigger/trigger.go:266',
    'drone/drone-yaml yaml/signer/signer.go:117-127',
  ],
  standards: { owasp: ['CICD-SEC-1', 'CICD-SEC-9'] },
  since: '0.1.0',
  *judge(installation) {
    for (const stream of installation.streams) {
      const repository = repositoryOf(stream, installation);
      if (!repository?.active.value || !repository.protected.value) continue;
      if (!isConfigurationOf(repository.configPath, stream) || isSigned(stream)) continue;
      const at = stream.pipelines[0]?.nameAt ?? stream.at;
      if (stream.pipelines.some(({ script }) => script)) {
        yield { at, inconclusive: say`the pipeline is written by a program, which may sign it` };
        continue;
      }
      const [unfinished] = stream.signatures;
      const why = stream.legacy
        ? say`is in the format of Drone 0.8, which has no signature`
        : unfinished
          ? say`has a signature without "hmac"`
          : say`is not signed`;
      yield {
        at: unfinished && !stream.legacy ? unfinished.at : at,
        of: stream,
        subject: 'signature',
        message: say`${repository.label} is protected, and its pipeline file ${why}: each build of a push, tag or pull request waits for approval`,
        fills: { 'octocat/app': repository.slug },
        related: [{ at: repository.protected.at, message: say`${repository.label} is protected` }],
      };
    }
  },
});

function isSigned({ signatures, legacy }: PipelineStream): boolean {
  return !legacy && signatures.some(({ hmac }) => hmac !== undefined && hmac.value !== '');
}
