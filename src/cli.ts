import { readFileSync, writeSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { EffectiveOptions } from './commands/effective.ts';
import type { Io } from './commands/io.ts';
import type { ScanOptions } from './commands/scan.ts';
import { confidences, severities } from './model/severity.ts';
import { isUserError, UserError } from './model/user-error.ts';
import { version } from './version.ts';

/** The only file that knows the process. Loads a command's code only when it is that command's turn. */

const io: Io = {
  version,
  cwd: process.cwd(),
  environment: process.env,
  home: homedir(),
  uid: process.getuid ? process.getuid() : undefined,
  today: new Date().toISOString().slice(0, 10),
  width: Math.min(Math.max(process.stdout.columns || 80, 40), 120),
  outIsTerminal: process.stdout.isTTY === true,
  readStandardInput: () => readFileSync(0),
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
};

const forms = ['drone', 'compose', 'env', 'docker-env', 'systemd', 'kubernetes', 'docker-run'];

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** `--docker` takes an address only; what is none is the next path (`--docker .`). */
function engineAddress(value: string): string {
  if (/^[a-z]+:\/\//.test(value)) return value;
  throw new InvalidArgumentError(
    'An engine address has a scheme, such as unix:///run/docker.sock; put paths before --docker.',
  );
}

function build(status: (code: number) => void): Command {
  const program = new Command('drone-audit')
    .description('Audits the security of Drone CI installations: settings, containers and pipelines.')
    .version(version, '-V, --version')
    .showHelpAfterError('(drone-audit --help tells more)')
    .exitOverride();

  program
    .command('scan', { isDefault: true })
    .description('audit files and folders, and what the options add')
    .argument('[path...]', 'files or folders; - is standard input (default: the current folder)')
    .addOption(new Option('--form <form>', 'what a named file or standard input is').choices(forms))
    .option('--compose-file <file>', 'compose files that belong together, the base first; repeatable', collect, [])
    .option('--compose-env-file <file>', 'what Compose fills in with, in place of .env; repeatable', collect, [])
    .option('--with-environment', 'fill in compose files from this environment too', false)
    .option('--docker [host]', 'also inspect a Docker Engine, found as the docker client does', engineAddress)
    .option('--save-evidence <dir>', 'keep what was seen, secrets masked; scan DIR audits it again')
    .option('--format <format>', 'what goes to standard output: text, json, sarif', 'text')
    .option('-o, --output <file>', 'write a report too, by its ending or FORMAT:FILE; repeatable', collect, [])
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 at or above it').choices([...severities, 'never']).default('high'),
    )
    .addOption(new Option('--min-severity <severity>', 'show from there on').choices(severities).default('low'))
    .addOption(new Option('--min-confidence <confidence>', 'show from there on').choices(confidences).default('medium'))
    .option('--pedantic', 'also the rules of hygiene', false)
    .option('--rule <id>', 'only this rule; repeatable', collect, [])
    .option('--skip <id>', 'not this rule; repeatable', collect, [])
    .addOption(
      new Option('--trust <trust>', 'what to assume of the repositories').choices(['unknown', 'trusted', 'untrusted']),
    )
    .option('--policy <file>', "an organisation's policy; nothing in a repository relaxes it")
    .option('--config <file>', 'the config (default: the nearest drone-audit.yml)')
    .option('--no-config', 'without a config')
    .option('--no-ignore', 'audit as if nothing were suppressed')
    .option('--targets-from <file>', 'paths, one a line; - is standard input')
    .addOption(new Option('--color <when>', 'colour').choices(['auto', 'always', 'never']).default('auto'))
    .option('--no-progress', 'no progress on standard error')
    .option('--exit-zero', 'report only: exit 0', false)
    .option('-q, --quiet', 'say nothing when there is nothing to say', false)
    .option('-v, --verbose', 'also what was left open, and why', false)
    .action(async (paths: string[], options: ScanOptions) => {
      const { scan } = await import('./commands/scan.ts');
      status(await scan(paths, options, io));
    });

  program
    .command('explain')
    .description(
      "a rule's whole page, offline; with --effective what is understood of an installation, with --file what Drone makes of a pipeline file",
    )
    .argument('[rule|path...]', 'id of the rule; with --effective files or folders')
    .option('--effective', 'every component with its settings as its process sees them, secrets masked', false)
    .option('--file <file>', 'who can run each step of a pipeline file, and with what; - is standard input')
    .addOption(new Option('--form <form>', 'what a named file or standard input is').choices(forms))
    .option('--compose-file <file>', 'compose files that belong together, the base first; repeatable', collect, [])
    .option('--compose-env-file <file>', 'what Compose fills in with, in place of .env; repeatable', collect, [])
    .option('--with-environment', 'fill in compose files from this environment too', false)
    .option('--docker [host]', 'also inspect a Docker Engine, found as the docker client does', engineAddress)
    .option('--config <file>', 'the config (default: the nearest drone-audit.yml)')
    .option('--no-config', 'without a config')
    .addOption(new Option('--format <format>', 'text, json').default('text'))
    .addOption(new Option('--color <when>', 'colour').choices(['auto', 'always', 'never']).default('auto'))
    .option('-v, --verbose', 'also every default, and the containers that are not of Drone', false)
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
        throw new UserError('explain takes the id of one rule', 'or --effective with files and folders, or --file');
      const { explain } = await import('./commands/explain.ts');
      status(explain(id, io));
    });

  program
    .command('rules')
    .description('the list of rules')
    .option('--format <format>', 'text, json, markdown', 'text')
    .action(async (options: { format: string }) => {
      const { rules } = await import('./commands/rules.ts');
      status(rules(options.format, io));
    });
  return program;
}

async function main(): Promise<void> {
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', (error) => {
    if ('code' in error && error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw error;
  });
  try {
    await build((code) => {
      process.exitCode = code;
    }).parseAsync();
  } catch (error) {
    if (isUserError(error)) {
      writeSync(2, `drone-audit: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ''}`);
      process.exitCode = 2;
    } else if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else throw error;
  }
}

// From Node 22 on; keeps compiled code in a cache of the user's.
if (!process.env.CI) (module as { enableCompileCache?: () => void }).enableCompileCache?.();
main().catch((error: unknown) => {
  // Our own mistake: it ends with its stack.
  setImmediate(() => {
    throw error;
  });
});
