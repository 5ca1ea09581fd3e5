import { imageName, isPlugin } from '../../drone/deployment.ts';
import type { Step } from '../../model/pipeline.ts';
import type { Location } from '../../model/source.ts';
import { operandsOf, type Program, programOf, type SimpleCommand } from '../../shell/commands.ts';

/** Something that a build changes in a repository. */
export interface Write {
  readonly at: Location;
  /** For messages: `"git push" writes to a repository`. */
  readonly what: string;
  /** To a branch that holds a website. */
  readonly isPages: boolean;
  readonly isMerge: boolean;
}

/** Plugins that push to any repository. */
const plugins: ReadonlySet<string> = new Set(['plugins/git-push', 'appleboy/drone-git-push']);

/** What the plugin of a step pushes. */
export function pluginWrite(step: Step): Write | undefined {
  const name = imageName(step);
  if (name === undefined || !step.image || !plugins.has(name) || !isPlugin(step)) return undefined;
  const isPages = step.settings.some(
    (setting) => setting.name.value === 'branch' && isPagesBranch(setting.text?.value ?? ''),
  );
  return { at: step.image.at, what: `"${name}" pushes to a repository`, isPages, isMerge: false };
}

/** What a command pushes, merges or approves. */
export function commandWrite(command: SimpleCommand, step: Step): Write | undefined {
  const program = programOf(command);
  if (program?.name === 'gh') return mergeOf(command.at, program, step);
  if (program?.name !== 'git') return undefined;
  const words = operandsOf(program.arguments, /^-[cCo]$/);
  if (words[0]?.text !== 'push' || program.arguments.some(({ text }) => text === '--dry-run' || text === '-n'))
    return undefined;
  const [, remote, ...refs] = words.map(({ pattern }) => pattern);
  // A push to these platforms is a deployment.
  if (/^(?:heroku|dokku)$|\b(?:heroku|dokku)\b.*:/.test(remote ?? '')) return undefined;
  const isPages = refs.length > 0 && refs.every((ref) => isPagesBranch(ref.slice(ref.lastIndexOf(':') + 1)));
  return { at: command.at, what: '"git push" writes to a repository', isPages, isMerge: false };
}

/** `gh pr merge`, `gh pr review --approve`, with a token that the step holds. */
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

function isPagesBranch(name: string): boolean {
  return /^(?:refs\/heads\/)?(?:gh-pages|pages)$/.test(name);
}
