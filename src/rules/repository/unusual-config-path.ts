import { isConfigurationOf, streamsOf } from '../../drone/server-repository.ts';
import { joinTexts, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'unusual-config-path',
  on: 'repository',
  severity: 'info',
  confidence: 'medium',
  title: 'Configuration is not .drone.yml',
  why: 'The pipeline of this repository is in another file, or is written by a program. An audit of its `.drone.yml` does not see what runs, and repository administrators may change the path at any time.',
  fix: `Audit that file too, from a clone of the repository:

\`\`\`sh
drone-audit scan CONFIG
\`\`\`

If the file is a leftover, set the usual path:

\`\`\`sh
drone repo update --config=.drone.yml octocat/app
\`\`\``,
  refs: ['harness/drone core/repo.go:34-69', 'harness/drone handler/api/repos/update.go:78-119'],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(repository, { installation }) {
    const { active, configPath, slug, label } = repository;
    const { value: path } = configPath;
    // One that was never activated has no path yet; the server then reads the usual file.
    if (!active.value || path === '' || path === '.drone.yml') return;
    const isSeen = streamsOf(repository, installation).some((stream) => isConfigurationOf(configPath, stream));
    const isProgram = /\.(?:star|starlark|script|jsonnet)$/.test(path);
    const remarks = [
      ...(isProgram ? [say`, a program that writes the pipeline`] : []),
      ...(path.includes('../') ? [isProgram ? say` and lies outside its folder` : say`, outside its folder`] : []),
      ...(isSeen ? [] : [say`; this audit has not seen it`]),
    ];
    yield {
      at: configPath.at,
      subject: 'config_path',
      message: say`the configuration of ${label} is "${path}"${joinTexts(remarks, '')}`,
      fills: { CONFIG: path, 'octocat/app': slug },
    };
  },
});
