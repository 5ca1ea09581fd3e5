import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRules } from '../src/rules/all.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';

// Each script is tried in the shell that it is for. A shell that is not installed is skipped by name.

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

const ruleIds = allRules.map(({ id }) => id).sort();
const severities = ['critical', 'high', 'low', 'medium'];

/** The long options that the help of a command has. */
function optionsOf(command: readonly string[]): readonly string[] {
  const { stdout } = droneAudit([...command, '--help']);
  return [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, name]) => name ?? '').sort();
}

const topCommands = [...droneAudit(['--help']).stdout.matchAll(/^ {2}([a-z]+) .*\n/gm)].map(([, name = '']) => name);
const commands = [...topCommands.filter((name) => name !== 'help').map((name) => [name]), ['probe', 'secret']];

/** What the shells are asked, and what they must at least offer. */
const questions: readonly { readonly words: readonly string[]; readonly offered: readonly string[] }[] = [
  { words: [''], offered: topCommands },
  ...commands.map((command) => ({ words: [...command, '--'], offered: optionsOf(command) })),
  { words: ['--'], offered: optionsOf([]) },
  { words: ['--fail-on', ''], offered: [...severities, 'never'] },
  { words: ['scan', '--fail-on', ''], offered: [...severities, 'never'] },
  { words: ['scan', '--min-severity', ''], offered: [...severities, 'info'] },
  { words: ['scan', '--format', ''], offered: ['sarif', 'text', 'unix'] },
  { words: ['scan', '--controls', ''], offered: ['iso27001', 'soc2', 'ssdf'] },
  { words: ['scan', '--rule', ''], offered: ruleIds },
  { words: ['scan', '--skip', 'weak-rpc'], offered: ['weak-rpc-secret'] },
  { words: ['explain', 'weak-rpc'], offered: ['weak-rpc-secret'] },
  { words: ['explain', '--format', ''], offered: ['json', 'text'] },
  { words: ['completion', ''], offered: ['bash', 'fish', 'zsh'] },
  { words: ['probe', ''], offered: ['secret'] },
  { words: ['probe', 'secret', '--sample'], offered: ['--sample-tokens'] },
  { words: ['scan', 'deplo'], offered: ['deploy.yml'] },
  { words: ['scan', '--config', 'deplo'], offered: ['deploy.yml'] },
  { words: ['scan', '--save-evidence', 'fol'], offered: ['folder'] },
];

/** A folder with the script of a shell in it, and with something to complete. */
function folderFor(shell: string): string {
  const folder = temporaryFolder();
  const { status, stdout, stderr } = droneAudit(['completion', shell]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  writeFileSync(join(folder, 'script'), stdout);
  writeFileSync(join(folder, 'deploy.yml'), '');
  writeFileSync(join(folder, "*it's; $(touch gone)"), '');
  mkdirSync(join(folder, 'folder'));
  return folder;
}

function run(shell: string, args: readonly string[], cwd: string): string {
  const { stdout, stderr } = spawnSync(shell, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', HOME: cwd, TERM: 'xterm', LC_ALL: 'C.UTF-8' },
    timeout: 600_000,
  });
  expect(stderr).toBe('');
  return stdout;
}

const word = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The lines between marks, one list for each question. */
function answers(stdout: string): readonly (readonly string[])[] {
  return stdout
    .split('== next\n')
    .slice(0, -1)
    .map((part) => [...new Set(part.split('\n').filter(Boolean))].sort());
}

const missing = (offered: readonly (readonly string[])[]): unknown =>
  questions.flatMap(({ words, offered: wanted }, index) => {
    const absent = wanted.filter((each) => !offered[index]?.includes(each));
    return absent.length === 0 ? [] : [{ words, absent }];
  });

describe('completion', () => {
  it('asks of the shells every option of every command', () => {
    expect(optionsOf(['scan'])).toEqual(expect.arrayContaining(['--fail-on', '--output', '--quiet', '--help']));
    expect(topCommands).toEqual(expect.arrayContaining(['scan', 'explain', 'rules', 'probe', 'completion', 'help']));
  });

  it.skipIf(!has('bash'))('in bash', () => {
    const lines = questions.map(
      ({ words }) =>
        `COMP_WORDS=(drone-audit ${words.map(word).join(' ')}); COMP_CWORD=${words.length}; _drone_audit; printf '%s\\n' "\${COMPREPLY[@]}" '== next'`,
    );
    const cwd = folderFor('bash');
    expect(missing(answers(run('bash', ['--norc', '-c', ['source ./script', ...lines].join('\n')], cwd)))).toEqual([]);
  });

  it.skipIf(!has('bash'))('in bash after "=", after ":", and with names that would run', () => {
    const cwd = folderFor('bash');
    const ask = (...words: string[]): readonly string[] => {
      const line = `source ./script; COMP_WORDS=(drone-audit ${words.map(word).join(' ')}); COMP_CWORD=${words.length}; _drone_audit; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return run('bash', ['--norc', '-c', line], cwd).split('\n').filter(Boolean);
    };
    expect(ask('scan', '--fail-on', '=', 'h')).toEqual(['high']);
    expect(ask('scan', '--color', '=')).toEqual(['auto', 'always', 'never']);
    expect(ask('scan', '-o', 'json', ':', 'dep')).toEqual(['deploy.yml']);
    expect(ask('scan', '*')).toEqual(["*it's; $(touch gone)"]);
    expect(ask('scan', '--fail-on', 'x')).toEqual([]);
    expect(run('ls', [], cwd)).toBe("*it's; $(touch gone)\ndeploy.yml\nfolder\nscript\n");
  });

  it.skipIf(!has('zsh'))('in zsh', { timeout: 600_000 }, () => {
    const cwd = folderFor('zsh');
    // What is offered is taken at compadd, before the list is drawn.
    writeFileSync(
      join(cwd, 'inner'),
      `PS1=''
autoload -U compinit && compinit -u -D
source ./script
compadd() {
  local -a hits; local -i at=\${@[(i)(-|--)]}
  if [[ "\${@[1,at-1]}" != *-[OAD]* ]]; then
    builtin compadd -A hits "$@"
    print -rl -- $hits >> answers
  fi
  builtin compadd "$@"
}
next() { print -r -- '== next' >> answers; BUFFER=''; zle -R }
zle -N next
bindkey '^X' next
`,
    );
    const typed = questions.map(({ words }) => `zpty -n -w z ${word(`drone-audit ${words.join(' ')}\t`)}$'\\x18'`);
    const driver = `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'source ./inner'
sleep 1
${typed.map((line) => `${line}; wait_for`).join('\n')}
zpty -d z`;
    const waiting = `integer asked=0
wait_for() { ((asked++)); while (( $(grep -c '^== next' answers) < asked )); do zpty -r -t z >> screen; sleep 0.02; done }
: > answers > screen
`;
    run('zsh', ['-f', '-c', waiting + driver], cwd);
    expect(missing(answers(readFileSync(join(cwd, 'answers'), 'utf8')))).toEqual([]);
    expect(readFileSync(join(cwd, 'screen'), 'utf8')).not.toMatch(/bad option|^_\w+:\d+:/m);
  });

  it.skipIf(!has('fish'))('in fish', { timeout: 600_000 }, () => {
    const cwd = folderFor('fish');
    const lines = questions.map(
      ({ words }) => `complete -C ${word(`drone-audit ${words.join(' ')}`)} | cut -f 1; echo '== next'`,
    );
    const told = run('fish', ['--no-config', '-c', ['source ./script', ...lines].join('\n')], cwd);
    expect(missing(answers(told.replaceAll(/\/$/gm, '')))).toEqual([]);
  });

  it('says what it knows of a shell misspelt, or none', () => {
    expect(droneAudit(['completion', 'bsh'])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'drone-audit: the shell cannot be "bsh"\n  did you mean "bash"?\n',
    });
    expect(droneAudit(['completion', 'powershell']).stderr).toContain('known: bash, zsh, fish');
    expect(droneAudit(['completion'])).toMatchObject({ status: 2, stdout: '' });
  });
});
