import { codeOf } from '../model/error-code.ts';
import { nearest } from '../model/nearest.ts';
import { isUserError, UserError } from '../model/user-error.ts';
import type { Io } from './io.ts';

/** What is used of an option of the command line. */
export interface SettableOption {
  /** Whether it is `--no-…`. */
  readonly negate: boolean;
  /** Whether it takes a value, and whether that may be left out. */
  readonly required: boolean;
  readonly optional: boolean;
  readonly presetArg?: unknown;
  readonly defaultValue?: unknown;
  readonly parseArg?: <T>(value: string, previous: T) => T;
  attributeName(): string;
}

/** What is used of a command of the command line. */
export interface SettableCommand {
  readonly options: readonly SettableOption[];
  /** `cli` where the option stands on the command line. */
  getOptionValueSource(name: string): string | undefined;
}

/** How a setting is written: `fail_on` for `--fail-on`, `config` for `--config` and `--no-config`. */
export function settingName(option: SettableOption): string {
  return option.attributeName().replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Paths and options of a step of Drone, whose `settings:` the runner hands over as variables: `fail_on` as PLUGIN_FAIL_ON
 * (drone-runner-docker engine/compiler/step.go). What stands on the command line wins. A name that no option has is an error
 * where settings are all there is, since a misspelt one would leave its option at the default. Beside a command line only one
 * that is nearly right is: runners may give variables of other plugins to every step (DRONE_RUNNER_ENVIRON). Throws UserError.
 */
export function withSettings<Options extends { readonly output: readonly string[]; readonly format: string }>(
  paths: readonly string[],
  options: Options,
  command: SettableCommand,
  isAlone: boolean,
  io: Pick<Io, 'environment' | 'error'>,
): { readonly paths: readonly string[]; readonly options: Options } {
  const byName = optionsByName(command.options);
  const settings = settingsOf(io.environment);
  refuseUnknown([...settings.keys()], ['paths', ...byName.keys()], isAlone, io);
  if (['policy', 'config'].some((name) => command.getOptionValueSource(name) === 'cli'))
    refuseBesidePolicy([...settings.keys()], byName);
  const values: Record<string, unknown> = {};
  for (const [name, settable] of byName) {
    const text = settings.get(name);
    const attribute = settable[0].attributeName();
    if (text === undefined || command.getOptionValueSource(attribute) === 'cli') continue;
    const value = optionValue(name, text, settable);
    if (value !== undefined) values[attribute] = value;
  }
  const merged = { ...options, ...values };
  const card = io.environment.DRONE_CARD_PATH;
  const isCardAsked = merged.format === 'card' || merged.output.some((output) => output.startsWith('card:'));
  const isCardMeant = values.cardTemplate !== undefined && card !== undefined && !isCardAsked;
  return {
    paths: paths.length > 0 ? paths : itemsOf('paths', settings.get('paths') ?? ''),
    options: isCardMeant ? { ...merged, output: [...merged.output, `card:${card}`] } : merged,
  };
}

/** What a pipeline may say of a run whose command line has a policy, or a config that may be one: how to show what is found. */
const besidePolicy: ReadonlySet<string> = new Set([
  ...[
    'format',
    'output',
    'card_template',
    'controls',
    'timestamp',
    'pedantic',
    'color',
    'progress',
    'summary',
    'verbose',
  ],
]);

/** Whoever wrote a policy into the command line does not want the authors of a pipeline to lower the gate. Throws UserError. */
function refuseBesidePolicy(given: readonly string[], known: ReadonlyMap<string, Settable>): void {
  const name = given.find((each) => (known.has(each) || each === 'paths') && !besidePolicy.has(each));
  if (name !== undefined)
    throw new UserError(
      `the setting "${name}" does not count beside a policy or config of the command line`,
      'it is for whoever writes the command line',
    );
}

/** The options of a setting; the second is `--no-…` where both forms exist. */
type Settable = readonly [SettableOption, ...SettableOption[]];

function optionsByName(options: readonly SettableOption[]): ReadonlyMap<string, Settable> {
  const byName = new Map<string, Settable>();
  for (const option of options) {
    const name = settingName(option);
    const [first, ...others] = byName.get(name) ?? [];
    if (first === undefined) byName.set(name, [option]);
    else byName.set(name, first.negate ? [option, first, ...others] : [first, option, ...others]);
  }
  return byName;
}

/** Settings by their names; the runner only makes the letters large, so that `fail-on` comes as PLUGIN_FAIL-ON. */
function settingsOf(environment: Io['environment']): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const variable of Object.keys(environment).sort()) {
    const text = environment[variable];
    if (!variable.startsWith('PLUGIN_') || text === undefined) continue;
    const name = variable.slice('PLUGIN_'.length).toLowerCase().replaceAll('-', '_');
    if (settings.has(name)) throw new UserError(`the setting "${name}" is there twice`);
    settings.set(name, text);
  }
  return settings;
}

function refuseUnknown(
  given: readonly string[],
  known: readonly string[],
  isAlone: boolean,
  { error }: Pick<Io, 'error'>,
): void {
  for (const name of given) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    if (isAlone || meant !== undefined)
      throw new UserError(`there is no setting "${name}" (PLUGIN_${name.toUpperCase()})`, hintFor(name, meant));
    error(`drone-audit: note: PLUGIN_${name.toUpperCase()} is no setting of drone-audit, and was passed over`);
  }
}

function hintFor(name: string, meant: string | undefined): string {
  if (/token/.test(name))
    return 'the token of a server is read from DRONE_TOKEN only: environment: { DRONE_TOKEN: { from_secret: NAME } }';
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return 'a setting has the name of an option of scan, such as fail_on; where the runner sets the variable for every step, give the step arguments (command: [scan, .])';
}

/** What an option gets from the text of its setting; undefined leaves the default. Throws UserError. */
function optionValue(name: string, text: string, [option, negated]: Settable): unknown {
  const takesValue = option.required || option.optional;
  if (!takesValue || (option.optional && /^(?:true|false)$/.test(text))) {
    const isOn = switchOf(name, text);
    if (option.negate) return isOn ? undefined : false;
    if (!takesValue) return isOn;
    if (!isOn) return undefined;
    return option.presetArg === undefined ? true : parsed(name, String(option.presetArg), option, option.defaultValue);
  }
  if (negated !== undefined && text === 'false') return false;
  const items = itemsOf(name, text);
  if (Array.isArray(option.defaultValue) && items.length === 0) return undefined;
  const first = parsed(name, items[0] ?? '', option, option.defaultValue);
  if (!Array.isArray(first)) return parsed(name, text, option, option.defaultValue);
  return items.slice(1).reduce<unknown>((before, item) => parsed(name, item, option, before), first);
}

function switchOf(name: string, text: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new UserError(`the setting "${name}" is true or false`);
}

/** As the option parses it on the command line. No error quotes the value: it may come from a secret. */
function parsed<T>(name: string, text: string, option: SettableOption, before: T): unknown {
  if (text === '') throw new UserError(`the setting "${name}" is empty, or has an empty item`);
  if (option.parseArg === undefined) return text;
  try {
    return option.parseArg<unknown>(text, before);
  } catch (error) {
    if (isUserError(error) && error.misspelt)
      throw new UserError(`the setting "${name}" cannot have this value`, undefined, error.misspelt);
    if (codeOf(error) === 'commander.invalidArgument' && error instanceof Error)
      throw new UserError(`the setting "${name}" is invalid`, error.message);
    throw error;
  }
}

/**
 * The items of a setting. The runner joins a list of scalars by commas, and writes maps and lists of anything else as JSON
 * (drone-runner-docker internal/encoder/encoder.go). Text that is a list in JSON is one too, for items with a comma in them.
 * Throws UserError.
 */
function itemsOf(name: string, text: string): readonly string[] {
  if (text === '') return [];
  const json = /^[[{]/.test(text) ? jsonOf(text) : undefined;
  if (json === undefined) return text.split(',');
  if (Array.isArray(json) && json.every((item): item is string => typeof item === 'string')) return json;
  throw new UserError(`the setting "${name}" is a text, or a list of texts`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
