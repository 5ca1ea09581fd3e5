import { secretNames, secretsOf } from '../../analysis/step-assets.ts';
import { commandsWith, hitsByStep } from '../../analysis/step-hits.ts';
import { hostOf } from '../../model/hosts.ts';
import { rule, say } from '../../model/rule.ts';
import { programOf, type SimpleCommand } from '../../shell/commands.ts';

export default rule({
  id: 'submodule-with-credential',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'medium',
  title: 'Submodules are fetched with a credential',
  why: 'The addresses of submodules are in `.gitmodules`, which comes from the pull request: it can name a host that keeps the credential it is sent.',
  fix: 'Send the credential to your own host and path only:\n\n```yaml step\ncommands:\n  - git config --global url."https://ci:$TOKEN@git.example.com/your-org/".insteadOf "https://git.example.com/your-org/"\n  - git submodule update --init\n```\n\nEach organisation whose submodules need the credential gets a line of its own. Or keep the step off pull requests, which are then built without these submodules:\n\n```yaml conditions\nevent: [push]\n```',
  refs: [
    'https://git-scm.com/docs/git-config#Documentation/git-config.txt-urlltbasegtinsteadOf',
    'https://docs.drone.io/pipeline/docker/examples/faq/submodules/',
  ],
  standards: { owasp: ['CICD-SEC-4', 'CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(pipeline) {
    yield* hitsByStep(pipeline, 'medium', function* (step) {
      if (!step.reach.pullRequest) return;
      const commands = commandsWith(pipeline, step, [
        'insteadof',
        'pushinsteadof',
        'submodule',
        'submodules',
        ['git', 'recursive'],
      ]);
      if (commands.length === 0) return;
      const secrets = secretsOf(pipeline, step);
      const rewrites = commands.filter(isRewrite);
      const limited = rewrites.length > 0 && rewrites.every(isLimited);
      for (const command of commands) {
        if (isRewrite(command) && !isLimited(command) && holdsToken(command))
          yield {
            at: command.at,
            message: say`a credential is sent to every address on a host that submodules may name, in pull requests too`,
            fills: { 'git.example.com': rewrittenHost(command) },
          };
        else if (fetchesSubmodules(command) && secrets.length > 0 && !limited)
          yield {
            at: command.at,
            message: say`submodules of a pull request are fetched in a step that holds ${secretNames(secrets)}`,
          };
      }
    });
  },
});

/** `git config url.….insteadOf …`, by its words. */
function isRewrite(command: SimpleCommand): boolean {
  return (
    programOf(command)?.name === 'git' &&
    command.words.some(({ pattern }) => /^url\..*\.(?:push)?insteadof(?:=|$)/is.test(pattern))
  );
}

/** Whether the rewritten address names more than a host. */
function isLimited({ words }: SimpleCommand): boolean {
  const key = words.findIndex(({ pattern }) => /^url\..*\.(?:push)?insteadof(?:=|$)/is.test(pattern));
  const address = /insteadof=(.*)$/is.exec(words[key]?.pattern ?? '')?.[1] ?? words[key + 1]?.pattern ?? '';
  return /^(?:[a-z+]+:\/\/[^/]+\/|[^/:][^/:@]*@[^/:]+:)[^/]/i.test(address);
}

/** The host of the addresses that are rewritten. */
function rewrittenHost({ words }: SimpleCommand): string {
  const address = words.map(({ pattern }) => pattern).find((pattern) => /^https?:\/\//i.test(pattern));
  return hostOf(address ?? '') ?? '';
}

/** A token between the scheme and the host: a variable, or text after a colon. */
function holdsToken({ words }: SimpleCommand): boolean {
  return words.some(({ pattern }) =>
    /^url\.(?:[a-z+]+:\/\/)?(?:[^/@\u2026]*\u2026[^/@]*|[^/@][^/@:]*:[^/@]+)@/is.test(pattern),
  );
}

function fetchesSubmodules(command: SimpleCommand): boolean {
  const program = programOf(command);
  if (program?.name !== 'git') return false;
  const words = program.arguments.map(({ pattern }) => pattern);
  const updates = words.includes('submodule') && words.includes('update');
  return (
    updates ||
    (/^(?:clone|pull|fetch)$/.test(words[0] ?? '') && words.some((word) => /^--recurs(?:e-submodules|ive)/.test(word)))
  );
}
