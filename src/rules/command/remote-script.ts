import { assetsOfStep } from '../../analysis/step-assets.ts';
import { commandsOf } from '../../analysis/step-commands.ts';
import { hitsByStep } from '../../analysis/step-hits.ts';
import { rule, say } from '../../model/rule.ts';
import { containsWords } from '../../shell/words.ts';
import { downloadFills, isFromOutside, originOf } from './_downloads.ts';
import { fetchedScripts } from './_fetched-scripts.ts';

export default rule({
  id: 'remote-script',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Script from the network runs at once',
  why: 'Whoever controls the address, or the path to it, decides what runs in the build, today or a year from now: it runs with the secrets of the step and ends up in the artefact. No copy is kept that could be examined afterwards.',
  fix: 'Download one version, verify it, then run it:\n\n```yaml step\ncommands:\n  - curl -fsSLo install.sh https://example.com/v1.4.2/install.sh\n  - echo "<sha256>  install.sh" | sha256sum -c\n  - sh install.sh\n```\n\nOr use an image that already has the tool.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/steps/#commands',
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse',
  ],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-494'] },
  since: '0.1.0',
  *judge(pipeline, { installation }) {
    yield* hitsByStep(pipeline, 'medium', function* (step) {
      if (!containsWords(step, ['curl', 'wget', 'iwr', 'irm', 'webrequest', 'restmethod', 'downloadstring'])) return;
      const assets = assetsOfStep(pipeline, step, installation);
      const isHeavy =
        pipeline.type === 'exec' ||
        (assets !== undefined &&
          (assets.secrets.length > 0 || assets.deployments.some(({ does }) => does === 'deploy')));
      for (const { at, download, by } of fetchedScripts(pipeline, step)) {
        if (!isFromOutside(download, pipeline)) continue;
        const { program, isPlain } = download;
        yield {
          at,
          message: say`"${by}" runs what "${program.name}" fetches from ${originOf(download)}${isPlain ? say` over http` : ''}, unverified`,
          severity: isHeavy || isPlain ? 'high' : undefined,
          fills: downloadFills(download, { address: 'https://example.com/v1.4.2/install.sh' }),
        };
      }
      for (const { at, text, language } of commandsOf(pipeline, step))
        if (language !== 'posix' && fetchedExpression.test(text))
          yield {
            at,
            message: say`PowerShell runs what it fetches from the network, unverified`,
            severity: isHeavy ? 'high' : undefined,
          };
    });
  },
});

const fetchedExpression =
  /\b(?:iwr|irm|curl|wget|Invoke-WebRequest|Invoke-RestMethod)\b[^|\n]{1,500}\|\s*(?:iex|Invoke-Expression)\b|\b(?:iex|Invoke-Expression)\b[^\n]{1,200}\.DownloadString\(/i;
