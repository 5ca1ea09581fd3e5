import { curlValues, interpreters, shellPrograms, verifiers, wgetValues } from '../../facts/programs.ts';
import { type Program, programOf, type SimpleCommand } from '../../model/commands.ts';
import { hostOf, isPublicHost } from '../../model/endpoint.ts';
import { type Fetching, fetchingOf, fileName, writtenOf } from '../../model/fetching.ts';
import type { Pipeline } from '../../model/pipeline.ts';
import { rule } from '../../model/rule.ts';
import { secretsOf } from '../stakes.ts';
import { commandsWith, hitsByStep, isOfTheBuild, pipedFrom, type Sight } from './sights.ts';

export default rule({
  id: 'unverified-download',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  title: 'Program is downloaded without check',
  why: 'The file may be replaced at its source, and over http:// also on the way. What is put in its place runs in the build, with its secrets, and becomes part of what the build makes.',
  fix: 'Fetch one version over https and compare it before it is used:\n\n```yaml\ncommands:\n  - curl -fsSLo tool.tar.gz https://example.com/v1.4.2/tool.tar.gz\n  - echo "<sha256>  tool.tar.gz" | sha256sum -c\n  - tar xzf tool.tar.gz\n```\n\nor use an image that has the tool already.',
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
          const fetching = fetchingOf(command, { curl: curlValues, wget: wgetValues });
          if (!fetching || (fetching.host !== undefined && isOfTheBuild(fetching.host, pipeline))) continue;
          const use = useOf(fetching, commands, index);
          if (use === undefined) continue;
          const from = fetching.host === undefined ? 'the network' : `"${fetching.host}"`;
          yield {
            at: command.at,
            message: `${fetching.file === undefined ? 'an archive' : `"${fetching.file}"`} from ${from}${fetching.isPlain ? ', over http,' : ''} ${use} without a check of what it is`,
            ...(hasSecrets || fetching.isPlain ? { severity: 'medium' } : {}),
          };
        }
      for (const command of commands) yield* plainSources(command, pipeline);
    });
  },
});

function isCheck(command: SimpleCommand): boolean {
  const program = programOf(command);
  if (program?.name === 'openssl') return program.arguments[0]?.text === 'dgst';
  return program !== undefined && verifiers.has(program.name);
}

/** What is done with a downloaded file later in the step; undefined when it is not run, unpacked or installed. */
function useOf(fetching: Fetching, commands: readonly SimpleCommand[], index: number): string | undefined {
  const { file } = fetching;
  if (file === undefined) {
    const unpacks = pipedFrom(commands, index).some((next) => unpackers.has(programOf(next)?.name ?? ''));
    return unpacks ? 'is unpacked' : undefined;
  }
  for (const later of commands.slice(index + 1, index + 1 + mostLater)) {
    const program = programOf(later);
    if (!program) continue;
    if (fileName(later.words[0]?.shape ?? '') === file && /\//.test(later.words[0]?.shape ?? '')) return 'is run';
    if (!program.arguments.some((word) => fileName(writtenOf(word)) === file || covers(word.shape, file))) continue;
    const use = useBy(program);
    if (use !== undefined) return use;
  }
  return undefined;
}

/** Commands after a download among which its use is looked for. */
const mostLater = 200;
const unpackers: ReadonlySet<string> = new Set(['tar', 'bsdtar', 'unzip', '7z', 'cpio']);
const installers: ReadonlySet<string> = new Set(['dpkg', 'rpm', 'install', 'installer', 'msiexec']);

/** `*.deb`, `./tool*`. */
function covers(pattern: string, file: string): boolean {
  const name = fileName(pattern);
  const star = name.indexOf('*');
  if (star < 0 || name.length < 3) return false;
  return file.startsWith(name.slice(0, star)) && file.endsWith(name.slice(name.lastIndexOf('*') + 1));
}

function useBy({ name, arguments: words }: Program): string | undefined {
  const first = words[0]?.text ?? '';
  if (unpackers.has(name)) return 'is unpacked';
  if (installers.has(name)) return 'is installed';
  if (
    /^(?:apt|apt-get|yum|dnf|apk|pip3?|npm)$/.test(name) &&
    words.some(({ text }) => text === 'install' || text === 'add')
  )
    return 'is installed';
  if (
    name === 'chmod' &&
    (/^\+|[ugoa]\+[rwst]*x|^[0-7]*[1357][0-7]{0,2}$/.test(first) || words.some(({ text }) => text === '+x'))
  )
    return 'is made to run';
  if ((shellPrograms.has(name) || interpreters.has(name)) && !/^-[a-z]*[cm]/.test(first)) return 'is run';
  if (name === 'source' || name === '.') return 'is run';
  return undefined;
}

/** Code and packages that are fetched over http://. */
function* plainSources(command: SimpleCommand, pipeline: Pipeline): Iterable<Sight> {
  const program = programOf(command);
  if (!program || !sources.has(program.name)) return;
  const isRepository = program.name === 'git';
  if (isRepository && !program.arguments.some(({ text }) => /^(?:clone|fetch|pull|submodule|remote)$/.test(text ?? '')))
    return;
  const isWriting = program.name === 'echo' || program.name === 'printf';
  for (const { shape, at } of program.arguments) {
    const address = /http:\/\/[^\s'"]+/.exec(shape)?.[0];
    const host = address === undefined ? undefined : hostOf(address);
    if (address === undefined || host === undefined || host.includes('…')) continue;
    if (!isPublicHost(host) || isOfTheBuild(host, pipeline)) continue;
    // A line of the sources of apt or of apk's repositories.
    if (isWriting && !/^deb(?:-src)?\s/.test(shape) && !command.redirections.some(isRepositoryList)) continue;
    yield {
      at,
      message: `${isRepository ? 'code from' : 'packages from'} "${host}" ${isRepository ? 'comes' : 'come'} over http, without TLS`,
      severity: 'medium',
    };
  }
}

const sources: ReadonlySet<string> = new Set([
  'git',
  'pip',
  'pip3',
  'npm',
  'yarn',
  'pnpm',
  'apk',
  'gem',
  'bundle',
  'go',
  'add-apt-repository',
  'apt-add-repository',
  'rpm',
  'yum-config-manager',
  'echo',
  'printf',
]);

function isRepositoryList({ target }: SimpleCommand['redirections'][number]): boolean {
  return /\/etc\/(?:apt\/sources\.list|apk\/repositories|yum\.repos\.d)/.test(target?.shape ?? '');
}
