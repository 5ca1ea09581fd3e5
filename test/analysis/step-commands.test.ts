import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { commandsOf, everyCommandOf } from '../../src/analysis/step-commands.ts';
import type { Location } from '../../src/model/source.ts';
import { readPipelines } from '../../src/readers/pipeline/stream.ts';
import { type CommandPart, pipeFrom, programOf, type SimpleCommand } from '../../src/shell/commands.ts';
import { expectProportional } from '../support/cost.ts';

/** The commands of the first step of a pipeline with these lines below `commands`. */
function commandsIn(yaml: string, head = 'kind: pipeline\n') {
  const text = `${head}name: a\nsteps:\n- name: build\n  image: alpine\n${yaml}`;
  const reading = readPipelines({ name: '.drone.yml', form: 'drone', text });
  const [pipeline] = reading.pipelines;
  const step = pipeline?.steps[0];
  if (!pipeline || !step) throw new Error('no step');
  return { text, pipeline, step, commands: commandsOf(pipeline, step), all: [...everyCommandOf(pipeline, step)] };
}

function written({ source, span }: Location): string {
  return source.text.slice(span.start, span.end);
}

function show({ words }: SimpleCommand): string {
  return words.map(({ pattern: shape }) => shape).join(' ');
}

function partsOf({ words }: SimpleCommand): readonly CommandPart[] {
  return words.flatMap(({ parts }) => parts);
}

describe('commands of a step', () => {
  it('are taken apart into words and parts', () => {
    const { commands } = commandsIn(
      '  commands:\n  - curl -s "https://example.com/${DRONE_TAG}/$ARCH" | sh && echo $(date) > out\n',
    );
    const [command] = commands;
    expect(command?.commands.map((each) => [show(each), each.operator])).toEqual([
      ['curl -s https://example.com/…/…', '|'],
      ['sh', '&&'],
      ['echo …', ';'],
    ]);
    const [curl, , echo] = command?.commands ?? [];
    expect(curl && partsOf(curl).map(({ kind }) => kind)).toEqual([
      'text',
      'text',
      'text',
      'substituted',
      'text',
      'variable',
    ]);
    expect(echo?.redirections.map(({ operator, target }) => [operator, target?.text])).toEqual([['>', 'out']]);
    expect(command && pipeFrom(command.commands, 0).map(show)).toEqual(['curl -s https://example.com/…/…', 'sh']);
  });

  it('tell what Drone pastes from what the shell resolves', () => {
    const { all } = commandsIn("  commands:\n  - echo ${DRONE_BRANCH:-x} $${SHELL_VARIABLE} $$PLAIN '${QUOTED}'\n");
    const parts = all.flatMap(partsOf).slice(1);
    expect(parts.map((part) => [part.kind, 'name' in part ? part.name : '', part.quoted])).toEqual([
      ['substituted', 'DRONE_BRANCH', false],
      ['variable', 'SHELL_VARIABLE', false],
      ['variable', 'PLAIN', false],
      ['substituted', 'QUOTED', true],
    ]);
    expect(parts.map(({ at }) => written(at))).toEqual([
      '${DRONE_BRANCH:-x}',
      '${SHELL_VARIABLE}',
      '$PLAIN',
      '${QUOTED}',
    ]);
  });

  it('include the scripts of inner shells', () => {
    const { all } = commandsIn(`  commands:\n  - sudo bash -ec 'curl example.com | sh; rm -rf \${DIR}/*'\n`);
    expect(all.map(show)).toEqual([
      'sudo bash -ec curl example.com | sh; rm -rf …/*',
      'curl example.com',
      'sh',
      'rm -rf …/*',
    ]);
    const remove = all.at(-1);
    expect(remove && written(remove.at)).toBe('rm -rf ${DIR}/*');
    expect(
      remove &&
        partsOf(remove)
          .filter(({ kind }) => kind === 'substituted')
          .map(({ at }) => written(at)),
    ).toEqual(['${DIR}']);
  });

  it('include the script that entrypoint and command give to a shell', () => {
    const { commands } = commandsIn('  entrypoint: [/bin/sh, -c]\n  command: ["wget -qO- example.com | sh"]\n');
    expect(commands.map(({ field, commands: inner }) => [field, inner.map(show)])).toEqual([
      ['command', ['wget -qO- example.com', 'sh']],
    ]);
  });

  it('of windows and other shells are only recognised', () => {
    const lines = '  commands:\n  - iwr https://example.com | iex\n';
    expect(commandsIn(lines, 'kind: pipeline\nplatform: {os: windows}\n').commands).toMatchObject([
      { language: 'powershell', commands: [], text: 'iwr https://example.com | iex', malformed: false },
    ]);
    expect(commandsIn(`${lines}  shell: cmd.exe\n`).commands).toMatchObject([{ language: 'cmd', commands: [] }]);
  });

  it('are taken apart once', () => {
    const { pipeline, step, commands } = commandsIn('  commands: [ make ]\n');
    expect(commandsOf(pipeline, step)).toBe(commands);
  });

  it('say when they are no shell syntax', () => {
    expect(commandsIn('  commands: [ "if true; then (" ]\n').commands).toMatchObject([{ malformed: true }]);
  });
});

describe('programs', () => {
  test.each([
    ['/usr/bin/curl -k x', 'curl', 2],
    ['sudo -u build npm ci', 'npm', 1],
    ['env A=1 B=2 make', 'make', 0],
    ['timeout -k 5 30 go test', 'go', 1],
    ['exec time nohup ./run.sh', 'run.sh', 0],
    ['sudo', 'sudo', 0],
  ])('%s', (command, name, count) => {
    const [first] = commandsIn(`  commands: [ "${command}" ]\n`).all;
    const program = first && programOf(first);
    expect([program?.name, program?.arguments.length]).toEqual([name, count]);
  });

  it('that are known only when they run are none', () => {
    const [first] = commandsIn('  commands: [ "$TOOL x" ]\n').all;
    expect(first && programOf(first)).toBeUndefined();
  });
});

const scalars: readonly (readonly [name: string, yaml: string])[] = [
  ['plain', '  - echo alpha ${B} omega\n'],
  ['plain over lines', '  - echo alpha\n      ${B}\n      omega\n'],
  ['single quotes', "  - 'echo alpha ''${B}'' omega'\n"],
  ['double quotes', '  - "echo alpha ${B} omega"\n'],
  ['double quotes with escapes', '  - "echo \\"alpha\\" \\x41 ${B}\\tomega"\n'],
  ['double quotes over lines', '  - "echo alpha \\\n      ${B}\n\n      omega"\n'],
  ['literal block', '  - |\n    echo alpha\n\n      ${B} \\\n    omega\n'],
  ['literal block, stripped and indented', '  - |2-\n     echo alpha ${B}\n      omega\n'],
  ['folded block', '  - >\n    echo alpha\n    ${B}\n\n    echo x\n      y\n    omega\n'],
  ['folded block, kept', '  - >+\n    echo alpha ${B}\n    omega\n\n'],
  ['line ends of windows', '  - |\r\n    echo alpha\r\n    echo ${B} omega\r\n'],
];

describe('places in scalars', () => {
  test.each(scalars)('%s', (_, yaml) => {
    const { all } = commandsIn(`  commands:\n${yaml}`);
    const parts = all.flatMap(partsOf);
    for (const word of ['alpha', 'omega']) {
      const part = parts.find((each) => each.kind === 'text' && each.text === word);
      expect(part && written(part.at)).toBe(word);
    }
    const pasted = parts.filter(({ kind }) => kind === 'substituted');
    expect(pasted.length).toBeGreaterThan(0);
    for (const { at } of pasted) expect(written(at)).toBe('${B}');
  });

  it('are none of Drone where only the escapes of YAML make an expression', () => {
    const { all } = commandsIn('  commands:\n  - "echo \\x24{B}"\n');
    expect(all.flatMap(partsOf).map(({ kind }) => kind)).toEqual(['text', 'variable']);
  });

  it('fall back to the scalar where something was put into it', () => {
    const text =
      'pipeline:\n  build:\n    image: alpine\n    commands: [ "echo ${GO} done" ]\nmatrix:\n  GO: [ "1.20" ]\n';
    const [pipeline] = readPipelines({ name: '.drone.yml', form: 'drone', text }).pipelines;
    const step = pipeline?.steps[0];
    const [command] = pipeline && step ? [...everyCommandOf(pipeline, step)] : [];
    expect(command && show(command)).toBe('echo 1.20 done');
    expect(command?.words.map(({ at }) => written(at))).toEqual(Array(3).fill('echo ${GO} done'));
  });
});

describe('hostile commands', () => {
  it('never throw, and every place is within the text', () => {
    const piece = fc.constantFrom(
      '${A}',
      '$${B}',
      '$$',
      '${',
      '$(',
      ')',
      '`',
      '"',
      "'",
      '\\',
      '\\\\',
      '|',
      ';',
      ' ',
      '\n',
      'x',
      'sh -c ',
      '<<E\n',
      '\ue000',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), fc.constantFrom('quoted', 'block'), (pieces, style) => {
        const script = pieces.join('');
        const yaml =
          style === 'quoted'
            ? `  commands:\n  - ${JSON.stringify(script)}\n`
            : `  commands:\n  - |2\n${script
                .split('\n')
                .map((line) => `    ${line}`)
                .join('\n')}\n`;
        const { text, all } = commandsIn(yaml);
        for (const command of all)
          for (const part of partsOf(command)) {
            const { start, end } = part.at.span;
            expect(0 <= start && start <= end && end <= text.length).toBe(true);
            if (part.kind === 'substituted' && end - start === part.expression.length)
              expect(written(part.at)).toBe(part.expression);
          }
      }),
      { numRuns: 1000 },
    );
  });

  it.each<[string, (scale: number) => string]>([
    ['substitutions', (scale) => `  - |\n${'    echo ${A} $$B "${C}" \\\\ x\n'.repeat(8000 * scale)}`],
    ['a long command', (scale) => `  - &x "echo ${'${A} '.repeat(3000 * scale)}"\n${'  - *x\n'.repeat(5000)}`],
    ['aliases', (scale) => `  - &x "echo ${'${A} '.repeat(3000)}"\n${'  - *x\n'.repeat(5000 * scale)}`],
    ['inner shells', (scale) => `  - |\n    sh -c "${'\\\\$ echo ${A};'.repeat(3000 * scale)}"\n`],
  ])('take time in proportion: %s', (_, yaml) => {
    expectProportional((scale) => commandsIn(`  commands:\n${yaml(scale)}`));
  });
});
