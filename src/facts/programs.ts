/*
 * Programs of build scripts, by what they do. Sources are their manuals.
 */

/** Shells that run what they read from standard input (POSIX sh, OPERANDS: "if there are no operands and no -c"). */
export const shellPrograms: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash', 'zsh', 'ksh', 'fish']);

/** Variables that shells and images set, not people. */
export const shellVariables: readonly string[] = [
  'HOME',
  'PWD',
  'OLDPWD',
  'USER',
  'SHELL',
  'UID',
  'RANDOM',
  'HOSTNAME',
  'IFS',
  'PATH',
  'GOPATH',
  'TMPDIR',
  'TERM',
];

/** Programs that run a command given in their arguments, elsewhere or once for each of many: `docker run IMAGE sh -c …`. */
export const commandRunners: ReadonlySet<string> = new Set([
  'xargs',
  'parallel',
  'find',
  'flock',
  'chroot',
  'gosu',
  'su-exec',
  'docker',
  'docker-compose',
  'podman',
  'nerdctl',
  'kubectl',
  'oc',
]);

/** Programs that work with a container engine, or are a part of one. */
export const engineClients: ReadonlySet<string> = new Set([
  'docker',
  'docker-compose',
  'dockerd',
  'dockerd-entrypoint.sh',
  'podman',
  'podman-compose',
  'nerdctl',
  'buildah',
  'buildctl',
  'img',
  'ctr',
  'crictl',
  'containerd',
  'pack',
  'act',
  'kind',
  'k3d',
  'minikube',
  'trivy',
]);

/** Words after one of them that build an image. */
export const imageBuild = /^(?:build|buildx|bud|bake|commit)$/;

/** Other interpreters that run what they read from standard input, with the options that give them a program elsewhere. */
export const interpreters: ReadonlyMap<string, RegExp> = new Map([
  ['python', /^-[a-zA-Z]*[cm]/],
  ['python2', /^-[a-zA-Z]*[cm]/],
  ['python3', /^-[a-zA-Z]*[cm]/],
  ['perl', /^-[a-zA-Z0-9]*[eEnp]/],
  ['ruby', /^-[a-zA-Z]*[enp]/],
  ['node', /^(?:-[a-z]*[epr]|--eval|--print|--require)/],
  ['php', /^-[rBRFE]/],
]);

/** Programs that compare a file with a checksum or a signature. */
export const verifiers: ReadonlySet<string> = new Set([
  'sha256sum',
  'sha512sum',
  'sha384sum',
  'sha1sum',
  'shasum',
  'b2sum',
  'b3sum',
  'gpg',
  'gpg2',
  'gpgv',
  'cosign',
  'minisign',
  'signify',
  'slsa-verifier',
  'rekor-cli',
]);

/** Programs that unpack an archive. */
export const unpackers: ReadonlySet<string> = new Set(['tar', 'bsdtar', 'unzip', '7z', 'cpio']);

/** Programs that install a file that they are given. */
export const fileInstallers: ReadonlySet<string> = new Set(['dpkg', 'rpm', 'install', 'installer', 'msiexec']);

/** Programs that give a file another name or place: their last argument. */
export const fileCopiers: ReadonlySet<string> = new Set(['cp', 'mv', 'ln']);

/** Programs that fetch code or packages from URLs among their arguments; `echo` and `printf` write them into lists. */
export const sourcePrograms: ReadonlySet<string> = new Set([
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

/** Options of curl whose value is a word of its own (curl 8 manual), the short ones by letter. */
export const curlValues = {
  short: 'AbcCdDeEFhHKmoPQrtTuUwxXyYzZ',
  long: /^--(?:output|output-dir|header|data(?:-\w+)?|user|request|user-agent|cookie(?:-jar)?|cacert|cert|key|form|max-time|connect-timeout|retry(?:-\w+)?|proxy|referer|resolve|write-out|url-query|range|upload-file|oauth2-bearer|config|dump-header|interface|limit-rate|speed-\w+|time-cond|netrc-file|pinnedpubkey|tls-max|ciphers)$/,
} as const;

/** Options of wget whose value is a word of its own (GNU Wget 1.21 manual), the short ones by letter. */
export const wgetValues = {
  short: 'aABDeGIilOoPQRtTUwX',
  long: /^--(?:output-document|output-file|directory-prefix|header|user|password|user-agent|tries|timeout|wait|post-data|body-data|method|ca-certificate|certificate|private-key|input-file|referer|execute|limit-rate|waitretry|cut-dirs)$/,
} as const;
