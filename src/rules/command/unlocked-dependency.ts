import { type CommandWord, everyCommandOf, programOf, type SimpleCommand } from '../../model/commands.ts';
import { mentions } from '../../model/mentions.ts';
import { rule } from '../../model/rule.ts';
import { stakeOf } from '../stakes.ts';
import { hitsByStep } from './sights.ts';

export default rule({
  id: 'unlocked-dependency',
  on: 'pipeline',
  severity: 'low',
  confidence: 'medium',
  pedantic: true,
  title: 'Dependencies are not locked',
  why: 'The newest release of each package runs in this step, with its secrets. A package that is taken over reaches it within minutes, before anyone has seen the new version.',
  fix: 'Install what the lock file names, and name versions:\n\n```yaml\ncommands:\n  - npm ci\n  - yarn install --immutable\n  - pip install --require-hashes -r requirements.txt\n  - go install example.com/tool@v1.4.2\n```',
  refs: [
    'https://docs.npmjs.com/cli/commands/npm-ci',
    'https://pip.pypa.io/en/stable/topics/secure-installs/',
    'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse',
  ],
  standards: { owasp: ['CICD-SEC-3'], cwe: ['CWE-829'] },
  since: '0.1.0',
  *judge(pipeline, { installation }) {
    yield* hitsByStep(pipeline, 'low', function* (step) {
      if (!mentions(step, installers)) return;
      const stake = stakeOf(pipeline, step, installation);
      if (!stake || (stake.secrets.length === 0 && stake.deployments.length === 0)) return;
      for (const command of everyCommandOf(pipeline, step)) {
        const what = unlockedBy(command);
        if (what !== undefined) yield { at: command.at, message: `${what}, in a step that ${stake.what}` };
      }
    });
  },
});

const installers = [
  ...['npm', 'pnpm'].flatMap((name) => ['install', 'i', 'add'].map((verb) => [name, verb])),
  'yarn',
  'npx',
  'pipx',
  'uvx',
  ['pip', 'install'],
  ['pip3', 'install'],
  ['go', 'latest'],
  ['apk', 'edge'],
];

/** What a command installs without a lock; undefined where all is named, or it installs nothing. */
function unlockedBy(command: SimpleCommand): string | undefined {
  const program = programOf(command);
  if (!program) return undefined;
  const isModule = /^python[\d.]*$/.test(program.name) && program.arguments[0]?.shape === '-m';
  const name = isModule ? program.arguments[1]?.shape : program.name;
  const words = isModule ? program.arguments.slice(2) : program.arguments;
  const [verb = '', ...rest] = words.map(({ shape }) => shape).filter((word) => !word.startsWith('-'));
  const has = (pattern: RegExp): boolean => words.some(({ shape }) => pattern.test(shape));
  switch (name) {
    case 'npm':
    case 'pnpm': {
      if (!/^(?:install|i|add)$/.test(verb) || has(/^--frozen-lockfile$/)) return undefined;
      const open = rest.filter((name) => !isPinned(name));
      return rest.length === 0 || open.length > 0 ? `"${name} ${verb}" takes the newest versions` : undefined;
    }
    case 'yarn':
      return (verb === '' || verb === 'install') && !has(/^--(?:frozen-lockfile|immutable|version|help)$/)
        ? '"yarn install" may change the lock file'
        : undefined;
    case 'npx':
      return verb !== '' && !isPinned(verb) && !has(/^--no(?:-install)?$/)
        ? '"npx" runs a package without a version'
        : undefined;
    case 'uvx':
      return verb !== '' && !isPinned(verb) && !/==/.test(verb) ? '"uvx" runs a package without a version' : undefined;
    case 'pipx':
      return verb === 'run' && !/==|@/.test(rest[0] ?? '==')
        ? '"pipx run" runs a package without a version'
        : undefined;
    case 'pip':
    case 'pip3':
      return verb === 'install' && !has(/^--require-hashes$/) && openPythonPackages(words).length > 0
        ? `"${name} install" takes the newest versions`
        : undefined;
    case 'go':
      return verb === 'install' && rest.some((name) => name.endsWith('@latest'))
        ? '"go install" takes the newest version'
        : undefined;
    case 'apk':
      return verb === 'add' && has(/\/edge\//) ? '"apk add" takes packages of the branch "edge"' : undefined;
    default:
      return undefined;
  }
}

/** `name@1.2.3`, `@scope/name@1.2.3`, a path, an address, or a name that is known only when it runs. */
function isPinned(name: string): boolean {
  return /^.[^@]*@v?\d|^[./~]|:\/\/|…|\.(?:tgz|tar\.gz)$/.test(name);
}

function openPythonPackages(words: readonly CommandWord[]): readonly string[] {
  const operands: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]?.shape ?? '';
    if (
      /^-[rceitfd]$|^--(?:requirement|constraint|editable|index-url|extra-index-url|target|find-links|prefix|root|trusted-host)$/.test(
        word,
      )
    )
      at++;
    else if (!word.startsWith('-')) operands.push(word);
  }
  return operands
    .slice(1)
    .filter((name) => !/==|@|^[./~]|:\/\/|…|\.whl$|\.tar\.gz$|^(?:pip|setuptools|wheel)$/.test(name));
}
