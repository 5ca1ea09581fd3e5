import { standardChoices } from '../facts/standards.ts';
import { firstSentence } from '../model/prose.ts';
import { allRules } from '../rules/all.ts';
import { type CommandEntry, type OptionEntry, type Shell, type Value, withAllBelow } from './command-table.ts';
import type { Io } from './io.ts';

/** Prints the script that completes commands, options and their values in a shell. */
export function completion(shell: Shell, program: CommandEntry, io: Io): number {
  const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
  io.out(scripts[shell](program));
  return 0;
}

/** What may stand in a place: some words, names of files or of folders, or something that only the user knows. */
interface Offer {
  readonly words: readonly string[];
  /** Whether the words are all rules: a script lists them once. */
  readonly areRules?: boolean;
  readonly paths?: 'files' | 'folders';
}

const ruleIds = allRules.map(({ id }) => id).sort();

/** By the names that values have in the help; a name of several kinds has a stroke between them. */
const offers: Readonly<Record<string, Offer>> = {
  file: { words: [], paths: 'files' },
  path: { words: [], paths: 'files' },
  dir: { words: [], paths: 'folders' },
  id: { words: ruleIds, areRules: true },
  rule: { words: ruleIds, areRules: true },
  standard: { words: standardChoices },
};

function offerOf({ name, words }: Value): Offer {
  if (words.length > 0) return { words };
  const kinds = name.split('|').flatMap((kind) => offers[kind] ?? []);
  return {
    words: kinds.flatMap((kind) => kind.words),
    areRules: kinds.some(({ areRules }) => areRules),
    paths: kinds.find(({ paths }) => paths)?.paths,
  };
}

/** What may follow a command besides its options: a command below it, or what it takes. */
function operandsOf({ operands: [operand], commands }: CommandEntry, program: CommandEntry): Offer {
  if (commands.length > 0) return { words: lastNames(commands) };
  if (operand?.name === 'command') return { words: lastNames(program.commands) };
  return operand ? offerOf(operand) : { words: [] };
}

function lastNames(commands: readonly CommandEntry[]): readonly string[] {
  return commands.map(({ path }) => path.at(-1) ?? '');
}

/** The command that runs where none is named. */
const usual = 'scan';

function commandsOf(program: CommandEntry): readonly CommandEntry[] {
  return withAllBelow(program).slice(1);
}

function nameOf({ path }: CommandEntry): string {
  return path.join(' ');
}

/** What a list of choices says of an option: its first sentence, on one line. */
function inShort(description: string): string {
  return firstSentence(description).replace(/\s+/g, ' ');
}

/** A text as one word, which bash, zsh and fish read alike. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function bashScript(program: CommandEntry): string {
  const commands = commandsOf(program);
  const values = commands.flatMap((command) =>
    command.options.flatMap((option) => {
      if (!option.value) return [];
      const patterns = option.names.map((name) => quoted(`${nameOf(command)} ${name}`)).join(' | ');
      const offered = setOffer(offerOf(option.value));
      // Where a value may be left out, anything else may follow as well.
      return option.value.optional ? [] : [`    ${patterns}) ${offered}; value=1 ;;`];
    }),
  );
  const others = commands.map((command) => {
    const options = command.options.flatMap(({ names }) => names).join(' ');
    return `    ${quoted(nameOf(command))}) options=${quoted(options)}; ${setOffer(operandsOf(command, program))} ;;`;
  });
  const below = commands.filter(({ commands: inner }) => inner.length > 0);
  return `# bash completion of drone-audit: eval "$(drone-audit completion bash)"
_drone_audit() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" command=${usual}
  local options='' words='' paths='' value='' line
  COMPREPLY=()
  # Bash takes --option=value for three words, and FORMAT:FILE as well.
  case "$cur" in '=' | ':') cur='' ;; esac
  case "$prev" in
    '=') prev="\${COMP_WORDS[COMP_CWORD - 2]}" ;;
    ':') paths=f value=1 ;;
  esac
  [[ "\${COMP_WORDS[COMP_CWORD]}" == ':' ]] && paths=f value=1
  if ((COMP_CWORD > 1)); then
    case "\${COMP_WORDS[1]}" in
      ${program.commands.map(nameOf).join(' | ')}) command="\${COMP_WORDS[1]}" ;;
    esac
  fi
  if ((COMP_CWORD > 2)); then
    case "$command \${COMP_WORDS[2]}" in
      ${below.flatMap(({ commands: inner }) => inner.map((each) => quoted(nameOf(each)))).join(' | ')}) command="$command \${COMP_WORDS[2]}" ;;
    esac
  fi
  [[ -n "$value" ]] || case "$command $prev" in
${values.join('\n')}
  esac
  [[ -n "$value" ]] || case "$command" in
${others.join('\n')}
  esac
  if [[ -z "$value" ]]; then
    ((COMP_CWORD == 1)) && words=${quoted(program.commands.map(nameOf).join(' '))} options="$options ${program.options.flatMap(({ names }) => names).join(' ')}"
    [[ "$cur" == -* ]] && words="$options" paths=''
  fi
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(
    [[ -z "$words" ]] || compgen -W "$words" -- "$cur"
    [[ -z "$paths" ]] || compgen "-$paths" -- "$cur"
  )
}
complete -o filenames -F _drone_audit drone-audit
`;
}

function setOffer({ words, paths }: Offer): string {
  const letter = paths === undefined ? '' : paths === 'folders' ? 'd' : 'f';
  return `words=${quoted(words.join(' '))} paths=${quoted(letter)}`;
}

function zshScript(program: CommandEntry): string {
  const commands = commandsOf(program);
  const functions = commands.map((command) => {
    const options = command.options.flatMap(zshOption);
    const operand = operandsOf(command, program);
    const inner = command.commands.map((each) => `${each.path.at(-1)}:${zshText(inShort(each.description))}`);
    if (inner.length > 0) return zshWithCommands(command, options, inner);
    const operands = zshAction(operand);
    const specs = operands === '' ? options : [...options, quoted(`*:${command.operands[0]?.name}:${operands}`)];
    return `${zshName(command)}() {\n  _arguments -s -S \\\n${specs.map((spec) => `    ${spec}`).join(' \\\n')}\n}`;
  });
  const named = program.commands.map((each) => quoted(`${nameOf(each)}:${zshText(inShort(each.description))}`));
  return `#compdef drone-audit
# zsh completion of drone-audit: eval "$(drone-audit completion zsh)", or a file _drone-audit in a folder of $fpath
_drone_audit__rule_ids() {
  local -a ids=(${ruleIds.join(' ')})
  compadd "$@" -a ids
}
${functions.join('\n')}
_drone_audit() {
  local -a commands=(
${named.map((each) => `    ${each}`).join('\n')}
  )
  if ((CURRENT == 2)); then
    if [[ "$words[2]" == -* ]]; then
      _arguments -s -S ${program.options.flatMap(zshOption).join(' ')}
    else
      _describe -t commands command commands
    fi
    _drone_audit_${usual}
    return
  fi
  case "$words[2]" in
    ${program.commands.map(nameOf).join('|')})
      local command="$words[2]"
      shift words
      ((CURRENT--))
      "_drone_audit_$command"
      ;;
    *) _drone_audit_${usual} ;;
  esac
}
if [[ "$funcstack[1]" == _drone_audit || "$funcstack[1]" == _drone-audit ]]; then
  _drone_audit "$@"
else
  compdef _drone_audit drone-audit
fi
`;
}

function zshWithCommands(command: CommandEntry, options: readonly string[], inner: readonly string[]): string {
  const names = command.commands.map(({ path }) => path.at(-1));
  return `${zshName(command)}() {
  local -a commands=(${inner.map(quoted).join(' ')})
  if ((CURRENT == 2)); then
    if [[ "$words[2]" == -* ]]; then _arguments -s -S ${options.join(' ')}; else _describe -t commands command commands; fi
    return
  fi
  case "$words[2]" in
    ${names.join('|')})
      local command="$words[2]"
      shift words
      ((CURRENT--))
      "${zshName(command)}_$command"
      ;;
  esac
}`;
}

function zshName({ path }: CommandEntry): string {
  return `_drone_audit_${path.join('_')}`;
}

/** An option for `_arguments`, once for each of its names: any may be given again. */
function zshOption({ names, value, description }: OptionEntry): string[] {
  const text = zshText(inShort(description));
  return names.map((name) => {
    if (value === undefined) return quoted(`*${name}[${text}]`);
    const joined = name.startsWith('--') ? '=' : '+';
    if (value.optional) return quoted(`*${name}${joined === '=' ? '=-' : '-'}[${text}]::${value.name}: `);
    return quoted(`*${name}${joined}[${text}]:${value.name}:${zshAction(offerOf(value)) || ' '}`);
  });
}

function zshAction({ words, areRules, paths }: Offer): string {
  const files = paths === undefined ? '' : paths === 'folders' ? '_files -/' : '_files';
  if (words.length === 0) return files;
  const own = areRules ? '_drone_audit__rule_ids' : `(${words.join(' ')})`;
  // A command of several words is set apart by a blank (zshcompsys, _arguments).
  return files === '' ? own : ` _alternative "rules:rule:${own}" "files:file:${files}"`;
}

function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

function fishScript(program: CommandEntry): string {
  const lines = program.commands.map(
    (each) => `complete -c drone-audit -n __drone_audit_first -a ${nameOf(each)} -d ${fishText(each.description)}`,
  );
  for (const option of program.options) lines.push(fishOption('__drone_audit_first', option));
  for (const command of commandsOf(program)) {
    const condition = quoted(`__drone_audit_is ${nameOf(command)}`);
    for (const each of command.commands)
      lines.push(`complete -c drone-audit -n ${condition} -f -a ${each.path.at(-1)} -d ${fishText(each.description)}`);
    for (const option of command.options) lines.push(fishOption(condition, option));
    const operand = operandsOf(command, program);
    const none = operand.paths === undefined ? ' -f' : '';
    const words = operand.words.length > 0 && command.commands.length === 0 ? ` -a ${fishWords(operand)}` : '';
    if (none + words !== '') lines.push(`complete -c drone-audit -n ${condition}${none}${words}`);
  }
  const below = commandsOf(program).filter(({ path }) => path.length > 1);
  return `# fish completion of drone-audit: drone-audit completion fish | source
function __drone_audit_first
    test (count (commandline -opc)) -eq 1
end
function __drone_audit_is
    set -l words (commandline -opc)
    set -l command ${usual}
    switch "$words[2]"
        case ${program.commands.map(nameOf).join(' ')}
            set command $words[2]
    end
    switch "$words[2] $words[3]"
        case ${below.map((each) => quoted(nameOf(each))).join(' ')}
            set command $words[2] $words[3]
    end
    test "$command" = "$argv"
end
set -g __drone_audit_rules ${ruleIds.join(' ')}
${lines.join('\n')}
`;
}

function fishOption(condition: string, { names, value, description }: OptionEntry): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ');
  const offer = value ? offerOf(value) : { words: [] };
  const takes = value === undefined || value.optional ? '' : offer.paths === undefined ? ' -x' : ' -r -F';
  const words = offer.words.length > 0 ? ` -a ${fishWords(offer)}` : '';
  const offered = offer.paths === 'folders' ? ` -a '(__fish_complete_directories (commandline -ct))'` : words;
  return `complete -c drone-audit -n ${condition} ${flags}${takes}${offered} -d ${fishText(description)}`;
}

function fishWords({ words, areRules }: Offer): string {
  return areRules ? `'$__drone_audit_rules'` : quoted(words.join(' '));
}

function fishText(description: string): string {
  return `'${inShort(description).replace(/[\\']/g, '\\$&')}'`;
}
