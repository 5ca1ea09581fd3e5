import { type CommandWord, type Program, programOf, type SimpleCommand } from '../../model/commands.ts';
import { imageName, isPlugin } from '../../model/deployment.ts';
import type { Step } from '../../model/pipeline.ts';
import { rule } from '../../model/rule.ts';
import { releaseOf, type SecretUse, secretsOfStep } from '../../model/secret-use.ts';
import type { Severity } from '../../model/severity.ts';
import type { Location } from '../../model/source.ts';
import { commandsWith, hitsByStep, type Sight } from './sights.ts';

export default rule({
  id: 'push-from-build',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Build writes to its repository',
  why: 'The credential that pushes can change branches, protected ones too where it belongs to an administrator, and everything that runs in this step may use it. A build that merges or approves takes away the second pair of eyes.',
  fix: 'Use a deploy key or token that may write one branch only, and keep the step off pull requests:\n\n```yaml\nwhen:\n  event: [push]\n  branch: [main]\n```\n\nLet people merge and approve.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/conditions/#by-event',
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-01-Insufficient-Flow-Control-Mechanisms',
    'drone/runner-go@d12a958 secret/encrypted.go:47, secret/external.go:81',
  ],
  standards: { owasp: ['CICD-SEC-1', 'CICD-SEC-5'] },
  since: '0.1.0',
  *judge(pipeline) {
    yield* hitsByStep(pipeline, 'low', function* (step) {
      const released = step.reach.pullRequest ? secretsOfStep(pipeline, step).find(isReleased) : undefined;
      const writes = [
        pluginWrite(step),
        ...commandsWith(pipeline, step, [
          ['git', 'push'],
          ['gh', 'pr'],
        ]).map((command) => commandWrite(command, step)),
      ];
      for (const write of writes) {
        if (!write) continue;
        const severity: Severity = released ? 'high' : write.isMerge ? 'medium' : write.isPages ? 'info' : 'low';
        yield {
          at: write.at,
          message: `${write.what}${released ? `, for pull requests too, with secret "${released.name}"` : ''}`,
          severity,
        };
      }
    });
  },
});

/** Whether pull requests are given a secret: the runner does not ask for a flag of what the file itself declares. */
function isReleased(use: SecretUse): boolean {
  return releaseOf(use) !== 'if flagged';
}

interface Write extends Pick<Sight, 'at'> {
  readonly what: string;
  /** To the branch of a web site. */
  readonly isPages: boolean;
  readonly isMerge: boolean;
}

const plugins: ReadonlySet<string> = new Set(['plugins/git-push', 'appleboy/drone-git-push']);

function pluginWrite(step: Step): Write | undefined {
  const name = imageName(step);
  if (name === undefined || !step.image || !plugins.has(name) || !isPlugin(step)) return undefined;
  const isPages = step.settings.some(
    (setting) => setting.name.value === 'branch' && isPagesBranch(setting.text?.value ?? ''),
  );
  return { at: step.image.at, what: `"${name}" pushes to a repository`, isPages, isMerge: false };
}

function commandWrite(command: SimpleCommand, step: Step): Write | undefined {
  const program = programOf(command);
  if (program?.name === 'gh') return mergeOf(command.at, program, step);
  if (program?.name !== 'git') return undefined;
  const words = operandsOf(program.arguments);
  if (words[0]?.text !== 'push' || program.arguments.some(({ text }) => text === '--dry-run' || text === '-n'))
    return undefined;
  const [, remote, ...refs] = words.map(({ shape }) => shape);
  // Platforms that are deployed to by a push.
  if (/^(?:heroku|dokku)$|\b(?:heroku|dokku)\b.*:/.test(remote ?? '')) return undefined;
  const isPages = refs.length > 0 && refs.every((ref) => isPagesBranch(ref.slice(ref.lastIndexOf(':') + 1)));
  return { at: command.at, what: '"git push" writes to a repository', isPages, isMerge: false };
}

/** `gh pr merge`, `gh pr review --approve`, with a token of the step. */
function mergeOf(at: Location, { arguments: words }: Program, { environment, settings }: Step): Write | undefined {
  const hasToken = [...environment, ...settings].some(({ fromSecret }) => fromSecret !== undefined);
  if (!hasToken || words[0]?.text !== 'pr') return undefined;
  const merges = words[1]?.text === 'merge';
  const approves = words[1]?.text === 'review' && words.some(({ text }) => text === '--approve' || text === '-a');
  if (!merges && !approves) return undefined;
  return {
    at,
    what: merges ? '"gh pr merge" merges a pull request' : '"gh pr review" approves a pull request',
    isPages: false,
    isMerge: true,
  };
}

/** Words that are no options, without those of `-c name=value` and `-C folder`. */
function operandsOf(words: readonly CommandWord[]): readonly CommandWord[] {
  const operands: CommandWord[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (!word) break;
    if (/^-[cCo]$/.test(word.shape)) at++;
    else if (!word.shape.startsWith('-')) operands.push(word);
  }
  return operands;
}

function isPagesBranch(name: string): boolean {
  return /^(?:refs\/heads\/)?(?:gh-pages|pages)$/.test(name);
}
