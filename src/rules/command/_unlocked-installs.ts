import { type CommandWord, operandsOf, programOf, type SimpleCommand } from '../../shell/commands.ts';

/** Words, or groups of words: every command that `unlockedBy` recognises has one of them. */
export const installWords = [
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

/** What a command installs without a lock; undefined if every version is named, or nothing is installed. */
export function unlockedBy(command: SimpleCommand): string | undefined {
  const program = programOf(command);
  if (!program) return undefined;
  const isModule = /^python[\d.]*$/.test(program.name) && program.arguments[0]?.pattern === '-m';
  const name = isModule ? program.arguments[1]?.pattern : program.name;
  const words = isModule ? program.arguments.slice(2) : program.arguments;
  const [verb = '', ...rest] = words.map(({ pattern }) => pattern).filter((word) => !word.startsWith('-'));
  const has = (wanted: RegExp): boolean => words.some(({ pattern }) => wanted.test(pattern));
  switch (name) {
    case 'npm':
    case 'pnpm': {
      if (!/^(?:install|i|add)$/.test(verb) || has(/^--frozen-lockfile$/)) return undefined;
      const open = rest.filter((name) => !isPinned(name));
      return rest.length === 0 || open.length > 0 ? `"${name} ${verb}" installs the newest versions` : undefined;
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
      return verb === 'install' && !has(/^--require-hashes$/) && hasOpenPythonPackages(words)
        ? `"${name} install" installs the newest versions`
        : undefined;
    case 'go':
      return verb === 'install' && rest.some((name) => name.endsWith('@latest'))
        ? '"go install" installs the newest version'
        : undefined;
    case 'apk':
      return verb === 'add' && has(/\/edge\//) ? '"apk add" installs packages from the "edge" branch' : undefined;
    default:
      return undefined;
  }
}

/** `name@1.2.3`, `@scope/name@1.2.3`, a path, an address, or a name known only at run time. */
function isPinned(name: string): boolean {
  return /^.[^@]*@v?\d|^[./~]|:\/\/|\u2026|\.(?:tgz|tar\.gz)$/.test(name);
}

function hasOpenPythonPackages(words: readonly CommandWord[]): boolean {
  const [, ...packages] = operandsOf(words, pipValues);
  return packages.some(
    ({ pattern }) => !/==|@|^[./~]|:\/\/|\u2026|\.whl$|\.tar\.gz$|^(?:pip|setuptools|wheel)$/.test(pattern),
  );
}

/** Options of pip whose value is a separate word. */
const pipValues =
  /^-[rceitfd]$|^--(?:requirement|constraint|editable|index-url|extra-index-url|target|find-links|prefix|root|trusted-host)$/;
