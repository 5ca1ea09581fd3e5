/** What the help and the manual page tell besides commands and options. */

export const examples = [
  { line: 'drone-audit scan .', what: 'the current folder, with a report to read' },
  {
    line: 'drone-audit scan deploy/ ci/.drone.yml -o report.html',
    what: 'a folder and a file, with a page to pass on',
  },
  { line: 'drone-audit scan --docker', what: 'what runs on this machine' },
  {
    line: 'drone-audit scan --server https://ci.example.com',
    what: 'a server, with the token of DRONE_TOKEN also what only an administrator sees',
  },
  {
    line: 'drone-audit scan . --format sarif --fail-on medium',
    what: 'for a code-scanning page; exit 1 from medium on',
  },
] as const;

/** Where each shell reads what `completion` prints. */
export const shellLines = [
  { line: 'eval "$(drone-audit completion bash)"', what: 'in ~/.bashrc' },
  { line: 'eval "$(drone-audit completion zsh)"', what: 'in ~/.zshrc, below compinit' },
  { line: 'drone-audit completion fish | source', what: 'in ~/.config/fish/config.fish' },
] as const;

export const exitStatuses = [
  { status: 0, when: 'all that was asked for was audited, and nothing is at or above --fail-on' },
  { status: 1, when: 'there are findings at or above --fail-on' },
  { status: 2, when: 'the command line or the config is wrong, and nothing was audited' },
  {
    status: 3,
    when: 'incomplete: something could not be read or understood, there was nothing to audit, or a report could not be written',
  },
  { status: 4, when: 'a fault of drone-audit itself; what could be audited is reported all the same' },
] as const;

export const environmentVariables = [
  { names: ['DRONE_SERVER'], what: 'address of the server for --server without one' },
  { names: ['DRONE_TOKEN'], what: 'token of an account on that server; nothing else takes a token' },
  { names: ['DRONE_CARD_PATH'], what: "where --format card writes; Drone's runner sets it for each step" },
  { names: ['SOURCE_DATE_EPOCH'], what: 'a date for reports, in seconds since 1970, where --timestamp gives none' },
  {
    names: ['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG'],
    what: 'the engine for --docker, as for the docker client',
  },
  {
    names: ['DOCKER_TLS_VERIFY', 'DOCKER_TLS', 'DOCKER_CERT_PATH'],
    what: 'whether that engine is asked over TLS, and the folder of the certificates',
  },
  { names: ['XDG_RUNTIME_DIR'], what: 'where the sockets of rootless engines lie' },
  { names: ['NO_COLOR'], what: 'if set: no colour, unless --color or FORCE_COLOR asks for it' },
  { names: ['FORCE_COLOR'], what: 'colour also where there is no terminal; 0: none' },
  {
    names: ['FORCE_HYPERLINK'],
    what: 'if set: places on a terminal are links (OSC 8) also where it is not known to have them; 0: they are not',
  },
  {
    names: ['TERM_PROGRAM', 'TERM_PROGRAM_VERSION', 'VTE_VERSION', 'WT_SESSION'],
    what: 'what tells that a terminal has links',
  },
  { names: ['TERM'], what: 'dumb: no colour, no links and no progress' },
  { names: ['CI'], what: 'if set: no progress and no links' },
  {
    names: ['DRONE'],
    what: 'if set, as in a step: no progress; if true, variables PLUGIN_* are options: PLUGIN_FAIL_ON=low is --fail-on low',
  },
  { names: ['TEAMCITY_VERSION'], what: 'if set: no links' },
] as const;

export const files = [
  {
    name: 'drone-audit.yml',
    what: "the config: the nearest one, from the current folder up to the repository's root, unless --config, --no-config or --policy says otherwise",
  },
  {
    name: '.gitignore',
    what: 'in folders, what git ignores and does not track is left out; it counts only if git tracks it',
  },
] as const;
