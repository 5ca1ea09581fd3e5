import { unwrittenIn } from '../../analysis/named-values.ts';
import { secretNames, secretsOf } from '../../analysis/step-assets.ts';
import { commandsWith, hitsByStep } from '../../analysis/step-hits.ts';
import { hasPrivilege } from '../../analysis/step-privilege.ts';
import { rule, say } from '../../model/rule.ts';
import { foreignCode } from './_foreign-repositories.ts';

export default rule({
  id: 'unpinned-repository-code',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'medium',
  title: 'Code of another repository runs with secrets',
  why: 'Whoever can push to that repository runs code with the secrets of this step, and nobody who reviews this pipeline sees the change. A tag can be moved like a branch.',
  fix: 'Check out a commit that somebody has looked at:\n\n```yaml step\ncommands:\n  - git clone https://github.com/octocat/tools.git tools\n  - git -C tools checkout 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d\n  - make -C tools release\n```\n\nOr take a release, and compare its checksum.',
  refs: [
    'https://git-scm.com/docs/git-clone',
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse',
  ],
  standards: { owasp: ['CICD-SEC-3', 'CICD-SEC-4'], cwe: ['CWE-829'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    yield* hitsByStep(pipeline, 'medium', function* (step) {
      const commands = commandsWith(pipeline, step, fetching);
      if (commands.length === 0) return;
      const secrets = secretsOf(pipeline, step);
      const isPrivileged = pipeline.type === 'exec' || hasPrivilege(pipeline, step, context);
      if (secrets.length === 0 && !isPrivileged) return;
      const what = secrets.length > 0 ? say`holds ${secretNames(secrets)}` : say`controls the runner's host`;
      for (const { command, repository, runs, isOfOwner } of foreignCode(pipeline, step, commands))
        yield {
          at: command.at,
          message: say`step "${step.name}" ${what} and runs ${runs} of "${repository}", fetched without a fixed commit`,
          severity: isOfOwner ? 'low' : 'medium',
          fills: { 'github.com/octocat/tools': repository.replace(/\.git$/, '') },
          about: unwrittenIn(pipeline, step, command, [repository.slice(repository.lastIndexOf('/') + 1)]),
        };
    });
  },
});

const fetching = [['git', 'clone'], ['git', 'submodule', 'add'], ['gh', 'clone'], 'curl', 'wget'];
