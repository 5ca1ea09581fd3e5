import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Form, Source } from '../../../src/model/source.ts';
import { type EnvDialect, parseEnv, readEnvFile } from '../../../src/readers/env/file.ts';
import { expectProportional } from '../../support/cost.ts';
import { plain } from '../../support/text.ts';

const dialects: readonly EnvDialect[] = ['compose', 'docker', 'systemd', 'shell', 'godotenv'];

function sourceOf(text: string, form: Form = 'env', name = 'drone.env'): Source {
  return { name, form, text };
}

/** Names and values; an absent value as undefined, a dynamic one as its text behind `?`. */
function read(text: string, dialect: EnvDialect, resolve?: (name: string) => string | undefined) {
  const find = (name: string) => {
    const value = resolve?.(name);
    return value === undefined ? undefined : { text: value };
  };
  const { entries } = parseEnv(sourceOf(text), dialect, { find });
  return entries.map(({ name, value, dynamic }) => [name.value, dynamic ? `?${value?.value}` : value?.value]);
}

type Case = readonly [text: string, entries: readonly (readonly [string, string | undefined])[]];

describe('compose', () => {
  it.each<Case>([
    ['A=1', [['A', '1']]],
    [
      'A=1\r\nB=2\r\n',
      [
        ['A', '1'],
        ['B', '2'],
      ],
    ],
    ['\uFEFFA=1', [['A', '1']]],
    ['# c\n\n  A=1', [['A', '1']]],
    ['export A=1', [['A', '1']]],
    ['exported=1', [['exported', '1']]],
    ['A = 1 ', [['A', '1']]],
    ['A: 1', [['A', '1']]],
    ['A=x # comment', [['A', 'x']]],
    ['A=x#y', [['A', 'x#y']]],
    ['A=x\t# tab', [['A', 'x\t# tab']]],
    ['A= # comment', [['A', '# comment']]],
    ['A=', [['A', '']]],
    ['A="x # y" # z', [['A', 'x # y']]],
    ["A='x $B' ", [['A', 'x $B']]],
    ['A="a\\nb\\"c\\$d\\\\e\\x"', [['A', 'a\nb"c$d\\e\\x']]],
    ['A="\\0101"', [['A', 'A']]],
    ["A='it\\'s'", [['A', "it's"]]],
    [
      'A="1\n2"\nB=3',
      [
        ['A', '1\n2'],
        ['B', '3'],
      ],
    ],
    [
      'A\nB=1\n',
      [
        ['A', undefined],
        ['B', '1'],
      ],
    ],
    [
      'A=1\nB=$A${A}',
      [
        ['A', '1'],
        ['B', '11'],
      ],
    ],
    ['A=$$x', [['A', '$x']]],
    ['A=$X', [['A', '?$X']]],
    ['A=${X:-d}', [['A', 'd']]],
    ['A=${X-${Y:-e}}f', [['A', 'ef']]],
    [
      'A=\nB=${A:-d}\nC=${A-d}',
      [
        ['A', ''],
        ['B', 'd'],
        ['C', ''],
      ],
    ],
    [
      'A=1\nB=${A:-${X}}',
      [
        ['A', '1'],
        ['B', '1'],
      ],
    ],
    ['A=${X:?no}', [['A', '?${X:?no}']]],
    [
      'A=1\nB=${A:+x}',
      [
        ['A', '1'],
        ['B', 'x'],
      ],
    ],
    ['A=${', [['A', '?${']]],
    ['A=5$', [['A', '5$']]],
    ['bad key=1\nB=2', [['B', '2']]],
    ['a!=1\nB=2', [['B', '2']]],
    [
      "A='open\nB=2",
      [
        ['A', "?'open"],
        ['B', '2'],
      ],
    ],
  ])('%j', (text, entries) => expect(read(text, 'compose')).toEqual(entries));

  it('asks the caller before the file', () => {
    expect(read('A=1\nB=$A$X', 'compose', (name) => ({ A: '2', X: '3' })[name])).toEqual([
      ['A', '1'],
      ['B', '23'],
    ]);
  });
});

describe('docker', () => {
  it.each<Case>([
    ['A=1', [['A', '1']]],
    [
      'A=1\r\nB=2',
      [
        ['A', '1'],
        ['B', '2'],
      ],
    ],
    ['\uFEFFA=1', [['A', '1']]],
    ['A="x"', [['A', '"x"']]],
    ["A='x'", [['A', "'x'"]]],
    ['A=x # c', [['A', 'x # c']]],
    ['A=x ', [['A', 'x ']]],
    ['A= x', [['A', ' x']]],
    ['  A=1', [['A', '1']]],
    ['# A=1\n#B', []],
    ['A', [['A', undefined]]],
    ['A=$B', [['A', '$B']]],
    ['A=b=c', [['A', 'b=c']]],
    ['A="open', [['A', '"open']]],
    ['=x\nA=1', [['A', '1']]],
  ])('%j', (text, entries) => expect(read(text, 'docker')).toEqual(entries));

  it.each(['export A=1', 'A =1', '=1', `A=${'x'.repeat(70_000)}`])('refuses %.20j', (text) => {
    expect(parseEnv(sourceOf(text), 'docker').problems).toHaveLength(1);
  });
});

describe('systemd', () => {
  it.each<Case>([
    ['A=1', [['A', '1']]],
    [
      'A=1\r\nB=2',
      [
        ['A', '1'],
        ['B', '2'],
      ],
    ],
    ['; c\n# c\n A = 1 ', [['A', '1']]],
    ['A=x # c', [['A', 'x # c']]],
    ['A="x y" # c', [['A', 'x y# c']]],
    ['A="x"\'y\'', [['A', 'xy']]],
    ['A=a"b"', [['A', 'a"b"']]],
    ['A=one\\\ntwo', [['A', 'onetwo']]],
    ['A="one\\\ntwo"', [['A', 'onetwo']]],
    ['A="1\n2"', [['A', '1\n2']]],
    ["A='a\\b'", [['A', 'a\\b']]],
    ['A="a\\"b\\n\\$c"', [['A', 'a"b\\n$c']]],
    ['A=a\\ b', [['A', 'a b']]],
    ['A=$B${C}', [['A', '$B${C}']]],
    ['A=', [['A', '']]],
    ['A="open', [['A', 'open']]],
    ['# c \\\nA=1', [['A', '1']]],
    ['just words\nA=1', [['A', '1']]],
  ])('%j', (text, entries) => expect(read(text, 'systemd')).toEqual(entries));

  it('tells of an export that systemd ignores', () => {
    expect(parseEnv(sourceOf('export A=1'), 'systemd').problems).toMatchObject([{ line: 1, kind: 'malformed' }]);
    expect(read('export A=1\nB C=2\n1D=3\nE-F=4\nG=5\u000b6\nH=7\t8', 'systemd')).toEqual([['H', '7\t8']]);
  });
});

describe('godotenv', () => {
  it.each<Case>([
    ['A=1', [['A', '1']]],
    [
      'A=1\r\nB=2',
      [
        ['A', '1'],
        ['B', '2'],
      ],
    ],
    ['A=abc#def', [['A', 'abc']]],
    ['A="abc#def" # c', [['A', 'abc#def']]],
    ['A: 1', [['A', '1']]],
    ['export A=1', [['A', '1']]],
    ["A='$B'", [['A', '$B']]],
    ['A="x\\ny\\"z"', [['A', 'x\ny"z']]],
    [
      'A=1\nB=$A-${A}',
      [
        ['A', '1'],
        ['B', '1-1'],
      ],
    ],
    ['B=x${NONE}y', [['B', 'xy']]],
    ['B=\\$A', [['B', '$A']]],
    ['A', []],
    ['\n # c\n', []],
  ])('%j', (text, entries) => expect(read(text, 'godotenv')).toEqual(entries));
});

describe('shell', () => {
  it.each<Case>([
    ['A=1', [['A', '1']]],
    [
      'export A=1 B="2 3"\n',
      [
        ['A', '1'],
        ['B', '2 3'],
      ],
    ],
    ["declare -x A='a b' # c", [['A', 'a b']]],
    ['A=a"b"\'c\'d', [['A', 'abcd']]],
    ['A=a\\ b', [['A', 'a b']]],
    ['A=one\\\ntwo', [['A', 'onetwo']]],
    ['A="$(cat file)"', [['A', '?$(cat file)']]],
    [
      'A=$(cat file) B=1',
      [
        ['A', '?$(cat file)'],
        ['B', '1'],
      ],
    ],
    ['A=`cat file`', [['A', '?`cat file`']]],
    ['A="x${B}"', [['A', '?x${B}']]],
    ['A="5$"', [['A', '5$']]],
    ["A='$B'", [['A', '$B']]],
    [
      'A=1; B=2 && C=3',
      [
        ['A', '1'],
        ['B', '2'],
        ['C', '3'],
      ],
    ],
    ['A=1\nexport A', [['A', '1']]],
    ['export A', [['A', undefined]]],
    ['echo A=1', []],
    ['A=1 run --now C=3', []],
    // What does not last, or is no value: a prefix of a command, a subshell, a pipe, the background, a function.
    ['A=a b', []],
    ['A= "a"', []],
    ['(A=1)', []],
    ['A=a|b', []],
    ['A=a&', []],
    ['f() { A=1; }', []],
    ['f() { A=1; }\nf', [['A', '?1']]],
    ['cat <<EOF\nA=1\nEOF\nB=2', [['B', '2']]],
    ['A=(1 2)\nA[0]=1', []],
    ['A=1\nunset A', []],
    ['A=1\nexport -n A', []],
    ['set +a\nA=1\nexport B=2', [['B', '2']]],
    ['A=1\nreturn 0\nB=2', [['A', '1']]],
    // Branches.
    ['if false; then A=1; else B=2; fi', [['B', '2']]],
    ['if true; then A=1; elif x; then B=2; else C=3; fi', [['A', '1']]],
    ['false && A=1\ntrue || B=2\nfalse || C=3', [['C', '3']]],
    ['case prod in p) A=1;; prod) A=2;; *) A=3;; esac', [['A', '2']]],
    ['case $X in p) A=1;; esac', [['A', '?1']]],
    ['A=1\n[ "$X" ] && A=2', [['A', '?2']]],
    ['A=1\nif x; then unset A; fi', [['A', '?1']]],
    ['while false; do A=1; done\nwhile x; do B=2; done', [['B', '?2']]],
    // Values of values.
    [
      'A=1\nB=$A-${A}\nA=$A:2\nA+=3',
      [
        ['B', '1-1'],
        ['A', '1:23'],
      ],
    ],
    ['A=${X:-a b}${Y-${Z:-c}}', [['A', 'a bc']]],
    [
      'A=1\nB=${A:-2}${A:+3}${A:0:1}$((2*3))',
      [
        ['A', '1'],
        ['B', '1316'],
      ],
    ],
    [
      'A=\nB=${A:-2}${A-3}${A:+4}',
      [
        ['A', ''],
        ['B', '2'],
      ],
    ],
    [': ${A:=1}', [['A', '1']]],
    ['A=5\n: ${A:=1}', [['A', '5']]],
    ['eval "A=1"\neval "$X"', [['A', '1']]],
    ['A=5$', [['A', '5$']]],
    // Nothing is read from a syntax error on.
    ['A=1\n;B=2\nC=3', [['A', '1']]],
    ['A=1\nB="2\nC=3', [['A', '1']]],
    ["A=1\nB='a\\'b'\nC=3", [['A', '1']]],
    ['if [ -n "$X" ]; then\n  A=1\nfi', [['A', '?1']]],
    [
      'export A=1\r\nexport B=2\r\n',
      [
        ['A', '1'],
        ['B', '2'],
      ],
    ],
  ])('%j', (text, entries) => expect(read(text, 'shell')).toEqual(entries));
});

describe('every dialect', () => {
  const texts = fc.array(
    fc.constantFrom(
      'A',
      'B=',
      '=',
      '"',
      "'",
      '\\',
      '\n',
      '\r\n',
      '$',
      '{',
      '}',
      '$A',
      '${A:-',
      '#',
      ' ',
      ';',
      'x',
      '(',
      ')',
      '`',
      ':',
      ',',
      'é',
      '😀',
    ),
    { maxLength: 40 },
  );

  it('never throws, and its spans are within the text and hold what stands there unchanged', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(...dialects), (pieces, dialect) => {
        const text = pieces.join('');
        for (const { name, value } of parseEnv(sourceOf(text), dialect).entries)
          for (const located of value ? [name, value] : [name]) {
            const { start, end } = located.at.span;
            expect(start).toBeGreaterThanOrEqual(0);
            expect(start).toBeLessThanOrEqual(end);
            expect(end).toBeLessThanOrEqual(text.length);
          }
      }),
      { numRuns: 2000 },
    );
  });

  it.each(dialects)('finds plain and quoted values exactly where they are: %s', (dialect) => {
    const text = 'FIRST=plain\nSECOND="quoted value"\n';
    for (const { value } of parseEnv(sourceOf(text), dialect).entries)
      expect(value && text.slice(value.at.span.start, value.at.span.end)).toBe(value?.value);
  });

  const hostile: readonly [string, (scale: number) => string][] = [
    ['a line of a million characters', (scale) => `A=${'x'.repeat(1_000_000 * scale)}`],
    ['a hundred thousand lines', (scale) => 'NAME_OF_IT=value\n'.repeat(100_000 * scale)],
    ['lines without sign', (scale) => 'word\n'.repeat(100_000 * scale)],
    ['quotes that never close', (scale) => 'A="x\n'.repeat(100_001 * scale)],
    ['escaped quotes', (scale) => "A='\\'\n".repeat(100_000 * scale)],
    [
      'references to references',
      (scale) =>
        Array.from({ length: 5000 * scale }, (_, i) => `A${i + 1}=$A${i}$A${i}`)
          .join('\n')
          .replace('$A0$A0', 'xxxx'),
    ],
    ['open braces', (scale) => `A=${'${B:-'.repeat(100_000 * scale)}`],
    ['open substitutions', (scale) => `A=${'$('.repeat(200_000 * scale)}`],
    ['blanks', (scale) => ' \t'.repeat(500_000 * scale)],
    ['signs', (scale) => '='.repeat(500_000 * scale)],
    ['comments', (scale) => '#'.repeat(1_000_000 * scale)],
    ['control characters', (scale) => '\0\u0001\u007F'.repeat(100_000 * scale)],
  ];
  it.each(hostile)('is quick with %s', (_, text) => {
    for (const dialect of dialects)
      expectProportional((scale) => {
        const { problems } = parseEnv(sourceOf(text(scale)), dialect);
        expect(problems.length).toBeLessThanOrEqual(20);
      });
    expectProportional((scale) => readEnvFile(sourceOf(text(scale))));
  });
});

describe('an env file on its own', () => {
  it('is the settings of one component', () => {
    const reading = readEnvFile(sourceOf('DRONE_RPC_HOST=drone.example.com\nDRONE_RPC_SECRET=q8Zt\n'));
    expect(plain(reading.settings)).toMatchObject([
      { owner: 'drone.env', label: 'drone.env', role: 'runner-docker', complete: true, live: false },
    ]);
    expect(reading.settings[0]?.variables.get('DRONE_RPC_SECRET')).toMatchObject({
      heldBy: 'env-file',
      secret: { length: 4 },
    });
  });

  it('keeps quotes only where docker reads it', () => {
    const text = 'DRONE_RPC_HOST=h\nDRONE_RPC_SECRET="q8Zt"\n';
    const valueAs = (form: Form) =>
      readEnvFile(sourceOf(text, form)).settings[0]?.variables.get('DRONE_RPC_SECRET')?.value;
    expect(valueAs('env')).toBe('q8Zt');
    expect(valueAs('docker-env')).toBe('"q8Zt"');
    expect(plain(readEnvFile(sourceOf(text)).unknown)).toMatchObject([{ message: expect.stringContaining('line 2') }]);
    expect(readEnvFile(sourceOf(text, 'docker-env')).unknown).toEqual([]);
  });

  it('is not known as a whole without a role, or as an unrendered template', () => {
    expect(readEnvFile(sourceOf('DRONE_LOGS_DEBUG=true')).settings).toMatchObject([
      { role: 'unknown', complete: false },
    ]);
    expect(readEnvFile(sourceOf('DRONE_USER_CREATE=x', 'env', 'drone.env.j2')).settings).toMatchObject([
      { role: 'server', complete: false },
    ]);
  });

  it('is no component as a template beside a compose file, but its secrets are known', () => {
    const text = 'DRONE_GITEA_SERVER=https://git.example.com\nDRONE_RPC_SECRET=q8Zt\n';
    for (const name of ['.env.example', 'drone.env.sample', '.env.dist', '.env.template']) {
      const reading = readEnvFile(sourceOf(text, 'env', name), true);
      expect(plain(reading.settings)).toMatchObject([
        { role: 'unknown', complete: false, gaps: [`"${name}" is a template for another file`] },
      ]);
      expect(reading.settings[0]?.variables.get('DRONE_RPC_SECRET')).toMatchObject({ secret: { length: 4 } });
      expect(reading.secrets).toHaveLength(1);
    }
    expect(readEnvFile(sourceOf(text, 'env', '.env.example')).settings).toMatchObject([
      { role: 'server', complete: true },
    ]);
    expect(readEnvFile(sourceOf(text, 'env', 'drone.env'), true).settings).toMatchObject([
      { role: 'server', complete: true },
    ]);
  });

  it('is nothing of Drone without its variables, but its secrets are known', () => {
    const reading = readEnvFile(sourceOf('POSTGRES_PASSWORD=hunter2\n!bad'));
    expect(reading.settings).toEqual([]);
    expect(reading.problems).toEqual([]);
    expect(reading.secrets).toHaveLength(1);
  });

  it('reads exports of a script, and leaves what it computes unresolved', () => {
    const text = '#!/bin/sh\nset -e\nexport DRONE_RPC_HOST=h\nexport DRONE_RPC_SECRET=$(cat /run/secret)\n';
    const variables = readEnvFile(sourceOf(text, 'env', 'start.sh')).settings[0]?.variables;
    expect(variables?.get('DRONE_RPC_SECRET')).toMatchObject({ origin: 'unresolved' });
    expect(variables?.get('DRONE_RPC_SECRET')?.value).toBeUndefined();
  });

  it('masks secrets that are commented out', () => {
    const text =
      '#DRONE_RPC_SECRET=Canary1\n# export DB_PASSWORD: Canary2\n#DRONE_USER_CREATE=username:a,token:Canary3\nDRONE_RPC_HOST=h';
    const { secrets } = readEnvFile(sourceOf(text));
    expect(secrets.map(({ span }) => text.slice(span.start, span.end))).toEqual(['Canary1', 'Canary2', 'Canary3']);
  });
});
