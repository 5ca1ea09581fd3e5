/*
 * What programs do with what they are given: print it, change it, send it away, or run code of the repository that could
 * read it. Sources are the manuals of the programs.
 */

/** Programs that print their arguments. */
export const printers: ReadonlySet<string> = new Set(['echo', 'printf']);

/** Programs that print what they read, or a part of it, as it is. */
export const readers: ReadonlySet<string> = new Set(['cat', 'tee', 'head', 'tail', 'sort', 'uniq', 'strings']);

/** Programs that print what they read in a form that Drone's masking does not recognise. */
export const transformers: ReadonlySet<string> = new Set([
  'base64',
  'base32',
  'basenc',
  'xxd',
  'od',
  'hexdump',
  'rev',
  'cut',
  'sed',
  'awk',
  'tr',
  'fold',
  'jq',
  'yq',
  'gzip',
  'uuencode',
]);

/** Options with which `sed` and `yq` write to the file instead. */
export const inPlace = /^(?:-[a-zA-Z]*i|--in-?place)/;

/** Programs that log in to a registry. */
export const loginPrograms: ReadonlySet<string> = new Set(['docker', 'podman', 'buildah', 'helm', 'skopeo', 'crane']);

/** Programs that fetch and send over HTTP. */
export const httpClients: ReadonlySet<string> = new Set(['curl', 'wget', 'http', 'https', 'xh']);

/** Options of HTTP clients whose value travels in a header. */
export const headerOptions =
  /^(?:-H|--header|-u|--user|--oauth2-bearer|-b|--cookie|-A|-e|--http-user|--http-password|--password|-a|--auth)$/;

/** Programs that send to any host, unencrypted or hidden in DNS queries. */
export const rawSenders: ReadonlySet<string> = new Set([
  'nc',
  'ncat',
  'netcat',
  'socat',
  'telnet',
  'dig',
  'nslookup',
  'host',
  'drill',
]);

/** What runs code of the repository: its build files, lifecycle scripts, plugins of its build tool. */
export const repositoryCode: readonly { readonly as: string; readonly words: RegExp }[] = [
  {
    as: 'a script of the repository',
    // A name with a folder in it is a path from the workspace.
    words:
      /^(?:(?:(?:source|\.) (?!\S*\/activate(?: |$)))?(?:\.{1,2}\/|[\w.@+-]+\/)|(?:ba|da|z|k)?sh (?:-[a-z]+ )*(?![-/\u2026])[^ ]*\.sh(?: |$))/,
  },
  { as: 'python', words: /^python[0-9.]* (?!-m (?:pip|venv|http)|-c |-V|--version)(?:-[a-zA-Z] )*[^-]/ },
  { as: 'node', words: /^(?:node|deno|bun|ts-node|ruby|php|perl|lua) (?!-e |-v|-r |--version)[^-/]/ },
  {
    as: 'npm',
    words:
      /^(?:npm|pnpm|bun) (?:-[^ ]* )*(?:ci|i|install|run|run-script|test|t|start|publish|pack|exec|rebuild|build)(?: |$)/,
  },
  { as: 'yarn', words: /^yarn(?:$| (?!config|--version|-v|login|logout|info|cache))/ },
  { as: 'npx', words: /^(?:npx|lerna|nx|turbo|gulp|grunt|webpack|vite|jest|cypress|semantic-release)(?: |$)/ },
  {
    // What the repository names or holds; `twine==6.2.0` is neither.
    as: 'pip',
    words:
      /^(?:pip[0-9.]*|python[0-9.]* -m pip) (?:-[^ ]* )*install (?:[^ ]+ )*(?:-[re]|--requirement|--editable|\.{1,2}(?:[/[ ]|$))/,
  },
  { as: 'a Python build', words: /^(?:poetry|pipenv|tox|nox|pytest|hatch|pdm|uv|twine|setup\.py)(?: |$)/ },
  {
    as: 'make',
    words: /^(?:make|gmake|just|task|mage|rake|ninja|cmake|earthly|bazel|bazelisk|dagger|drone-make)(?: |$)/,
  },
  { as: 'Maven', words: /^(?:mvn|mvnw|ant|sbt|lein)(?: |$)/ },
  { as: 'Gradle', words: /^(?:gradle|gradlew|fastlane)(?: |$)/ },
  { as: 'cargo', words: /^cargo (?:\+[^ ]+ )?(?:build|b|test|t|run|r|publish|bench|check|install|package)(?: |$)/ },
  { as: 'go', words: /^go (?:generate|test|run|vet)(?: |$)/ },
  { as: 'goreleaser', words: /^(?:goreleaser|ko|skaffold)(?: |$)/ },
  { as: 'bundler', words: /^bundle(?: (?:install|exec|update|build|push|run)| *$)/ },
  { as: 'composer', words: /^composer(?: (?:install|exec|update|build|push|run)| *$)/ },
  { as: 'gem', words: /^gem(?: (?:install|exec|update|build|push|run)| *$)/ },
  { as: 'dotnet', words: /^(?:dotnet|msbuild|nuget) (?:build|test|run|publish|restore|pack)(?: |$)/ },
  {
    as: 'terraform',
    words:
      /^(?:terraform|tofu|terragrunt|pulumi|cdk) (?:.* )?(?:init|plan|apply|destroy|up|preview|synth|deploy)(?: |$)/,
  },
];
