import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

// The tables of docs/architecture.md are the rules; nothing is stated a second time here.

const page = readFileSync('docs/architecture.md', 'utf8');

/** The rows of the table whose first heading is this one, without backticks. */
function tableOf(heading: string): readonly (readonly string[])[] {
  const rows = page.slice(page.indexOf(`\n| ${heading} |`) + 1).split('\n');
  const end = rows.findIndex((row) => !row.startsWith('|'));
  return rows.slice(2, end).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
}

const words = (cell = ''): readonly string[] => cell.split(',').map((word) => word.trim());

interface Room {
  readonly imports: readonly string[];
  readonly node: readonly string[];
}

/** By the name of its folder; `rules/<family>` is every folder of rules, `src` the stages. */
const rooms: ReadonlyMap<string, Room> = new Map(
  tableOf('room').map(([folder = '', , imports, node]) => {
    const name = folder.replace(/\/$/, '');
    return [name, { imports: [name, ...words(imports)], node: words(node) }];
  }),
);
const doors: ReadonlyMap<string, string> = new Map(
  tableOf('package').map(([name = '', file = '']) => [name, `src/${file}`]),
);

const files = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name));

const roomOf = (path: string): string => {
  const [, room = '', family, file] = path.split('/');
  if (family === undefined) return 'src';
  return room === 'rules' && file !== undefined ? 'rules/<family>' : room;
};

const having = (pattern: RegExp, path: string): boolean => pattern.test(readFileSync(path, 'utf8'));

const importsOf = (path: string): { specifier: string; dynamic: boolean; type: boolean }[] => {
  const text = readFileSync(path, 'utf8');
  return [
    ...[...text.matchAll(/^(?:import|export)\b([^'";]*?)from '([^']+)'|^import '([^']+)'/gm)].map((found) => ({
      specifier: found[2] ?? found[3] ?? '',
      dynamic: false,
      type: /^ type\b/.test(found[1] ?? ''),
    })),
    ...[...text.matchAll(/\bimport\('([^']+)'\)/g)].map((found) => ({
      specifier: found[1] ?? '',
      dynamic: true,
      type: false,
    })),
  ];
};

const edges = files.flatMap((file) =>
  importsOf(file).map((imported) => ({
    file,
    ...imported,
    target: imported.specifier.startsWith('.') ? normalize(join(dirname(file), imported.specifier)) : undefined,
  })),
);
const inside = edges.flatMap(({ file, target }) => (target?.startsWith('src/') ? [{ file, target }] : []));

describe('docs/architecture.md', () => {
  it('has tables, and there are files to look at', () => {
    expect(rooms.size).toBeGreaterThan(12);
    expect(doors.size).toBeGreaterThan(6);
    expect(files.length).toBeGreaterThan(400);
    expect(edges.length).toBeGreaterThan(2000);
  });

  it('lists every room and every stage', () => {
    expect([...new Set(files.map(roomOf))].sort()).toEqual([...rooms.keys()].sort());
    const stages = files.filter((file) => roomOf(file) === 'src').map((file) => basename(file));
    expect(tableOf('stage').map(([name]) => name)).toEqual(expect.arrayContaining(stages));
    expect(tableOf('stage')).toHaveLength(stages.length);
  });

  it('names only files and folders that are there', () => {
    const named = [...page.matchAll(/`((?:[\w-]+\/)+[\w.-]*|[\w-]+\.ts)`/g)].map((found) => found[1] ?? '');
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((path) => !existsSync(join('src', path)) && !existsSync(path))).toEqual([]);
  });
});

describe('architecture', () => {
  it('lets each room import only what it may', () => {
    const wrong = inside.filter(({ file, target }) => {
      const imports = rooms.get(roomOf(file))?.imports ?? [];
      return !imports.includes(roomOf(target)) && !imports.includes('all');
    });
    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('keeps each family of rules by itself', () => {
    const wrong = inside.filter(
      ({ file, target }) =>
        roomOf(file) === 'rules/<family>' && roomOf(target) === 'rules/<family>' && dirname(file) !== dirname(target),
    );
    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('tells rules from their helpers by name', () => {
    const wrong = files.filter((file) => {
      if (roomOf(file) !== 'rules/<family>' || basename(file) === 'index.ts') return false;
      const id = /^export default rule\(\{\n {2}id: '([^']+)'/m.exec(readFileSync(file, 'utf8'))?.[1];
      return basename(file).startsWith('_') ? id !== undefined : basename(file) !== `${id}.ts`;
    });
    expect(wrong).toEqual([]);
  });

  it('lets each package in through one door', () => {
    const wrong = edges.filter(
      ({ file, specifier, target }) =>
        target === undefined && !specifier.startsWith('node:') && doors.get(specifier) !== file,
    );
    expect(wrong.map(({ file, specifier }) => `${file} -> ${specifier}`)).toEqual([]);
  });

  it('lets each room use only some modules of Node', () => {
    const wrong = edges.filter(
      ({ file, specifier }) =>
        specifier.startsWith('node:') &&
        !rooms.get(roomOf(file))?.node.includes(specifier.slice('node:'.length).split('/')[0] ?? ''),
    );
    expect(wrong.map(({ file, specifier }) => `${file} -> ${specifier}`)).toEqual([]);
  });

  it('has no circle of imports, types included', () => {
    const next = new Map<string, string[]>();
    for (const { file, target } of inside) next.set(file, [...(next.get(file) ?? []), target]);
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
      if (done.has(file) || way.includes(file)) return;
      for (const target of next.get(file) ?? []) visit(target, [...way, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });

  it('remembers answers in one file only', () => {
    expect(files.filter((file) => /new WeakMap\b(?!<Node, number>)/.test(readFileSync(file, 'utf8')))).toEqual([
      'src/model/memoize.ts',
    ]);
  });

  it('keeps no state in a module', () => {
    const growing = /^(?:export )?const \w+(?:: (?!Readonly)[^=\n]+)? = new (?:Map|Set|WeakMap|WeakSet)\b/m;
    const wrong = files.filter(
      (file) =>
        file !== 'src/model/memoize.ts' && [/^(?:export )?(?:let|var)\b/m, growing].some((each) => having(each, file)),
    );
    expect(wrong).toEqual([]);
  });

  it('imports nothing from outside of src', () => {
    const wrong = edges.filter(
      ({ target }) => target !== undefined && !target.startsWith('src/') && target !== 'package.json',
    );
    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  it('lets only the stages that look use checks and the system', () => {
    const looks = new Map(tableOf('stage').map(([name = '', , what]) => [`src/${name}`, what === 'looks']));
    const reaching = edges.filter(
      ({ file, specifier, target }) =>
        roomOf(file) === 'src' && (target?.startsWith('src/checks/') || /^node:(?!crypto$|path$)/.test(specifier)),
    );
    expect([...new Set(reaching.map(({ file }) => file))].sort()).toEqual(
      [...looks].flatMap(([file, does]) => (does ? [file] : [])).sort(),
    );
  });

  it('asks no network and writes to no console but in checks and cli.ts', () => {
    const wrong = files.filter(
      (file) => file !== 'src/cli.ts' && roomOf(file) !== 'checks' && having(/\bconsole\.|\bfetch\(/, file),
    );
    expect(wrong).toEqual([]);
  });

  it('calls a text masked in one file only', () => {
    const filesWith = (pattern: RegExp) => files.filter((file) => having(pattern, file));
    expect(filesWith(/\bas MaskedText\b/)).toEqual(['src/secrets/mask.ts']);
    expect(filesWith(/import \{[^}]*\bmasked\b[^}]*\} from '[^']*\/mask\.ts'/)).toEqual(['src/secrets/evidence.ts']);
  });

  it('loads the Docker library only when the engine is asked', () => {
    const statics = edges.filter(({ specifier, dynamic, type }) => specifier === 'dockerode' && !dynamic && !type);
    expect(statics.map(({ file }) => file)).toEqual([]);
    const bundle: { outputs: Record<string, { inputs: Record<string, unknown> }> } = JSON.parse(
      readFileSync('dist/meta.json', 'utf8'),
    );
    const packagesIn = (output: string): Set<string> =>
      new Set(
        Object.keys(bundle.outputs[output]?.inputs ?? {}).flatMap(
          (input) => /(?:^|\/)node_modules\/([^/]+)/.exec(input)?.[1] ?? [],
        ),
      );
    expect([...packagesIn('dist/command-line.cjs')].sort()).toEqual(['commander']);
    expect([...packagesIn('dist/scan.cjs')].sort()).toEqual(['chalk', 'ignore', 'leven', 'unbash']);
    expect([...packagesIn('dist/yaml.cjs')].sort()).toEqual(['yaml']);
    for (const file of ['config', 'deployments', 'rest', 'ways'])
      expect([...packagesIn(`dist/${file}.cjs`)]).toEqual([]);
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
});
