import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyCommand, parseShell, type ShellCommand } from '../../src/shell/parse.ts';
import { expectProportional } from '../support/cost.ts';

function words(command: ShellCommand | undefined): (string | undefined)[] {
  return (command?.words ?? []).map(({ text }) => text);
}

describe('words', () => {
  it.each<[string, (string | undefined)[]]>([
    ['docker run -d drone/drone:2', ['docker', 'run', '-d', 'drone/drone:2']],
    ['echo \'a b\' "c d" e\\ f', ['echo', 'a b', 'c d', 'e f']],
    ['echo a"b"\'c\'d', ['echo', 'abcd']],
    ['echo "\\$HOME \\x \\\\"', ['echo', '$HOME \\x \\']],
    ["echo $'a\\tb' $'c'", ['echo', 'a\tb', 'c']],
    ['echo ""', ['echo', '']],
    ['echo a \\\n  b', ['echo', 'a', 'b']],
    ['echo a\\\nb', ['echo', 'ab']],
    ['echo $NAME ${NAME} $(id) `id` $((1+$A)) "$A"', ['echo', ...Array<undefined>(6).fill(undefined)]],
    ['echo $((1+2*(3-1))) $((7/0)) $((09))', ['echo', '5', undefined, undefined]],
    ['echo a{b,c} *.sh ~/x', ['echo', 'a{b,c}', '*.sh', '~/x']],
    ['echo a # comment', ['echo', 'a']],
  ])('of %j', (text, expected) => {
    expect(words(parseShell(text).commands[0])).toEqual(expected);
  });

  it('tell where their literal text stands', () => {
    const text = 'run -e "A=one two" B=\\$x';
    const [, , quoted, escaped] = parseShell(text, { offset: 100 }).commands[0]?.words ?? [];
    expect(quoted?.pieces).toEqual([{ kind: 'text', text: 'A=one two', span: { start: 108, end: 117 }, quoted: true }]);
    expect(escaped?.pieces.map((piece) => ('text' in piece ? [piece.text, piece.span] : piece.kind))).toEqual([
      ['B=', { start: 119, end: 121 }],
      ['$', { start: 121, end: 123 }],
      ['x', { start: 123, end: 124 }],
    ]);
  });

  it('keep variables, their fallbacks and substitutions apart', () => {
    const text = 'x "${A:-one}$B"${C%.*}$(id -u)';
    const [, word] = parseShell(text).commands[0]?.words ?? [];
    expect(word?.dynamic).toBe(true);
    expect(word?.pieces.map((piece) => piece.kind)).toEqual(['variable', 'variable', 'other', 'substitution']);
    expect(word?.pieces[0]).toMatchObject({ name: 'A', quoted: true, fallback: { text: 'one' } });
    const fallback = word?.pieces[0]?.kind === 'variable' ? word.pieces[0].fallback?.span : undefined;
    expect(text.slice(fallback?.start, fallback?.end)).toBe('one');
  });
});

describe('scripts', () => {
  it('give all simple commands in order, with what joins them', () => {
    const script = parseShell('if a; then b | c && d; else e & fi\nfor x in 1; do f; done; { g; }; (h) || i');
    expect(script.commands.map((command) => [command.words[0]?.text, command.operator])).toEqual([
      ['a', ';'],
      ['b', '|'],
      ['c', '&&'],
      ['d', ';'],
      ['e', '&'],
      ['f', ';'],
      ['g', ';'],
      ['h', '||'],
      ['i', ';'],
    ]);
  });

  it('tell branches apart', () => {
    const script = parseShell('a; if b; then c; else d; fi; e; [ x ] && f; cd y && g; (h)');
    const within = new Map(script.commands.map((command) => [command.words[0]?.text, command.within]));
    expect(['a', 'b', 'e', '[', 'cd', 'g'].map((name) => within.get(name))).toEqual([[], [], [], [], [], []]);
    for (const name of ['c', 'd', 'f', 'h']) expect(within.get(name), name).toHaveLength(1);
    expect(within.get('c')).not.toEqual(within.get('d'));
  });

  it('reach the commands of substitutions, loops and tests', () => {
    const script = parseShell('a=$(b "$(c)"); for x in $(d); do e; done; [[ $(f) = `g` ]]; h < <(i)');
    const names = [...everyCommand(script)].map(({ words: [first] }) => first?.text);
    expect(names.filter(Boolean).sort()).toEqual(['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']);
  });

  it('find assignments of every kind', () => {
    const script = parseShell('A=1 b\nexport C="2 3" D\nE=$F\nG=(1 2)\nH+=4');
    expect(
      script.commands.flatMap(({ assignments }) => assignments.map((it) => [it.name, it.value?.text, it.partial])),
    ).toEqual([
      ['A', '1', false],
      ['C', '2 3', false],
      ['E', undefined, false],
      ['G', undefined, true],
      ['H', '4', true],
    ]);
    expect(words(script.commands[1])).toEqual(['export', 'D']);
  });

  it('find redirections', () => {
    const [command] = parseShell('a > out 2>&1 < in <<< word').commands;
    expect(command?.redirections.map(({ operator, target }) => [operator, target?.text])).toEqual([
      ['>', 'out'],
      ['>&', '1'],
      ['<', 'in'],
      ['<<<', 'word'],
    ]);
  });

  it.each([
    ['cat <<EOF > /etc/drone.env\nA=$X\nEOF\n', '/etc/drone.env'],
    ["cat > /etc/drone.env <<'EOF'\nA=$X\nEOF\n", '/etc/drone.env'],
    ['tee -a /etc/drone.env >/dev/null <<EOF\nA=$X\nEOF\n', '/etc/drone.env'],
    ['cat <<-EOF | sudo tee /etc/drone.env > /dev/null\nA=$X\n\tEOF\nnext', '/etc/drone.env'],
    ['cat <<EOF\r\nA=$X\r\nEOF\r\nnext', undefined],
  ])('find here-documents: %j', (text, target) => {
    const script = parseShell(text);
    const [found] = script.commands.flatMap(({ hereDocs }) => hereDocs);
    expect(found?.target?.text).toBe(target);
    expect(text.slice(found?.span.start, found?.span.end).trim()).toBe('A=$X');
    expect(found?.pieces.some(({ kind }) => kind === 'variable')).toBe(!text.includes("'EOF'"));
    expect(script.errors).toEqual([]);
  });

  it('read CRLF as line ends, with the offsets of the text', () => {
    const text = 'docker run \\\r\n  -e A=b \\\r\n  drone/drone:2\r\necho done\r\n';
    const script = parseShell(text);
    expect(script.commands.map(words)).toEqual([
      ['docker', 'run', '-e', 'A=b', 'drone/drone:2'],
      ['echo', 'done'],
    ]);
    for (const { words: found } of script.commands) {
      for (const { text: literal, span } of found) expect(text.slice(span.start, span.end)).toBe(literal);
    }
  });
});

describe('pasted text', () => {
  it.each<[string, string[]]>([
    ['run -e A=<your secret> -b', ['run', '-e', 'A=<your secret>', '-b']],
    ['run <image>', ['run', '<image>']],
    ["run A=<the user's name> b", ['run', "A=<the user's name>", 'b']],
    ['run <registry>/drone:<tag>', ['run', '<registry>/drone:<tag>']],
    ['run -e A={{ secret | quote }} b', ['run', '-e', 'A={{ secret | quote }}', 'b']],
    ['run -e A={{<aB3>}} b', ['run', '-e', 'A={{<aB3>}}', 'b']],
    ['run -e A=${{ secrets.A }} b', ['run', '-e', 'A=${{ secrets.A }}', 'b']],
    ['run -e A=b \\  \n  -c', ['run', '-e', 'A=b', '-c']],
    ['run -e A=b \\  # why\n  -c', ['run', '-e', 'A=b', '-c']],
    ['run <in >out', ['run']],
    ['run <in 2>&1', ['run']],
    ['run <<<word', ['run']],
  ])('%j', (text, expected) => {
    expect(words(parseShell(text, { pasted: true }).commands[0])).toEqual(expected);
  });

  it('is not assumed otherwise', () => {
    expect(words(parseShell('run A=<b c> d').commands[0])).toEqual(['run', 'A=', 'c']);
  });
});

describe('hostile text', () => {
  it.each<[string, (scale: number) => string]>([
    ['nested substitutions', (scale) => '$('.repeat(3000 * scale)],
    ['nested and closed substitutions', (scale) => `${'$('.repeat(3000 * scale)}id${')'.repeat(3000 * scale)}`],
    ['nested expansions', (scale) => '${a:-'.repeat(20_000 * scale)],
    ['backticks', (scale) => '`\\`'.repeat(8_000 * scale)],
    ['groups', (scale) => '( { '.repeat(50_000 * scale)],
    ['one long word', (scale) => 'a'.repeat(1_000_000 * scale)],
    ['many words', (scale) => 'docker run -e A=b '.repeat(20_000 * scale)],
    ['many here-documents on one line', (scale) => `cat ${'<<E '.repeat(100_000 * scale)}\n`],
    ['unclosed quotes', (scale) => `"${"'".repeat(100_000 * scale)}`],
    ['templates', (scale) => '{{'.repeat(100_000 * scale)],
    ['placeholders', (scale) => '=<a'.repeat(80_000 * scale)],
    ['continuations', (scale) => '\\ #'.repeat(80_000 * scale)],
  ])('%s', (_, text) => {
    expectProportional((scale) => [...everyCommand(parseShell(text(scale), { pasted: true }))]);
  });

  it('never throws, and all spans are inside the text', () => {
    const piece = fc.constantFrom(
      'a',
      '$',
      '(',
      ')',
      '"',
      "'",
      '`',
      '\\',
      '\n',
      '\r\n',
      ' ',
      '<',
      '>',
      '|',
      '&',
      ';',
      '{',
      '}',
      '=',
      'if ',
      '#',
      '<<E',
    );
    expect(() => parseShell('<<E`\\')).not.toThrow();
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.boolean(), (pieces, pasted) => {
        const text = pieces.join('');
        for (const command of everyCommand(parseShell(text, { pasted }))) {
          for (const { span } of [command, ...command.words, ...command.words.flatMap((word) => word.pieces)]) {
            expect(span.start).toBeGreaterThanOrEqual(0);
            expect(span.end).toBeGreaterThanOrEqual(span.start);
            expect(span.end).toBeLessThanOrEqual(text.length);
          }
        }
      }),
      { numRuns: 400 },
    );
  });
});
