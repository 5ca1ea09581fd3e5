import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What each layer may import; docs/architecture.md draws the same. `.` is the root of src, the stages of the pipeline. */
const layers: Readonly<Record<string, readonly string[]>> = {
  model: ['model'],
  facts: ['facts', 'model'],
  rules: ['rules', 'model', 'facts'],
  readers: ['readers', 'model', 'facts'],
  checks: ['checks', 'model'],
  reporters: ['reporters', 'model'],
  commands: ['commands', 'model', 'facts', 'reporters', 'rules', 'checks', 'readers', '.'],
  generated: [],
  '.': ['.', 'model', 'facts', 'checks', 'readers', 'generated', 'commands'],
};

/** Each package has one door. */
const doors: Readonly<Record<string, readonly string[]>> = {
  yaml: ['src/readers/yaml/parse.ts'],
  unbash: ['src/shell/parse.ts'],
  commander: ['src/cli.ts'],
  chalk: ['src/reporters/text.ts'],
  dockerode: ['src/checks/engine.ts'],
  ignore: ['src/checks/files.ts'],
  leven: ['src/model/nearest.ts'],
  // Types alone.
  sarif: ['src/reporters/sarif.ts'],
};

/** Built-in modules a layer may use; rules, facts and the model use none. */
const builtIns: Readonly<Record<string, RegExp>> = {
  model: /^$/,
  facts: /^$/,
  rules: /^$/,
  // node:net for isIP alone, which is pure.
  readers: /^node:(?:crypto|path|path\/posix|net)$/,
  reporters: /^node:(?:crypto)$/,
};

const files = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name));

const layerOf = (path: string): string => {
  const parts = path.split('/');
  return parts.length === 2 ? '.' : (parts[1] ?? '.');
};

const importsOf = (path: string): { specifier: string; dynamic: boolean }[] => {
  const text = readFileSync(path, 'utf8');
  return [
    ...[...text.matchAll(/^(?:import|export)\b[^'";]*?from '([^']+)'|^import '([^']+)'/gm)].map((found) => ({
      specifier: found[1] ?? found[2] ?? '',
      dynamic: false,
    })),
    ...[...text.matchAll(/\bimport\('([^']+)'\)/g)].map((found) => ({ specifier: found[1] ?? '', dynamic: true })),
  ];
};

const edges = files.flatMap((file) =>
  importsOf(file).map(({ specifier, dynamic }) => ({
    file,
    specifier,
    dynamic,
    target: specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : undefined,
  })),
);

describe('architecture', () => {
  it('has files to look at', () => {
    expect(files.length).toBeGreaterThan(40);
    expect(edges.length).toBeGreaterThan(100);
  });

  it('lets each layer import only what it may', () => {
    const wrong = edges.filter(({ file, target }) => {
      if (target === undefined || !target.startsWith('src/')) return false;
      return !layers[layerOf(file)]?.includes(layerOf(target));
    });
    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('lets each package in through one door', () => {
    const wrong = edges.filter(
      ({ file, specifier, target }) =>
        target === undefined && !specifier.startsWith('node:') && !doors[specifier]?.includes(file),
    );
    expect(wrong.map(({ file, specifier }) => `${file} -> ${specifier}`)).toEqual([]);
  });

  it('keeps rules, facts and the model pure, readers and reporters without I/O', () => {
    const wrong = edges.filter(({ file, specifier }) => {
      const allowed = builtIns[layerOf(file)];
      return specifier.startsWith('node:') && allowed !== undefined && !allowed.test(specifier);
    });
    expect(wrong.map(({ file, specifier }) => `${file} -> ${specifier}`)).toEqual([]);
  });

  it('loads the Docker library only when the engine is asked', () => {
    const statics = edges.filter(({ specifier, dynamic }) => specifier === 'dockerode' && !dynamic);
    const values = statics.filter(({ file }) => !/import type [^;]*'dockerode'/.test(readFileSync(file, 'utf8')));
    expect(values.map(({ file }) => file)).toEqual([]);
    const bundle: { outputs: Record<string, { inputs: Record<string, unknown> }> } = JSON.parse(
      readFileSync('dist/meta.json', 'utf8'),
    );
    const packagesIn = (output: string): Set<string> =>
      new Set(
        Object.keys(bundle.outputs[output]?.inputs ?? {}).flatMap(
          (input) => /^node_modules\/([^/]+)/.exec(input)?.[1] ?? [],
        ),
      );
    expect([...packagesIn('dist/cli.js')].sort()).toEqual(['commander']);
    expect([...packagesIn('dist/commands.cjs')].sort()).toEqual(['chalk', 'ignore', 'leven', 'unbash', 'yaml']);
    expect([...packagesIn('dist/dockerode.cjs')]).toContain('dockerode');
    const refused = ['ssh2', '@grpc', 'protobufjs', 'cpu-features'];
    expect(refused.filter((name) => packagesIn('dist/dockerode.cjs').has(name))).toEqual([]);
  });

  it('knows the process only in cli.ts', () => {
    const wrong = files.filter(
      (file) =>
        file !== 'src/cli.ts' &&
        /\bprocess\.(?:env|argv|cwd|exit|std|on\b|platform|version|getuid|hrtime|kill|memoryUsage)/.test(
          readFileSync(file, 'utf8'),
        ),
    );
    expect(wrong).toEqual([]);
  });

  it('has no circle of imports', () => {
    const next = new Map<string, string[]>();
    for (const { file, target } of edges) if (target) next.set(file, [...(next.get(file) ?? []), target]);
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
      if (done.has(file) || way.includes(file)) return;
      for (const target of next.get(file) ?? []) visit(target, [...way, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    const ofValues = circles.filter((circle) => !circle.split(' -> ').every((file) => layerOf(file) === 'model'));
    expect(ofValues).toEqual([]);
  });
});
