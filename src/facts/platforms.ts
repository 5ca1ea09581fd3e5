/** Kinds of documents Drone knows (drone-yaml yaml/parse.go, runner-go manifest). Any other becomes a stage that no runner takes. */
export const documentKinds: readonly string[] = ['pipeline', 'secret', 'signature', 'template', 'cron', 'registry'];

/** Pipeline types with a runner of the Drone project. */
export const pipelineTypes: readonly string[] = [
  'docker',
  'kubernetes',
  'exec',
  'ssh',
  'digitalocean',
  'macstadium',
  'vm',
  'aws',
  'nomad',
];

/** What the server's linter lets docker pipelines ask for (drone-yaml yaml/linter/linter.go:24-35). */
export const dockerPlatforms: { readonly os: readonly string[]; readonly arch: readonly string[] } = {
  os: ['linux', 'windows'],
  arch: ['amd64', 'arm64', 'arm', 'ppc64le', 's390x'],
};

/** Names Go gives to systems and architectures (`go tool dist list`); runners of other types report these. */
export const goPlatforms: { readonly os: readonly string[]; readonly arch: readonly string[] } = {
  os: [
    'linux',
    'windows',
    'darwin',
    'freebsd',
    'openbsd',
    'netbsd',
    'dragonfly',
    'solaris',
    'illumos',
    'aix',
    'plan9',
    'android',
    'ios',
    'js',
    'wasip1',
  ],
  arch: [
    'amd64',
    'arm64',
    'arm',
    '386',
    'ppc64le',
    'ppc64',
    's390x',
    'riscv64',
    'loong64',
    'mips',
    'mipsle',
    'mips64',
    'mips64le',
    'wasm',
  ],
};

/** Other names for the same thing, which spelling alone would not suggest. */
export const platformAliases: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['x64', 'amd64'],
  ['x86', '386'],
  ['i386', '386'],
  ['i686', '386'],
  ['aarch64', 'arm64'],
  ['armv8', 'arm64'],
  ['armv7', 'arm'],
  ['armv7l', 'arm'],
  ['armhf', 'arm'],
  ['macos', 'darwin'],
  ['osx', 'darwin'],
  ['mac', 'darwin'],
  ['win', 'windows'],
  ['k8s', 'kubernetes'],
  ['kube', 'kubernetes'],
  ['shell', 'exec'],
]);
