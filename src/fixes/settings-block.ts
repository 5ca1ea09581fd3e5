import type { Settings } from '../model/settings.ts';
import { isAnswer, type Location, lineStarts, positionOf, type Source } from '../model/source.ts';
import { type Block, yamlScalar } from './markdown.ts';

/** Where the settings of a component are written, and how. */
interface Place {
  readonly source: Source;
  /** What writes them there. */
  readonly as: 'lines' | 'compose list' | 'compose mapping' | 'unit' | 'options' | 'container' | 'data' | 'values';
}

/** A setting of an `env` block; what a secret is set to is a command, not a value. */
interface Setting {
  readonly name: string;
  readonly value: string;
  readonly isSecret: boolean;
}

/**
 * A block of settings as the file of their component writes them, below its name; `clean` gives names that may be shown.
 * Where nothing is known of that file, the lines of an env file.
 */
export function settingsBlock(
  block: Block,
  settings: Settings,
  at: Location,
  clean: (name: string) => string | undefined,
): readonly Block[] {
  const { source, as } = placeOf(settings, at);
  const parsed = block.text.split('\n').flatMap(settingOf);
  const name = clean(settings.container?.name ?? '');
  const file = clean(source.name);
  const head = file === undefined ? '' : `# ${file}\n`;
  const text = (language: string, lines: readonly string[]): Block => ({
    kind: 'block',
    language,
    use: '',
    text: head + lines.join('\n'),
  });
  const plain = text('ini', [block.text]);
  if (parsed.length === 0 || isAnswer(source.name)) return [{ ...plain, text: block.text }];
  switch (as) {
    case 'lines':
      return [plain];
    case 'compose list':
    case 'compose mapping': {
      const lines = parsed.map((setting) => {
        const value = setting.isSecret ? `\${${setting.name}:?set it in .env}` : setting.value;
        return as === 'compose list'
          ? `- ${yamlScalar(`${setting.name}=${value}`)}`
          : `${setting.name}: ${yamlScalar(value)}`;
      });
      if (name === undefined) return [text('yaml', ['environment:', ...lines.map((line) => `  ${line}`)])];
      const service = ['services:', `  ${yamlScalar(name)}:`, '    environment:'];
      return [text('yaml', [...service, ...lines.map((line) => `      ${line}`)])];
    }
    case 'container': {
      const lines = parsed.flatMap((setting) => [
        `    - name: ${setting.name}`,
        setting.isSecret
          ? `      valueFrom: { secretKeyRef: { name: drone, key: ${keyOf(setting.name)} } }`
          : `      value: ${yamlScalar(setting.value)}`,
      ]);
      return [text('yaml', [`- name: ${yamlScalar(name ?? 'drone')}`, '  env:', ...lines])];
    }
    case 'data':
      return [text('yaml', ['data:', ...parsed.map((one) => `  ${one.name}: ${yamlScalar(one.value)}`)])];
    case 'values': {
      const lines = parsed.filter(({ isSecret }) => !isSecret).map((one) => `  ${one.name}: ${yamlScalar(one.value)}`);
      const secrets = parsed.filter(({ isSecret }) => isSecret).map((one) => one.name);
      return [
        text('yaml', [
          ...(lines.length > 0 ? ['env:', ...lines] : []),
          ...(secrets.length > 0 ? [`extraSecretNamesForEnvFrom: [drone] # a Secret with ${secrets.join(', ')}`] : []),
        ]),
      ];
    }
    case 'unit': {
      const secrets = parsed.filter(({ isSecret }) => isSecret);
      const open = parsed.filter(({ isSecret }) => !isSecret);
      const unit = text('ini', [
        '[Service]',
        ...open.map(
          ({ name, value }) => `Environment=${/[\s"]/.test(value) ? `"${name}=${value}"` : `${name}=${value}`}`,
        ),
        ...(secrets.length > 0 ? [`EnvironmentFile=${secretFile}`] : []),
      ]);
      const lines = secrets.map(({ name, value }) => `${name}=${value}`).join('\n');
      const kept: Block = { kind: 'block', language: 'ini', use: '', text: `# ${secretFile}, of mode 600\n${lines}` };
      return secrets.length > 0 ? [unit, kept] : [unit];
    }
    case 'options': {
      const options = parsed.map(({ name, value, isSecret }) => {
        if (isSecret) return `-e ${name}`;
        return `-e ${/[^\w./:@=,+-]/.test(value) ? `'${name}=${value}'` : `${name}=${value}`}`;
      });
      const secrets = parsed
        .filter(({ isSecret }) => isSecret)
        .map(({ name, value }) => `export ${name}="$(${commandOf(value)})"`);
      return [text('sh', [...secrets, `docker run ${options.join(' ')} ...`])];
    }
  }
}

const secretFile = '/etc/drone/secrets.env';

function settingOf(line: string): readonly Setting[] {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/.exec(line.trim()) ?? [];
  if (name === undefined || value === undefined) return [];
  return [{ name, value, isSecret: /^<output of: .*>$/.test(value) }];
}

function commandOf(value: string): string {
  return value.replace(/^<output of: (.*)>$/, '$1');
}

/** The key of a Kubernetes Secret that holds a variable. */
function keyOf(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** Where more settings of the component would be written: beside those that there are, rather in the file of a finding. */
function placeOf(settings: Settings, at: Location): Place {
  const keys = [...settings.variables.values()].map(({ usedAt, keyAt }) => usedAt ?? keyAt);
  const beside = keys.find(({ source }) => source === at.source) ?? keys[0] ?? settings.at;
  const { source, path } = beside;
  switch (source.form) {
    case 'compose':
      return { source, as: isListItem(beside) ? 'compose list' : 'compose mapping' };
    case 'systemd':
      return { source, as: 'unit' };
    case 'docker-run':
      return { source, as: 'options' };
    case 'kubernetes':
      return { source, as: /\.data\b/.test(path) ? 'data' : 'container' };
    case 'helm-values':
      return { source, as: 'values' };
    default:
      return { source, as: 'lines' };
  }
}

/** Whether what is written at a place is an item of a list in YAML. */
function isListItem({ source, span }: Location): boolean {
  const { line } = positionOf(source, span.start);
  const start = lineStarts(source)[line - 1] ?? 0;
  return /^\s*-\s/.test(source.text.slice(start, start + 200)) || source.text[span.start - 1] === '[';
}
