import { unlessWritten, unwrittenIn } from '../../analysis/named-values.ts';
import { secretsOf } from '../../analysis/step-assets.ts';
import { commandsWith, hitsByStep } from '../../analysis/step-hits.ts';
import { rule, say } from '../../model/rule.ts';
import {
  downloadFills,
  downloadOf,
  isCheck,
  isFromOutside,
  isOfRelease,
  originOf,
  plainSources,
  useOf,
} from './_downloads.ts';

const plainFix =
  'Use the https:// address of the same host, or another mirror that has one. apt and apk compare what they fetch with signatures, npm, pip and git do not: over http, whoever is on the path decides what they run.';

export default rule({
  id: 'unverified-download',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Program is downloaded without check',
  why: 'The file can be replaced at its source and, over http://, on the way too. Whatever replaces it runs in the build, with its secrets, and ends up in the artefact.',
  fix: fixFor(true),
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/steps/#commands',
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-09-Improper-Artifact-Integrity-Validation',
  ],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-494', 'CWE-319'] },
  since: '0.1.0',
  *judge(pipeline) {
    yield* hitsByStep(pipeline, 'low', function* (step) {
      const commands = commandsWith(pipeline, step, ['curl', 'wget', 'http']);
      const hasSecrets = secretsOf(pipeline, step).length > 0;
      if (!commands.some(isCheck))
        for (const [index, command] of commands.entries()) {
          const download = downloadOf(command);
          if (!download || !isFromOutside(download, pipeline)) continue;
          const use = useOf(download, commands, index);
          if (use === undefined) continue;
          const { file, isPlain } = download;
          yield {
            at: command.at,
            message: say`${file === undefined ? say`an archive` : say`"${file}"`} from ${originOf(download)}${isPlain ? say`, over http,` : ''} ${use} without verification`,
            severity: hasSecrets || isPlain ? 'medium' : undefined,
            fix: fixFor(isOfRelease(download)),
            fills: downloadFills(download, { address: 'https://example.com/v1.4.2/tool.tar.gz', file: 'tool.tar.gz' }),
            about: unwrittenIn(pipeline, step, command, [download.host]),
          };
        }
      for (const command of commands)
        for (const { at, host, isCode } of plainSources(command, pipeline))
          yield {
            at,
            message: say`${isCode ? say`code` : say`packages`} from "${host}" ${isCode ? say`comes` : say`come`} over http, without TLS`,
            severity: 'medium',
            fix: plainFix,
            about: unlessWritten(at, host),
          };
    });
  },
});

/** The address of a finding stands in it only if it names a release. */
function fixFor(isFixed: boolean): string {
  const first = isFixed
    ? 'Download one version over https and verify it before it is used:'
    : 'Choose a release, download that over https, and verify it before it is used; at an address without a version or commit, the next change there breaks the checksum:';
  return `${first}

\`\`\`yaml step
commands:
  - curl -fsSLo tool.tar.gz https://example.com/v1.4.2/tool.tar.gz
  - echo "<sha256>  tool.tar.gz" | sha256sum -c
\`\`\`

Or use an image that already has the tool.`;
}
