import { fstatSync, readFileSync, statSync } from 'node:fs';
import { devNull, homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { argumentsAsGiven, currentFolder } from './checks/file-system.ts';
import { readBounded } from './checks/read-bounded.ts';
import { cannotWrite, inBlocks, writeAll } from './checks/writing.ts';
import { examples, shellLines } from './commands/about.ts';
import { type CommandEntry, type OptionEntry, shells } from './commands/command-table.ts';
import type { EffectiveOptions } from './commands/effective.ts';
import { formats } from './commands/formats.ts';
import type { InitOptions } from './commands/init.ts';
import type { Io } from './commands/io.ts';
import type { MergeOptions } from './commands/merge.ts';
import type { PathsOptions } from './commands/paths.ts';
import type { ProbeOptions } from './commands/probe.ts';
import { progressLine } from './commands/progress-line.ts';
import type { RulesFormat } from './commands/rules.ts';
import type { ScanOptions } from './commands/scan.ts';
import { isIncompleteError } from './model/incomplete-error.ts';
import { oneLine } from './model/one-line.ts';
import { isOutputError } from './model/output-error.ts';
import { type OwnedHost, ownedHost } from './model/owned-hosts.ts';
import { confidences, severities } from './model/severity.ts';
import { isUserError, UserError } from './model/user-error.ts';
import { version } from './version.ts';

/** The only file that touches the process. The code of a command is loaded only when that command runs. */

// Merely touching process.stdout would make a pipe non-blocking for every process that shares it.
const terminal = isTerminal(1) ? process.stdout : undefined;
// A terminal that is closed has nobody left to tell.
terminal?.on('error', () => {});

/** Where nobody looks, or what was written stays, nothing is shown that will be written over. */
const progress =
  isTerminal(2) && !process.env.CI && !process.env.DRONE && process.env.TERM !== 'dumb'
    ? progressLine(
        (text) => writeAll(2, text),
        () => process.stderr.columns || 80,
      )
    : undefined;

/** Node's own test loads all that sockets need, and most output goes into a pipe, a file, or nowhere. */
function isTerminal(descriptor: number): boolean {
  try {
    const found = fstatSync(descriptor);
    return found.isCharacterDevice() && found.rdev !== statSync(devNull).rdev && isatty(descriptor);
  } catch {
    return isatty(descriptor);
  }
}

/** What a command gets of the process. Throws UserError where there is no current folder. */
function ioOfProcess(): Io {
  return {
    version,
    cwd: workingFolder(),
    environment: process.env,
    home: homeFolder(),
    uid: process.getuid ? process.getuid() : undefined,
    today: new Date().toISOString().slice(0, 10),
    width: Math.min(Math.max(terminal?.columns || 80, 40), 120),
    outIsTerminal: terminal !== undefined,
    hostName: terminal && hostname(),
    // Functions are handed to optimising compilers so early that it takes a sixth of the time of such a scan. V8 complains of flags
    // that it does not know.
    optimiseLater: () => {
      if (/^1[234]\./.test(process.versions.v8))
        setFlagsFromString('--invocation-count-for-maglev=3000 --invocation-count-for-turbofan=20000');
    },
    // V8 lets a heap grow to several times what is used before it looks for what is not. This takes a tenth more time.
    saveMemory: () => setFlagsFromString('--heap-growing-percent=30'),
    // What is new would get up to 32 MB, twice: it keeps what it has by then.
    limitNew: () => setFlagsFromString('--semi-space-growth-factor=1'),
    readStandardInput: (limit) => readBounded(0, limit),
    readPage,
    out: print,
    error: tell,
    progress: progress?.tell,
    whileInterruptible: interruptible(),
  };
}

/** What is begun after an interrupt is told of it at once, and the next interrupt ends the process as usual. */
function interruptible(): NonNullable<Io['whileInterruptible']> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  return async (work) => {
    if (!controller.signal.aborted) process.once('SIGINT', stop);
    try {
      return await work(controller.signal);
    } finally {
      process.off('SIGINT', stop);
    }
  };
}

function workingFolder(): string {
  try {
    return currentFolder(process.cwd());
  } catch {
    throw new UserError('the current folder is not there any more');
  }
}

/** A user without an entry in the password file has none, as in a container that runs under any number. */
function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

/** Node's own door to what a single executable carries (scripts/single-executable.js); there is none before 20.16. */
interface Sea {
  isSea(): boolean;
  getAsset(name: string, encoding: 'utf8'): string;
}

function readPage(path: string): string | undefined {
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };
  try {
    const sea = getBuiltinModule?.('node:sea') as Sea | undefined;
    if (sea?.isSea()) return sea.getAsset(`docs/${path}`, 'utf8');
    return readFileSync(join(import.meta.dirname, '../docs', path), 'utf8');
  } catch {
    return undefined;
  }
}

/** Prints all of a text on standard output before it returns. Throws OutputError. */
function print(text: string | Iterable<string>): void {
  progress?.wipe();
  if (terminal) {
    for (const block of typeof text === 'string' ? [text] : inBlocks(text)) terminal.write(block);
    return;
  }
  try {
    writeAll(1, text);
  } catch (error) {
    throw cannotWrite('standard output', error);
  }
}

/** The one way to standard error, a line at a time; nothing can be done where that fails. */
function tell(line: string): void {
  try {
    progress?.wipe();
    writeAll(2, `${oneLine(line)}\n`);
  } catch {}
}

const forms = ['drone', 'compose', 'env', 'docker-env', 'systemd', 'kubernetes', 'docker-run'];

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function collectOwned(value: string, before: readonly OwnedHost[]): readonly OwnedHost[] {
  return [...before, ownedHost(value)];
}

/** `--docker` takes only an address; anything else is the next path (`--docker .`). Without one it is empty. */
function engineAddress(value: string, before: readonly string[] | undefined): readonly string[] {
  if (value === 'default') return [...(before ?? []), ''];
  if (/^[a-z]+:\/\//.test(value)) return [...(before ?? []), value];
  throw new InvalidArgumentError(
    'An engine address has a scheme, such as unix:///run/docker.sock; put paths before --docker.',
  );
}

function serverAddress(value: string): string {
  if (/^https?:\/\//i.test(value)) return value;
  throw new InvalidArgumentError('A server address begins with https:// or http://; put paths before --server.');
}

function rateOf(value: string): number {
  const rate = Number(value);
  if (rate > 0 && rate <= 1000) return rate;
  throw new InvalidArgumentError('A rate is a number of requests a second, above 0 and at most 1000.');
}

function timestamp(value: string): string {
  if (
    /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  )
    return value;
  throw new InvalidArgumentError('A time is written as 2026-01-31 or 2026-01-31T12:00:00Z.');
}

function dockerOption(): Option {
  return new Option(
    '--docker [host]',
    'also inspect a Docker Engine (default: the one the docker client uses); repeatable',
  )
    .preset('default')
    .argParser(engineAddress);
}

/** An option that takes one of some words. */
function choice(flags: string, description: string, known: readonly string[]): Option {
  const option = new Option(flags, description).choices(known);
  return option.argParser((value) => oneOf(known, value, option.long ?? flags));
}

function oneOf(known: readonly string[], value: string, of: string): string {
  if (known.includes(value)) return value;
  throw new UserError(`${of} cannot be "${value}"`, undefined, { word: value, known });
}

function formatOption(): Option {
  return choice('--format <format>', 'report on standard output', formats).default('text');
}

function summaryOption(): Option {
  const description = 'print the end of the text report alone: what to do first, counts, what was not seen';
  return new Option('--summary', description).default(false);
}

function formOption(): Option {
  return choice('--form <form>', 'form of the named files or standard input', forms);
}

function outputOption(): Option {
  return new Option('-o, --output <file>', 'also write a report to this file or device, or FORMAT:FILE; repeatable')
    .argParser(collect)
    .default([]);
}

function failOnOption(): Option {
  const description = 'exit 1 on findings at or above it; never: on none, and the report says so';
  return choice('--fail-on <severity>', description, [...severities, 'never']);
}

/** What a config may say, too: commander is told no default, so that what is given here is known to be. */
function orConfig(option: Option, value: string): Option {
  return option.default(undefined, `${value}, or what the config says`);
}

function colorOption(): Option {
  return choice('--color <when>', 'when to use colour', ['auto', 'always', 'never']).default('auto');
}

/** Lets every option refuse an empty value: each would take it for something else than the unset variable that it mostly is. */
function refuseEmptyValues({ commands, options }: Command): void {
  for (const option of options) {
    const { long, flags, parseArg } = option;
    if (!option.required && !option.optional) continue;
    option.argParser<unknown>((value, before) => {
      if (value === '') throw new UserError(`the value of ${long ?? flags} is empty`, 'is a variable unset?');
      return parseArg ? parseArg(value, before) : value;
    });
  }
  for (const command of commands) refuseEmptyValues(command);
}

/** What `--help` says of an option or argument: what it does, its words, and its default where it has one. */
function describeOption(of: Option | Argument): string {
  const { description, argChoices = [], defaultValue, defaultValueDescription = defaultValue } = of;
  const value = typeof defaultValueDescription === 'string' ? `default: ${defaultValueDescription}` : '';
  const asides = [argChoices.join(', '), value];
  const aside = asides.filter((each) => each !== '').join('; ');
  return aside === '' ? description : `${description} (${aside})`;
}

/** The table of commands and options, for what is made from it: completion and the manual page. */
function entryOf(command: Command, path: readonly string[] = []): CommandEntry {
  const help = command.createHelp();
  return {
    path,
    usage: command.usage(),
    description: command.description(),
    options: help.visibleOptions(command).map((option): OptionEntry => {
      const { short, long, flags, optional, argChoices, helpGroupHeading } = option;
      const value = /[<[]([^<>[\]]+)[>\]]/.exec(flags)?.[1];
      return {
        names: [short, long].filter((name) => name !== undefined),
        value:
          value === undefined ? undefined : { name: value.replace(/\.{3}$/, ''), words: argChoices ?? [], optional },
        description: describeOption(option),
        group: helpGroupHeading?.replace(/:$/, ''),
      };
    }),
    operands: command.registeredArguments.map((operand) => ({
      name: operand.name(),
      words: operand.argChoices ?? [],
    })),
    // A command with others below it gets a help of its own, which tells what --help does.
    commands: help
      .visibleCommands(command)
      .filter((each) => path.length === 0 || each.name() !== 'help')
      .map((each) => entryOf(each, [...path, each.name()])),
  };
}

/** What is to be said of a command line that was refused, in lines. */
const refused: string[] = [];

/** What commander says of a mistake: the line quotes what was given, and a suggestion may follow on one of its own. */
function linesOfRefusal(text: string): readonly string[] {
  const [, line = text, meant] = /^(.*?)(?:\n\(Did you mean (?:one of )?([-\w, ]+)\?\))?\n?$/s.exec(text) ?? [];
  const names = meant?.split(', ').map((name) => `"${name}"`);
  return [line.replace(/^error: /, 'drone-audit: '), ...(names ? [`  did you mean ${names.join(' or ')}?`] : [])];
}

/** Tells what may quote the command line. What is no address or number where one is due may be a secret. */
async function tellMasked(lines: readonly string[]): Promise<void> {
  const { withoutCredentials } = await import('./commands/without-credentials.ts');
  for (const line of lines) {
    const unquoted = line.replace(
      /(option '[^']{0,80}<?(?:host|url|number|time|address)\b[^']{0,20}') argument '.*?' is invalid/gs,
      '$1 has an argument that is invalid',
    );
    tell(withoutCredentials(unquoted));
  }
}

function linesText(title: string, of: readonly { readonly line: string; readonly what: string }[]): string {
  return `\n${title}:\n${of.map(({ line, what }) => `  ${line}\n      ${what}`).join('\n')}`;
}

/** The runner sets it for every step (drone/runner-go environ/environ.go); variables of plugins mean nothing elsewhere. */
const isDroneStep = ({ environment }: Io): boolean => environment.DRONE === 'true';

function build(io: Io, status: (code: number) => void): Command {
  const program = new Command('drone-audit')
    .description('Audits the security of Drone CI installations: settings, containers and pipelines.')
    .version(version, '-V, --version')
    .showHelpAfterError('  drone-audit --help and drone-audit COMMAND --help list the options')
    .configureOutput({
      writeOut: print,
      // Help in place of an answer.
      writeErr: (text) => refused.push(...text.replace(/\n$/, '').split('\n')),
      outputError: (text) => refused.push(...linesOfRefusal(text)),
    })
    .configureHelp({ optionDescription: describeOption, argumentDescription: describeOption })
    .addHelpText('after', '\nA path alone is audited: drone-audit PATH is drone-audit scan PATH.')
    .exitOverride();

  program
    .command('scan', { isDefault: true })
    .description('audit files and folders, with --docker the containers of an engine, with --server a Drone server')
    .argument('[path...]', 'files or folders; - is standard input (default: the current folder)')
    .optionsGroup('What to look at:')
    .addOption(formOption())
    .option('--targets-from <file>', 'read paths from this file, one per line; - is standard input')
    .option(
      '--git <dir...>',
      'read git repositories as their HEAD has them, without a checkout: clones, bare ones, or folders of them',
      collect,
      [],
    )
    .option('--all-branches', 'with --git: read every branch, not only HEAD', false)
    .option(
      '--cache <dir>',
      'keep what is said of pipelines in this folder outside of what is audited, and take it from there where nothing changed',
    )
    .option('--resume <report>', 'take up an interrupted run that was to write this report')
    .option(
      '--shard <i/n>',
      'take this part of the work, for merge; auto/n counts from JOB_COMPLETION_INDEX, as Kubernetes sets it',
    )
    .option('--compose-file <file>', 'a compose file of one project, the base first; repeatable', collect, [])
    .option('--compose-env-file <file>', 'an env file that Compose uses in place of .env; repeatable', collect, [])
    .option('--with-environment', 'also fill in compose files from the current environment', false)
    .addOption(dockerOption())
    .option('--docker-logs', "also look at the newest lines of the logs of Drone's containers", false)
    .option(
      '--server [url]',
      'also ask a Drone server (default: DRONE_SERVER), with the token of DRONE_TOKEN',
      serverAddress,
    )
    .option('--rate <number>', 'ask the server at most this many times a second (default: 20)', rateOf)
    .option('--build-logs', 'with --server and DRONE_TOKEN: also look for credentials in logs of recent builds', false)
    .option('--probe-runners', 'ask the runners that the settings reveal for their dashboards', false)
    .option('--probe-rpc', 'ask whether the RPC endpoint answers from here, and accepts a documented secret', false)
    .option(
      '--i-own-this <host>',
      'a host[:port] that is yours, and that probes may address; repeatable',
      collectOwned,
      [],
    )
    .optionsGroup('How to judge:')
    .option('--pedantic', 'also run the rules about hygiene')
    .option('--rule <id>', 'run only this rule; repeatable', collect, [])
    .option('--skip <id>', 'do not run this rule; repeatable', collect, [])
    .addOption(
      choice('--trust <trust>', 'what to assume about the trusted flag of repositories', [
        'unknown',
        'trusted',
        'untrusted',
      ]),
    )
    .optionsGroup('Policy and gate:')
    .addOption(orConfig(failOnOption(), 'high'))
    .option('--exit-zero', 'exit 0 in place of 1 and 3; the report says that the gate is off', false)
    .option('--policy <file>', "an organisation's policy; a repository can relax only what it allows")
    .option('--config <file>', 'config file (default: the nearest drone-audit.yml)')
    .option('--no-config', 'use no config')
    .option('--no-ignore', 'audit as if nothing were suppressed')
    .option('--baseline <file>', 'only what is new counts: findings that this file knows do not')
    .option('--write-baseline <file>', 'write the findings of today into this file, keeping what people accepted in it')
    .option('--diff <ref>', 'only what is new since the change began: compare with where it left this branch or commit')
    .optionsGroup('Reports:')
    .addOption(formatOption())
    .addOption(outputOption())
    .option('--card-template <url>', "address of the template of Drone's card, which the browser loads")
    .addOption(orConfig(choice('--min-severity <severity>', 'hide findings below it', severities), 'low'))
    .addOption(orConfig(choice('--min-confidence <confidence>', 'hide findings below it', confidences), 'medium'))
    .addOption(summaryOption())
    .option(
      '--controls <standard>',
      'also tell of the controls of ssdf, slsa, cis-supply-chain, iso27001, soc2 or all (owasp and cis-docker always); repeatable',
      collect,
      [],
    )
    .option('--save-evidence <dir>', 'save what was seen, with secrets masked; scan DIR audits it again')
    .option(
      '--timestamp <time>',
      'a date for reports and what is saved, such as 2026-01-31T12:00:00Z (default: SOURCE_DATE_EPOCH, else none)',
      timestamp,
    )
    .optionsGroup('Terminal:')
    .addOption(colorOption())
    .option('--no-progress', 'do not show progress on standard error')
    .option('-q, --quiet', 'print nothing if there is nothing to report', false)
    .option(
      '-v, --verbose',
      'list everything: what was read and passed over, each place, what is suppressed or undecided, and why',
      false,
    )
    .addHelpOption(new Option('-h, --help', 'display help for command').helpGroup('Terminal:'))
    .addHelpText('after', linesText('Examples', examples))
    .addHelpText('after', '\nIn a step of Drone, settings are options: fail_on: medium is --fail-on medium.')
    .action(async (words: string[], flags: ScanOptions, command: Command) => {
      // Without a command, scan gets what may be one misspelt.
      if (program.args[0] !== 'scan') {
        const { refuseUnknownWord } = await import('./commands/unknown-word.ts');
        refuseUnknownWord(words[0], [...program.commands.map((command) => command.name()), 'help'], io);
      }
      const { paths, options } = isDroneStep(io)
        ? (await import('./commands/plugin-settings.ts')).withSettings(
            words,
            flags,
            command,
            program.args.length === 0,
            io,
          )
        : { paths: words, options: flags };
      const { scan } = await import('./commands/scan.ts');
      status(await scan(paths, options, io));
    });

  program
    .command('explain')
    .description(
      'show the page of a rule; with --effective, what is understood of an installation; with --file, what Drone makes of a pipeline file',
    )
    .argument('[rule|path...]', 'id of the rule; with --effective, files or folders')
    .option('--effective', 'show every component with its settings as its process sees them, secrets masked', false)
    .option('--file <file>', 'show who can run each step of a pipeline file, and with what; - is standard input')
    .addOption(formOption())
    .option('--compose-file <file>', 'a compose file of one project, the base first; repeatable', collect, [])
    .option('--compose-env-file <file>', 'an env file that Compose uses in place of .env; repeatable', collect, [])
    .option('--with-environment', 'also fill in compose files from the current environment', false)
    .addOption(dockerOption())
    .option('--config <file>', 'config file (default: the nearest drone-audit.yml)')
    .option('--no-config', 'use no config')
    .addOption(choice('--format <format>', 'output', ['text', 'json']).default('text'))
    .addOption(colorOption())
    .option('--no-progress', 'do not show progress on standard error')
    .option('-v, --verbose', 'also show every default, and containers that do not belong to Drone', false)
    .action(async (given: string[], options: EffectiveOptions & { effective: boolean; file?: string }) => {
      if (options.file !== undefined) {
        if (options.effective || given.length > 0)
          throw new UserError('--file takes one file and stands alone', 'leave out --effective, rules and other paths');
        const { explainFile } = await import('./commands/explain-file.ts');
        status(await explainFile(options.file, options, io));
        return;
      }
      if (options.effective) {
        const { effective } = await import('./commands/effective.ts');
        status(await effective(given, options, io));
        return;
      }
      const [id, ...more] = given;
      if (id === undefined || more.length > 0)
        throw new UserError(
          'explain takes the id of one rule',
          'otherwise use --effective with files and folders, or --file',
        );
      const { explain } = await import('./commands/explain.ts');
      status(explain(id, io));
    });

  program
    .command('paths')
    .description('show the ways in: from who can start to what they get, what rules each out, and the cheapest cut')
    .argument('[path...]', 'files or folders; - is standard input (default: the current folder)')
    .addOption(formOption())
    .option('--compose-file <file>', 'a compose file of one project, the base first; repeatable', collect, [])
    .option('--compose-env-file <file>', 'an env file that Compose uses in place of .env; repeatable', collect, [])
    .option('--with-environment', 'also fill in compose files from the current environment', false)
    .addOption(dockerOption())
    .option(
      '--server [url]',
      'also ask a Drone server (default: DRONE_SERVER), with the token of DRONE_TOKEN',
      serverAddress,
    )
    .option('--rate <number>', 'ask the server at most this many times a second (default: 20)', rateOf)
    .addOption(
      choice('--trust <trust>', 'what to assume about the trusted flag of repositories', [
        'unknown',
        'trusted',
        'untrusted',
      ]),
    )
    .option('--from <position>', 'only ways from here, such as fork-author; repeatable', collect, [])
    .option('--to <asset>', 'only ways to here: host:runner, or host for all of its kind; repeatable', collect, [])
    .option('--fail-on-path <from:to>', 'exit 1 if this way is open, such as fork-author:host; repeatable', collect, [])
    .option('--config <file>', 'config file (default: the nearest drone-audit.yml)')
    .option('--no-config', 'use no config')
    .addOption(choice('--format <format>', 'output', ['text', 'json', 'mermaid', 'dot']).default('text'))
    .addOption(colorOption())
    .option('--no-progress', 'do not show progress on standard error')
    .option('-v, --verbose', 'also list what no step leads to', false)
    .action(async (given: string[], options: PathsOptions) => {
      const { paths } = await import('./commands/paths.ts');
      status(await paths(given, { ...options, probeRunners: false }, io));
    });

  program
    .command('rules')
    .description('list the rules')
    .addOption(choice('--format <format>', 'output', ['text', 'json', 'markdown']).default('text'))
    .action(async (options: { format: RulesFormat }) => {
      const { rules } = await import('./commands/rules.ts');
      status(rules(options.format, io));
    });

  program
    .command('merge')
    .description('make one report of the JSON reports that scan --shard wrote of all parts')
    .argument('<report...>', 'the JSON report of each part')
    .addOption(formatOption())
    .addOption(outputOption())
    .addOption(summaryOption())
    .addOption(colorOption())
    .option('--no-progress', 'do not show progress on standard error')
    .option('-q, --quiet', 'print nothing if there is nothing to report', false)
    .option('-v, --verbose', 'list everything, as scan --verbose does', false)
    .action(async (files: string[], options: MergeOptions) => {
      const { merge } = await import('./commands/merge.ts');
      status(await merge(files, options, io));
    });

  program
    .command('init')
    .description('write a commented drone-audit.yml for what is found here')
    .argument('[path...]', 'files or folders to look at (default: the current folder)')
    .option('--print', 'print it on standard output, and write nothing', false)
    .action(async (paths: string[], options: InitOptions) => {
      const { init } = await import('./commands/init.ts');
      status(await init(paths, options, io));
    });

  program
    .command('probe')
    .description('test what is yours by sending it requests')
    .command('secret')
    .description('test whether your own secret extension refuses what it must; see docs/probe.md')
    .requiredOption('--endpoint <url>', 'address of the extension, as DRONE_SECRET_PLUGIN_ENDPOINT has it')
    .option('--token-env <name>', 'variable that holds its token; without one, what only the token shows is left out')
    .option('--i-own-this <host>', 'a host[:port] that is yours; this machine always is; repeatable', collectOwned, [])
    .option('--sample-tokens', 'also try the tokens that documentation prints, eight at most', false)
    .option(
      '--canary <path/name>',
      'a secret that you made for this, and for pushes only: does a fork get it? repeatable',
      collect,
      [],
    )
    .addOption(formatOption())
    .addOption(outputOption())
    .addOption(failOnOption().default('high'))
    .option('--config <file>', 'config file, for what it ignores (default: the nearest drone-audit.yml)')
    .option('--no-config', 'use no config')
    .addOption(colorOption())
    .option('--no-progress', 'do not show progress on standard error')
    .option('-v, --verbose', 'list everything: each place, and what was left undecided and why', false)
    .action(async (options: ProbeOptions) => {
      const { probeSecret } = await import('./commands/probe.ts');
      status(await probeSecret(options, io));
    });

  program
    .command('completion')
    .description('print what completes commands, options and their values in a shell')
    .addArgument(
      new Argument('<shell>', 'your shell').choices(shells).argParser((value) => oneOf(shells, value, 'the shell')),
    )
    .addHelpText('after', linesText('To have it in every shell', shellLines))
    .action(async (shell: (typeof shells)[number]) => {
      const { completion } = await import('./commands/completion.ts');
      status(completion(shell, entryOf(program), io));
    });

  program
    .command('manual', { hidden: true })
    .description('print the manual page: drone-audit manual | man -l -')
    .action(async () => {
      const { manual } = await import('./commands/manual.ts');
      status(manual(entryOf(program), io));
    });
  refuseEmptyValues(program);
  return program;
}

/** Commander shows the help of the program for a command that there is not, and does not say why. Throws UserError. */
async function refuseUnknownHelp(words: readonly string[], { commands }: Command, io: Io): Promise<void> {
  const [first = '-', name = '-'] = words;
  // One that is hidden is in no help either.
  const known = commands.map((command) => command.name()).filter((name) => name !== 'manual');
  // What a word means that is neither a command nor a path is said before what its options are.
  if (!first.startsWith('-') && words.some((word) => word.startsWith('-'))) {
    const { refuseUnknownWord } = await import('./commands/unknown-word.ts');
    if (![...known, 'help', 'manual'].includes(first)) refuseUnknownWord(first, known, io);
  }
  if (first !== 'help' || name.startsWith('-') || [...known, 'help'].includes(name)) return;
  throw new UserError(`there is no command "${name}"`, undefined, { word: name, known });
}

async function main(): Promise<void> {
  try {
    const words = argumentsAsGiven(process.argv.slice(2));
    const io = ioOfProcess();
    const program = build(io, (code) => {
      process.exitCode = code;
    });
    await refuseUnknownHelp(words, program, io);
    // A step that names only the image is a scan: help with status 0 would be a gate that is always open.
    if (words.length === 0 && !isDroneStep(io)) program.outputHelp();
    else await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (isUserError(error)) {
      const { message, misspelt } = error;
      const hint = misspelt ? (await import('./commands/unknown-word.ts')).hintFor(misspelt) : error.hint;
      await tellMasked([`drone-audit: ${message}`, ...(hint ? [`  ${hint}`] : [])]);
      process.exitCode = 2;
    } else if (isIncompleteError(error)) {
      await tellMasked([`drone-audit: ${error.message}`, ...error.hint.map((line) => `  ${line}`)]);
      process.exitCode = 3;
    } else if (isOutputError(error)) {
      await tellMasked([`drone-audit: ${error.message}`]);
      process.exitCode = 3;
    } else if (error instanceof CommanderError) {
      if (refused.length > 0) await tellMasked(refused);
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else endByFault(error);
  } finally {
    progress?.wipe();
  }
}

/** A bug of ours. Message and trace of an error may hold what was audited, so neither is shown. */
function endByFault(error: unknown): never {
  const kind = error instanceof Error && /^\w+$/.test(error.name) ? error.name : 'unknown';
  tell(`drone-audit: a fault of drone-audit itself (${kind}); please report it with the command line`);
  process.exit(4);
}

process.on('uncaughtException', endByFault);
void main();
