import { unwrittenIn } from '../../analysis/named-values.ts';
import { assetsOfStep } from '../../analysis/step-assets.ts';
import { commandsOf } from '../../analysis/step-commands.ts';
import { hitsByStep } from '../../analysis/step-hits.ts';
import { shellPrograms } from '../../facts/programs.ts';
import { rule, say } from '../../model/rule.ts';
import { containsWords } from '../../shell/words.ts';
import { downloadFills, isFromOutside, isOfRelease, originOf } from './_downloads.ts';
import { fetchedScripts } from './_fetched-scripts.ts';

const endings: ReadonlyMap<string, string> = new Map([
  ...['python', 'python2', 'python3'].map((name) => [name, 'py'] as const),
  ['perl', 'pl'],
  ['ruby', 'rb'],
  ['node', 'js'],
  ['php', 'php'],
]);

export default rule({
  id: 'remote-script',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Script from the network runs at once',
  why: 'Whoever controls the address, or the path to it, decides what runs in the build, today or a year from now: it runs with the secrets of the step and ends up in the artefact. No copy is kept that could be examined afterwards.',
  fix: fixFor({ isFixed: true, by: 'sh' }),
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/steps/#commands',
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse',
  ],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-494'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    yield* hitsByStep(pipeline, 'medium', function* (step) {
      if (!containsWords(step, ['curl', 'wget', 'iwr', 'irm', 'webrequest', 'restmethod', 'downloadstring'])) return;
      const assets = assetsOfStep(pipeline, step, context);
      const isHeavy =
        pipeline.type === 'exec' ||
        (assets !== undefined &&
          (assets.secrets.length > 0 || assets.deployments.some(({ does }) => does === 'deploy')));
      for (const { at, command, download, by } of fetchedScripts(pipeline, step)) {
        if (!isFromOutside(download, pipeline)) continue;
        const { program, isPlain } = download;
        yield {
          at,
          message: say`"${by}" runs what "${program.name}" fetches from ${originOf(download)}${isPlain ? say` over http` : ''}, unverified`,
          severity: isHeavy || isPlain ? 'high' : undefined,
          fix: fixFor({ isFixed: isOfRelease(download), by }),
          fills: downloadFills(download, { address: 'https://example.com/v1.4.2/install.sh' }),
          about: unwrittenIn(pipeline, step, command, [download.host]),
        };
      }
      for (const { at, text, language } of commandsOf(pipeline, step))
        if (language !== 'posix' && fetchedExpression.test(text))
          yield {
            at,
            message: say`PowerShell runs what it fetches from the network, unverified`,
            severity: isHeavy ? 'high' : undefined,
            fix: powerShellFix,
          };
    });
  },
});

/** How a file is run by what the finding runs its script with, and what such a file is called. */
function runBy(by: string): { readonly file: string; readonly command: string } {
  const ending = endings.get(by) ?? 'sh';
  const file = `install.${ending}`;
  if (by === 'source' || by === '.' || by === 'eval') return { file, command: `. ./${file}` };
  return { file, command: `${shellPrograms.has(by) || endings.has(by) ? by : 'sh'} ${file}` };
}

/** The address of a finding stands in it only if it names a release. */
function fixFor({ isFixed, by }: { readonly isFixed: boolean; readonly by: string }): string {
  const { file, command } = runBy(by);
  const first = isFixed
    ? 'Download one version, verify it, then run it:'
    : 'Choose a release and download that, verify it, then run it; at an address without a version or commit, the next change there breaks the checksum:';
  return `${first}

\`\`\`yaml step
commands:
  - curl -fsSLo ${file} https://example.com/v1.4.2/install.sh
  - echo "<sha256>  ${file}" | sha256sum -c
  - ${command}
\`\`\`

Or use an image that already has the tool.`.replace('v1.4.2/install.sh', `v1.4.2/${isFixed ? 'install.sh' : file}`);
}

const powerShellFix = `Choose a release and download that, verify it, then run it:

\`\`\`yaml step
commands:
  - iwr https://example.com/v1.4.2/install.ps1 -OutFile install.ps1
  - if ((Get-FileHash install.ps1).Hash -ne '<sha256>') { throw 'install.ps1 has changed' }
  - .\\install.ps1
\`\`\`

Or use an image that already has the tool.`;

const fetchedExpression =
  /\b(?:iwr|irm|curl|wget|Invoke-WebRequest|Invoke-RestMethod)\b[^|\n]{1,500}\|\s*(?:iex|Invoke-Expression)\b|\b(?:iex|Invoke-Expression)\b[^\n]{1,200}\.DownloadString\(/i;
