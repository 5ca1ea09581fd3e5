import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../src/judge.ts';
import type { Script } from '../../src/model/pipeline.ts';
import type { Reading } from '../../src/model/reading.ts';
import { unknownSite } from '../../src/model/site.ts';
import type { Source } from '../../src/model/source.ts';
import { read } from '../../src/read.ts';
import { readScript } from '../../src/readers/script/script.ts';
import { type Language, type Token, tokensOf } from '../../src/readers/script/tokens.ts';
import { allRules } from '../../src/rules/all.ts';
import { maskFor } from '../../src/secrets/mask.ts';
import { readComments } from '../../src/suppress.ts';
import { auditFolder, everything } from '../support/audit-folder.ts';
import { temporaryFolder } from '../support/cli.ts';
import { expectProportional } from '../support/cost.ts';
import { plain } from '../support/text.ts';

const languages = ['starlark', 'jsonnet'] as const;
const sourceOf = (form: Language, text: string): Source => ({
  name: form === 'starlark' ? '.drone.star' : '.drone.jsonnet',
  form,
  text,
});

function readingOf(language: Language, text: string): { readonly reading: Reading; readonly script: Script } {
  const reading = readScript(sourceOf(language, text));
  const script = reading.pipelines[0]?.script;
  if (!script) throw new Error('a program is read as one');
  return { reading, script };
}

/** Each part as `kind value`. */
const parts = (language: Language, text: string): string[] =>
  tokensOf(text, language).map(({ kind, value }) => `${kind} ${value}`);

/** What the strings of a text stand for. */
const strings = (language: Language, text: string): string[] =>
  tokensOf(text, language).flatMap(({ kind, value }) => (kind === 'string' ? [value] : []));

/** `name` of each decision, with `*` where secrets are at stake. */
const decisions = (language: Language, text: string): string[] =>
  readingOf(language, text).script.decisions.map(({ name, withSecrets }) => `${name}${withSecrets ? '*' : ''}`);

const keys = (language: Language, text: string): (string | undefined)[] =>
  readingOf(language, text).script.texts.map(({ key }) => key);

describe('parts of Starlark', () => {
  it.each<[string, string[]]>([
    [`"a" 'b' "it's" 'say "x"'`, ['a', 'b', "it's", 'say "x"']],
    ['"""a\n"b" ""c""" \'\'\'d\'\'\'', ['a\n"b" ""c', 'd']],
    [String.raw`"\n\t\\\"\x41\u00e9\U0001F600\101\q"`, ['\n\t\\"A\u00e9\u{1F600}A\\q']],
    [String.raw`r"\n\"" b"\n" rb"\n" R'\d'`, [String.raw`\n\"`, '\n', String.raw`\n`, String.raw`\d`]],
    ['"a\\\nb"', ['ab']],
    // A string ends with its line, unless there are three quotes.
    ['"open\n"closed"', ['open', 'closed']],
    ['"""open\n"closed"', ['open\n"closed"']],
    ['"open\\', ['open\\']],
  ])('of %j', (text, wanted) => {
    expect(strings('starlark', text)).toEqual(wanted);
  });

  it('are names, numbers, signs and comments', () => {
    expect(parts('starlark', 'if x_1 == 0x1F: # "no"\n  y+=1.5')).toEqual([
      'name if',
      'name x_1',
      'sign ==',
      'number 0x1F',
      'sign :',
      'comment  "no"',
      'line end \n',
      'name y',
      'sign +=',
      'number 1.5',
    ]);
  });

  it('have ends of lines, but not within brackets and behind a backslash', () => {
    const ends = (text: string): number => tokensOf(text, 'starlark').filter(({ kind }) => kind === 'line end').length;
    expect(ends('a\nb\n')).toBe(2);
    expect(ends('f(\n[\n{\n}\n]\n)\n')).toBe(1);
    expect(ends('a = \\\n  b\n')).toBe(1);
    expect(ends(')]}\n')).toBe(1);
  });
});

describe('parts of Jsonnet', () => {
  it.each<[string, string[]]>([
    [`"a\nb" 'c'`, ['a\nb', 'c']],
    [String.raw`"\"\\\/\n\u00e9\q"`, ['"\\/\n\u00e9\\q']],
    [String.raw`@"a\n""b""" @'it''s'`, [String.raw`a\n"b"`, "it's"]],
    ['|||\n  a\n    b\n\n  c\n||| + "d"', ['a\n  b\n\nc\n', 'd']],
    ['|||-\n\ta\n|||', ['a\n']],
    ['|||\nflat\n|||', ['']],
    ['|||\n  open "x"\n', ['open "x"\n']],
    ['"open', ['open']],
    ["@'open", ['open']],
  ])('of %j', (text, wanted) => {
    expect(strings('jsonnet', text)).toEqual(wanted);
  });

  it('are names, numbers, signs and three sorts of comments', () => {
    expect(parts('jsonnet', '{a+:: 1} // one\n# two\n/* three\n*/ x || y /* open')).toEqual([
      'sign {',
      'name a',
      'sign +',
      'sign :',
      'sign :',
      'number 1',
      'sign }',
      'comment  one',
      'comment  two',
      'comment  three\n',
      'name x',
      'sign |',
      'sign |',
      'name y',
      'comment  open',
    ]);
  });
});

/** Text that is made of what the languages are made of, whole and broken. */
const programs = fc
  .array(
    fc.constantFrom(
      ...['"', "'", '"""', "'''", '|||', '|||\n  ', '@"', '\\', '\n', '\r\n', ' ', '  ', '#', '//', '/*', '*/'],
      ...[
        '(',
        ')',
        '[',
        ']',
        '{',
        '}',
        ':',
        '::',
        '=',
        '==',
        ',',
        ';',
        '.',
        'r"',
        'b',
        '0x',
        '7',
        '\u00e9',
        '\u{1F600}',
      ],
      ...['if ', 'elif ', 'else ', 'then ', 'for ', 'in ', 'local ', 'lambda ', 'def main(ctx)', 'x', 'password'],
      ...['ctx.build.message', 'ctx.build', 'std.extVar("build.title")', 'from_secret', 'https://a:b@c.example.com/'],
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''));

describe('any text', () => {
  const isWhole = (text: string, token: Token, language: Language): void => {
    const written = text.slice(token.start, token.end);
    const inner = text.slice(token.innerStart, token.innerEnd);
    expect(token.start).toBeLessThan(token.end);
    expect(token.innerStart).toBeGreaterThanOrEqual(token.start);
    expect(token.innerStart).toBeLessThanOrEqual(token.innerEnd);
    expect(token.innerEnd).toBeLessThanOrEqual(token.end);
    if (token.kind === 'string') expect(written).toMatch(/^(?:[rRbB]{0,2}["']|@["']|\|\|\|)/);
    else expect(written).toContain(token.value);
    if (token.kind === 'comment') expect(inner).toBe(token.value);
    else if (token.kind !== 'string') expect(written).toBe(token.value);
    if (token.kind === 'string' && !inner.includes('\\') && language === 'starlark') expect(token.value).toBe(inner);
  };

  it.each(languages)('of %s is cut into parts whose places hold them, with nothing but space between', (language) => {
    fc.assert(
      fc.property(fc.oneof(programs, fc.string({ unit: 'binary' })), (text) => {
        let done = 0;
        for (const token of tokensOf(text, language)) {
          isWhole(text, token, language);
          expect(text.slice(done, token.start)).toMatch(/^(?:\s|\\\r?\n)*$/);
          done = token.end;
        }
        expect(text.slice(done)).toMatch(/^(?:\s|\\\r?\n)*$/);
      }),
      { numRuns: 300 },
    );
  });

  it.each(languages)('of %s has strings, comments and decisions in their places', (language) => {
    fc.assert(
      fc.property(programs, (text) => {
        const { reading, script } = readingOf(language, text);
        for (const { value, at } of script.texts)
          if (at.span.end - at.span.start === value.length && !/[\\|@]/.test(text))
            expect(text.slice(at.span.start, at.span.end)).toBe(value);
        for (const { at } of [...script.decisions, ...reading.secrets.map((at) => ({ at }))]) {
          expect(at.span.start).toBeLessThan(at.span.end);
          expect(at.span.end).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('keys of strings', () => {
  it('are those of the map that has them as a value, and nothing but them', () => {
    expect(keys('starlark', '{"a": "1", "b": "2" + c, "d": "3"}')).toEqual([
      ...[undefined, 'a'],
      ...[undefined, undefined],
      ...[undefined, 'd'],
    ]);
    expect(keys('starlark', '{\n  # of b\n  "a":\n    "1", # of c\n}')).toEqual([undefined, undefined, 'a', undefined]);
    expect(keys('starlark', '{name: "1"}\nx["a":"b"]\nf(a = "1")\n{"a": "%s" % b}')).not.toContain('a');
    expect(keys('starlark', '{"a\\nb": "1", "": "2"}')).toEqual([undefined, undefined, undefined]);
    expect(keys('jsonnet', `{a: '1', 'b'+: '2', c::: '3', d+::: '4'}`)).toEqual(['a', undefined, 'b', 'c', 'd']);
    expect(keys('jsonnet', `{[a]: '1', b: '2' + c, d: '3'[0], local e = '4'}`)).toEqual(Array(4).fill(undefined));
  });
});

describe('decisions of Starlark', () => {
  const inMain = (...lines: string[]): string => `def main(ctx):\n${lines.map((line) => `  ${line}\n`).join('')}`;

  it.each<[string, string[]]>([
    ['if "x" in ctx.build.message: pass', ['build.message']],
    ['if f(ctx.build.title.lower()): pass', ['build.title']],
    ['if ctx.build.branch == "main" and ctx.build.author_email.endswith("@example.com"): pass', ['build.author_email']],
    ['if getattr(ctx.build, "source", "") == "main": pass', ['build.source']],
    ['return a if ctx.build.source == "x" else b', ['build.source']],
    ['return [a for a in b if a in ctx.build.title if c]', ['build.title']],
    ['x = (lambda: 1 if ctx.build.title else 2)', ['build.title']],
    ['return {"a": 1 if ctx.build.title else 2, "b": ctx.build.message}', ['build.title']],
    ['return ctx.build.title if ctx.build.event == "push" else ctx.build.message', []],
    ['if ctx.build.event == "push": print(ctx.build.message)', []],
    ['if ctx.build.sender == "octocat": pass', []],
    ['if ctx.repo.message: pass', []],
    ['if other.build.message or x.ctx.build.message: pass', []],
    // Structs have no index: Drone ends such a build with an error.
    ['if ctx.build["message"]: pass', []],
    ['# if ctx.build.message: pass', []],
  ])('%s', (line, wanted) => {
    expect(decisions('starlark', inMain(line))).toEqual(wanted);
  });

  it('see through names of the same function', () => {
    const use = 'if a: pass';
    expect(decisions('starlark', inMain('a = ctx.build.message', use))).toEqual(['build.message']);
    expect(decisions('starlark', inMain('b = ctx.build', 'a = b.title.strip("x")', use))).toEqual(['build.title']);
    expect(decisions('starlark', inMain('a = (x and ctx.build.source == "y")', use))).toEqual(['build.source']);
    expect(decisions('starlark', inMain('a = ctx.build.message', 'a = 1', use))).toEqual([]);
    expect(decisions('starlark', inMain('a = steps(ctx.build.message)', use))).toEqual([]);
    expect(decisions('starlark', inMain('a = {"b": ctx.build.message}', use))).toEqual([]);
    expect(decisions('starlark', `${inMain('a = ctx.build.message')}def f():\n  ${use}\n`)).toEqual([]);
    expect(decisions('starlark', 'def main(c):\n  if c.build.title: pass\n  if ctx.build.title: pass\n')).toEqual([
      'build.title',
    ]);
  });

  it('are about secrets where these stand in what they guard', () => {
    const secret = 's = {"from_secret": "token"}';
    const test = 'if ctx.build.title:';
    expect(decisions('starlark', inMain(test, `  ${secret}`, secret))).toEqual(['build.title*']);
    expect(decisions('starlark', inMain(test, '  a()', secret))).toEqual(['build.title']);
    expect(decisions('starlark', inMain(secret, test, '  a()', '', '# from_secret', 'b()', secret))).toEqual([
      'build.title',
    ]);
    expect(decisions('starlark', inMain(test, '  a()', 'else:', `  ${secret}`))).toEqual(['build.title*']);
    expect(decisions('starlark', inMain(`${test} ${secret}`))).toEqual(['build.title*']);
    expect(decisions('starlark', inMain('if a:', `  ${test}`, '    b()', `  ${secret}`))).toEqual(['build.title']);
    expect(decisions('starlark', inMain('a = {"from_secret": "x"} if ctx.build.title else 1'))).toEqual([
      'build.title*',
    ]);
    expect(decisions('starlark', inMain('a = [{"from_secret": "x"}, 2 if ctx.build.title else 1]'))).toEqual([
      'build.title',
    ]);
  });
});

describe('decisions of Jsonnet', () => {
  it.each<[string, string[]]>([
    [`if std.extVar('build.message') == 'x' then 1`, ['build.message']],
    [`if std.startsWith(std.extVar("build.source"), 'x') then 1 else 2`, ['build.source']],
    [`if local a = 1; std.extVar('build.title') == a then 1`, ['build.title']],
    [`if if std.extVar('build.title') == '' then a else b then 1`, ['build.title']],
    [`[a for a in b if a == std.extVar('build.title') if c]`, ['build.title']],
    [`local a = std.asciiLower(std.extVar('build.title')); if a == 'x' then 1`, ['build.title']],
    [`local a = 1, b = std.extVar('build.title') == 'x'; if b then 1`, ['build.title']],
    [`local a = f(std.extVar('build.title')); if a == 'x' then 1`, []],
    [`local a = std.extVar('build.title'); local a = 1; if a == 1 then 1`, []],
    [`if std.extVar('build.event') == 'push' then std.extVar('build.title')`, []],
    [`if std.extVar('build.param.message') == 'x' then 1`, []],
    [`if 'std.extVar("build.title")' == a then 1`, []],
    [`{a: if b then 1, c: std.extVar('build.title')}`, []],
  ])('%s', (text, wanted) => {
    expect(decisions('jsonnet', text)).toEqual(wanted);
  });

  it('are about secrets where these stand in what they guard', () => {
    const test = "if std.extVar('build.title') == 'x'";
    const secret = "{ from_secret: 'token' }";
    expect(decisions('jsonnet', `${test} then ${secret}`)).toEqual(['build.title*']);
    expect(decisions('jsonnet', `${test} then 1 else { 'from_secret': 'x' }`)).toEqual(['build.title*']);
    expect(decisions('jsonnet', `[${test} then 1 else 2, ${secret}]`)).toEqual(['build.title']);
    expect(decisions('jsonnet', `local a = ${secret}; ${test} then a`)).toEqual(['build.title']);
    expect(decisions('jsonnet', `if a then (${test} then 1) else ${secret}`)).toEqual(['build.title']);
  });
});

describe('a program', () => {
  const token = 'ghp_Kq7RzW2mVx9TnB4cLdY8sHj3PfG6aEuQ1ZtX';
  const password = '9f3Kx7Qz2RwTn5Lm8Yd4';
  const texts: Readonly<Record<Language, string>> = {
    starlark: `# token ${token}\ndef main(ctx):\n  if ctx.build.message: pass\n  return {"kind": "pipeline", "type": "exec", "password": "${password}", "x": "https://ci:Xk\\u003982hT@git.example.org"}\n`,
    jsonnet: `// token ${token}\n{ kind: 'pipeline', type: 'exec', [if std.extVar('build.title') == '' then 'a']: 1, password: '${password}', x: "https://ci:Xk\\u003982hT@git.example.org" }\n`,
  };

  it.each(languages)('of %s stays a gap of the audit', (language) => {
    const { reading } = readingOf(language, texts[language]);
    expect(plain(reading.unknown)).toMatchObject([
      { message: `${language} is not evaluated; audit what "drone ${language} --stdout" prints` },
    ]);
    expect(reading.streams).toEqual([]);
    expect(reading.problems).toEqual([]);
    expect(reading.pipelines).toMatchObject([{ steps: [], services: [] }]);
  });

  it.each(languages)('of %s is judged by the rules that need its text alone', (language) => {
    const { installation } = read([sourceOf(language, texts[language])], () => {
      throw new Error('a program names no file');
    });
    const { verdicts, undecided } = judge(installation, allRules, { ...unknownSite, allRunners: true, scm: 'public' });
    expect([...new Set(verdicts.map(({ rule }) => rule.id))]).toEqual(['hardcoded-secret', 'text-based-decision']);
    expect(verdicts.filter(({ rule }) => rule.id === 'hardcoded-secret').map(({ hit }) => plain(hit.message))).toEqual([
      'a token of GitHub is written in a comment',
      'the credential in "password" is written out',
      'the password in a URL is written in "x"',
    ]);
    expect(verdicts.every(({ hit }) => hit.reach === undefined)).toBe(true);
    expect(undecided).toEqual([]);
  });

  it.each(languages)('of %s never shows its secrets', (language) => {
    const source = sourceOf(language, texts[language]);
    const masked = maskFor(readScript(source).secrets).source(source).text;
    expect(masked).toHaveLength(source.text.length);
    for (const secret of [token, password, '82hT']) expect(masked).not.toContain(secret);
    expect(masked).toContain('kind');
  });

  it.each([
    ['.drone.star', '# drone-audit: ignore[hardcoded-secret] revoked', `x = {"password": "${password}"}`],
    ['.drone.jsonnet', '# drone-audit: ignore[hardcoded-secret] revoked', `{ password: '${password}' }`],
    ['.drone.jsonnet', '// drone-audit: ignore[hardcoded-secret] revoked', `{ password: '${password}' }`],
  ])(
    '%s: "%s" suppresses on the line and before it, and the fingerprint does not know lines',
    async (name, comment, line) => {
      const found = async (text: string) => {
        const folder = join(temporaryFolder(), 'repository');
        mkdirSync(folder);
        writeFileSync(join(folder, name), text);
        const { findings, problems, coverage, exitCode } = await auditFolder(folder, everything);
        expect(problems).toEqual([]);
        expect(coverage.unknown).toMatchObject([
          { source: name, message: expect.stringContaining('is not evaluated') },
        ]);
        expect(JSON.stringify(findings)).not.toContain(password);
        return {
          exitCode,
          fingerprints: findings.map(({ fingerprint }) => fingerprint),
          by: findings[0]?.suppressed?.by,
        };
      };
      const open = await found(`${line}\n`);
      expect(open).toMatchObject({ by: undefined, fingerprints: [expect.any(String)] });
      for (const text of [`${comment}\n${line}\n`, `${line} ${comment}\n`, `\n\n${comment}\n\n${line}\n`])
        expect(await found(text)).toMatchObject({ by: 'comment', fingerprints: open.fingerprints });
    },
  );

  it('has no // comments in Starlark', () => {
    const text = '// drone-audit: ignore[hardcoded-secret] revoked\n';
    const rules = new Set(['hardcoded-secret']);
    expect(readComments(sourceOf('starlark', text), rules).comments).toEqual([]);
    expect(readComments(sourceOf('jsonnet', text), rules).comments).toHaveLength(1);
  });
});

describe('hostile programs', () => {
  const many = 40_000;
  it.each<[string, (scale: number) => string]>([
    ['nothing', () => ''],
    ['open brackets', (scale) => '('.repeat(many * scale)],
    ['closed brackets', (scale) => ')'.repeat(many * scale)],
    ['open strings', (scale) => `"'`.repeat(many * scale)],
    ['quotes', (scale) => '"'.repeat(many * scale)],
    ['backslashes', (scale) => '"'.concat('\\'.repeat(many * scale))],
    ['text blocks', (scale) => '|||\n '.repeat(many * scale)],
    ['open text block', (scale) => `|||\n${' \n'.repeat(many * scale)}`],
    ['open comments', (scale) => '/*'.repeat(many * scale)],
    ['conditions in conditions', (scale) => 'if '.repeat(many * scale)],
    ['conditions of a text', (scale) => 'if ctx.build.message: '.repeat((many / 4) * scale)],
    ['choices in choices', (scale) => '(a if ctx.build.title else '.repeat((many / 4) * scale)],
    ['chained choices', (scale) => 'a if ctx.build.title else '.repeat((many / 4) * scale)],
    ['choices of Jsonnet', (scale) => "if std.extVar('build.title') then ".repeat((many / 4) * scale)],
    ['chained choices of Jsonnet', (scale) => "if std.extVar('build.title') then 1 else ".repeat((many / 4) * scale)],
    ['locals in locals', (scale) => 'local a = '.repeat(many * scale)],
    ['many locals', (scale) => 'local a = std.extVar("build.title"), b = a; '.repeat((many / 8) * scale)],
    [
      'deep blocks',
      (scale) =>
        Array.from({ length: 1500 * Math.sqrt(scale) }, (_, depth) => `${' '.repeat(depth)}if ctx.build.title:\n`).join(
          '',
        ),
    ],
    [
      'many branches',
      (scale) => `if a:\n  b\n${'elif ctx.build.title:\n  {"from_secret": "x"}\n'.repeat((many / 10) * scale)}`,
    ],
    [
      'many names',
      (scale) => Array.from({ length: (many / 10) * scale }, (_, index) => `  a${index} = ctx.build.title\n`).join(''),
    ],
    ['indentation', (scale) => `${' '.repeat(many * scale)}a\n`.repeat(20)],
    ['lambdas', (scale) => 'lambda: '.repeat(many * scale)],
    ['keys', (scale) => '{"password": "x", '.repeat((many / 8) * scale)],
    ['colons', (scale) => ':'.repeat(many * scale)],
    ['addresses', (scale) => '"https://a:'.repeat((many / 8) * scale)],
    ['one string', (scale) => `"${'x'.repeat(1_000_000 * scale)}"`],
    ['no text', (scale) => '\0\uFFFF\uD800\u2028'.repeat((many / 4) * scale)],
  ])('%s', (_, text) => {
    for (const language of languages)
      expectProportional((scale) => {
        const source = sourceOf(language, text(scale));
        const { installation } = read([source], () => {
          throw new Error('a program names no file');
        });
        judge(installation, allRules, unknownSite);
      });
  });
});
