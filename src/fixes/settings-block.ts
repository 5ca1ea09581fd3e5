import type { Block } from '../model/fix-markdown.ts';
import type { Installation } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import type { Settings } from '../model/settings.ts';
import { isAnswer, type Location, lineStarts, positionOf, type Source } from '../model/source.ts';
import { yamlScalar } from './yaml-scalar.ts';

/** Where the settings of a component are written, and how. */
interface Place {
  readonly source: Source;
  /** What writes them there. */
  readonly as: 'lines' | 'compose list' | 'compose mapping' | 'unit' | 'options' | 'container' | 'data' | 'values';
  /** Whether other components have the same entries, by an anchor or a shared file. */
  readonly isShared: boolean;
}

/** A setting of an `env` block, with the comments above it; what a secret is set to is a command, not a value. */
interface Setting {
  readonly comments: readonly string[];
  readonly name: string;
  readonly value: string;
  readonly isSecret: boolean;
}

/** Where secrets go that units and scripts must not hold. */
const secretFile = '/etc/drone/secrets.env';

/**
 * A block of settings as the file of their component writes them, below its name, and what makes the secrets among them;
 * `clean` gives names that may be shown. Where nothing is known of that file, the lines of an env file.
 */
export function settingsBlock(
  block: Block,
  settings: Settings,
  at: Location,
  installation: Installation,
  clean: (name: string) => string | undefined,
): readonly Block[] {
  const place = placeOf(settings, at, installation);
  const all = settingsIn(block.text);
  if (all.length === 0 || isAnswer(place.source.name)) return [blockOf('ini', undefined, [block.text])];
  const file = clean(place.source.name);
  const name = place.isShared ? undefined : clean(settings.container?.name ?? '') || undefined;
  const secrets = all.filter(({ isSecret }) => isSecret);
  const project = clean(settings.container?.project ?? '') || undefined;
  const namespace = project !== undefined && /^[\w-]+$/.test(project) ? project : undefined;
  const open = all.filter(({ isSecret }) => !isSecret);
  /** Of secrets that stand there now, and are to go. */
  const without = (where: string): readonly string[] =>
    secrets.filter((each) => settings.variables.has(each.name)).map((each) => `# without ${where}${each.name}`);
  switch (place.as) {
    case 'lines':
      return [blockOf('ini', file, [block.text])];
    case 'compose list':
    case 'compose mapping': {
      const lines = all.flatMap(({ comments, ...setting }) => [...comments, composeLine(setting, place.as)]);
      const service = name === undefined ? [] : ['services:', `  ${yamlScalar(name)}:`];
      const indent = ' '.repeat(2 * service.length);
      const environment = ['environment:', ...lines.map((line) => `  ${line}`)].map((line) => indent + line);
      return [blockOf('yaml', file, [...service, ...environment]), ...kept('.env, beside it, and not in git', secrets)];
    }
    case 'container': {
      const lines = all.flatMap((one) => [
        ...one.comments.map((comment) => `    ${comment}`),
        `    - name: ${one.name}`,
        one.isSecret
          ? `      valueFrom: { secretKeyRef: { name: ${objectOf(one)}, key: ${one.name} } }`
          : `      value: ${yamlScalar(one.value)}`,
      ]);
      return [
        blockOf('yaml', file, [`- name: ${yamlScalar(name ?? 'drone')}`, '  env:', ...lines]),
        ...made(secrets, namespace),
      ];
    }
    case 'data': {
      const lines = open.flatMap((one) => [...one.comments, `${one.name}: ${yamlScalar(one.value)}`]);
      const data = lines.length > 0 ? [blockOf('yaml', file, ['data:', ...lines.map((line) => `  ${line}`)])] : [];
      return [...data, ...made(secrets, namespace)];
    }
    case 'values': {
      const lines = open.flatMap((one) => [...one.comments, `${one.name}: ${yamlScalar(one.value)}`]);
      return [
        blockOf('yaml', file, [
          ...(lines.length > 0 ? ['env:', ...lines.map((line) => `  ${line}`)] : []),
          ...(secrets.length > 0
            ? [...without('env: '), `extraSecretNamesForEnvFrom: [${secrets.map(objectOf).join(', ')}]`]
            : []),
        ]),
        ...made(secrets, namespace),
      ];
    }
    case 'unit': {
      const lines = open.flatMap(({ comments, name: variable, value }) => [
        ...comments,
        `Environment=${/[\s"]/.test(value) ? `"${variable}=${value}"` : `${variable}=${value}`}`,
      ]);
      const own = secrets.length > 0 ? [...without('Environment='), `EnvironmentFile=${secretFile}`] : [];
      return [blockOf('ini', file, ['[Service]', ...lines, ...own]), ...kept(`${secretFile}, of mode 600`, secrets)];
    }
    case 'options': {
      const options = open.map(({ name: variable, value }) =>
        /[^\w./:@=,+-]/.test(value) ? `-e '${variable}=${value}'` : `-e ${variable}=${value}`,
      );
      if (secrets.length > 0) options.unshift(`--env-file=${secretFile}`);
      const comments = [...all.flatMap((each) => each.comments), ...without('-e ')];
      return [
        blockOf('sh', file, [...comments, `docker run ${options.join(' ')} ...`]),
        ...kept(`${secretFile}, of mode 600`, secrets),
      ];
    }
  }
}

function blockOf(language: string, file: string | undefined, lines: readonly string[]): Block {
  const head = file === undefined ? [] : [`# ${file}`];
  return { kind: 'block', language, use: '', text: [...head, ...lines].join('\n') };
}

function composeLine({ name, value, isSecret }: Omit<Setting, 'comments'>, as: Place['as']): string {
  const text = isSecret ? `\${${name}:?set it in .env}` : value;
  return as === 'compose list' ? `- ${yamlScalar(`${name}=${text}`)}` : `${name}: ${yamlScalar(text)}`;
}

/** The lines of a file of its own that holds secrets. */
function kept(file: string, secrets: readonly Setting[]): readonly Block[] {
  const lines = secrets.map(({ name, value }) => `${name}=${value}`);
  return secrets.length > 0 ? [blockOf('ini', file, lines)] : [];
}

/** The name of the Kubernetes Secret of a variable: one for each, so that nothing else has it. */
function objectOf({ name }: Setting): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** The commands that make a Kubernetes Secret of each. */
function made(secrets: readonly Setting[], namespace: string | undefined): readonly Block[] {
  const where = namespace === undefined ? '' : ` --namespace ${namespace}`;
  const commands = secrets.map(
    (one) =>
      `kubectl create secret generic ${objectOf(one)}${where} \\\n  --from-literal=${one.name}="$(${commandOf(one.value)})"`,
  );
  return secrets.length > 0 ? [blockOf('sh', undefined, commands)] : [];
}

function settingsIn(text: string): readonly Setting[] {
  const found: Setting[] = [];
  let comments: string[] = [];
  for (const line of text.split('\n')) {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/.exec(line.trim()) ?? [];
    if (line.startsWith('#')) comments.push(line);
    if (name === undefined || value === undefined) continue;
    found.push({ comments, name, value, isSecret: /^<output of: .*>$/.test(value) });
    comments = [];
  }
  return found;
}

function commandOf(value: string): string {
  return value.replace(/^<output of: (.*)>$/, '$1');
}

/** How many components have the key at a place, by its source and offset. */
const sharedKeys = memoizePer(({ settings }: Installation): ReadonlyMap<Source, ReadonlyMap<number, number>> => {
  const counts = new Map<Source, Map<number, number>>();
  for (const { variables } of settings)
    for (const { keyAt } of variables.values()) {
      const ofSource = counts.get(keyAt.source) ?? new Map<number, number>();
      counts.set(keyAt.source, ofSource.set(keyAt.span.start, (ofSource.get(keyAt.span.start) ?? 0) + 1));
    }
  return counts;
});

/** Where more settings of the component would be written: beside those that there are, rather in the file of a finding. */
function placeOf(settings: Settings, at: Location, installation: Installation): Place {
  const keys = [...settings.variables.values()].map(({ keyAt }) => keyAt);
  const beside = keys.find(({ source }) => source === at.source) ?? keys[0] ?? settings.at;
  const { source, path } = beside;
  const isShared = (sharedKeys(installation).get(source)?.get(beside.span.start) ?? 0) > 1;
  switch (source.form) {
    case 'compose':
      return { source, isShared, as: isListItem(beside) ? 'compose list' : 'compose mapping' };
    case 'systemd':
      return { source, isShared, as: settings.container ? 'options' : 'unit' };
    case 'docker-run':
      return { source, isShared, as: 'options' };
    case 'kubernetes':
      return { source, isShared, as: /\.data\b/.test(path) ? 'data' : 'container' };
    case 'helm-values':
      return { source, isShared, as: 'values' };
    default:
      return { source, isShared, as: 'lines' };
  }
}

/** Whether what is written at a place is an item of a list in YAML. */
function isListItem({ source, span }: Location): boolean {
  const { line } = positionOf(source, span.start);
  const start = lineStarts(source)[line - 1] ?? 0;
  return /^\s*-\s/.test(source.text.slice(start, start + 200)) || source.text[span.start - 1] === '[';
}
