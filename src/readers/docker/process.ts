import { componentBinaries } from '../../facts/images.ts';
import type { Role } from '../../model/role.ts';
import { type Argument, after, literalPrefix, type Part, wordAt } from './argument.ts';

/** A program of Drone that a command starts. */
export interface DroneProcess {
  /** `drone-server`, `drone-runner-exec`. */
  readonly program: string;
  readonly role: Role;
  /** The file of variables that it is told to read, and what names it. The environment takes precedence. */
  readonly file?: { readonly parts: readonly Part[]; readonly named: string };
  /** The file that it reads if it is not told any. */
  readonly defaultFile?: string;
}

/** The program of Drone that a command starts as a service; undefined for others, `--help`, `exec`, `compile`. */
export function droneProcess(args: readonly Argument[], program: number): DroneProcess | undefined {
  const name = /(?<![^\\/])[^\\/]*$/.exec(wordAt(args, program))?.[0]?.replace(/\.exe$/, '') ?? '';
  const rest = args.slice(program + 1);
  const texts = rest.map(({ parts }) => literalPrefix(parts));
  if (texts.some((text) => /^(?:--help|--version|-h|-v|help)$/.test(text))) return undefined;
  // Before 1.0, one binary was both (harness/drone@v0.8.10 drone/main.go); later, `drone` is the command-line client.
  if (
    name === 'drone' &&
    /^(?:server|agent)$/.test(texts[0] ?? '') &&
    texts.slice(1).every((text) => /^-/.test(text))
  ) {
    return { program: name, role: texts[0] === 'agent' ? 'agent' : 'server' };
  }
  const role = componentBinaries.get(name);
  if (role === undefined || role === 'docker') return undefined;
  // cmd/drone-server/main.go:37-46: `.env` in the working directory is read if no other file is named.
  if (role === 'server') return { program: name, role, ...fileOf(flagOf(rest, '--env-file'), '--env-file') };
  if (!role.startsWith('runner-')) return { program: name, role };
  const [command, ...more] = texts;
  if (command === undefined) return { program: name, role };
  if (role === 'runner-exec' && command === 'service') {
    // drone-runner-exec command/service/service_run.go: the default is root's; other users have it in their home.
    if (more[0] !== 'run') return undefined;
    const file = flagOf(rest, '--config');
    return {
      program: name,
      role,
      ...fileOf(file, '--config'),
      defaultFile: file ? undefined : '/etc/drone-runner-exec/config',
    };
  }
  if (command !== 'daemon' && !command.startsWith('-')) return undefined;
  // drone-runner-docker command/daemon/daemon.go:292-298: a positional argument; drone-runner-aws has a flag.
  const positional =
    command === 'daemon' ? rest.slice(1).find(({ parts }) => !literalPrefix(parts).startsWith('-'))?.parts : undefined;
  return { program: name, role, ...fileOf(flagOf(rest, '--envfile'), '--envfile'), ...fileOf(positional, 'daemon') };
}

function fileOf(parts: readonly Part[] | undefined, named: string): Pick<DroneProcess, 'file'> {
  return parts ? { file: { parts, named } } : {};
}

function flagOf(args: readonly Argument[], flag: string): readonly Part[] | undefined {
  for (const [index, { parts }] of args.entries()) {
    const lead = literalPrefix(parts);
    if (lead.startsWith(`${flag}=`)) return after(parts, flag.length + 1);
    if (lead === flag) return args[index + 1]?.parts;
  }
  return undefined;
}

/** Commands that run the command after them, with their flags that take a value. */
const wrappers: ReadonlyMap<string, RegExp> = new Map([
  ['sudo', /^-[ughpCrtTUDR]$/],
  ['doas', /^-[uC]$/],
  ['env', /^-[uCS]$/],
  ['exec', /^-a$/],
  ['nohup', /^$/],
  ['setsid', /^$/],
  ['time', /^-[of]$/],
  ['nice', /^-n$/],
  ['ionice', /^-[cnp]$/],
  ['command', /^$/],
  ['timeout', /^-[sk]$/],
  ['systemd-run', /^-[pMH]$/],
  ['systemd-cat', /^-[tp]$/],
  ['tini', /^-[pe]$/],
  ['dumb-init', /^-r$/],
  ['catatonit', /^$/],
]);

/** The position of the program after `sudo`, `env NAME=value` and the like; `given` are the assignments between. */
export function programOf(args: readonly Argument[]): { program: number; given: readonly Argument[] } {
  const given: Argument[] = [];
  let at = 0;
  for (;;) {
    const name = /(?<![^/])[^/]*$/.exec(literalPrefix(args[at]?.parts ?? []))?.[0] ?? '';
    const valuedFlag = wrappers.get(name);
    if (!valuedFlag) return { program: at, given };
    at++;
    for (; at < args.length; at++) {
      const arg = args[at];
      const lead = arg ? literalPrefix(arg.parts) : '';
      if (arg && /^[A-Za-z_]\w*=/.test(lead)) given.push(arg);
      else if (valuedFlag.test(lead)) at++;
      else if (!lead.startsWith('-') && !(name === 'timeout' && /^\d/.test(lead))) break;
    }
  }
}
