import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commentFinder, readComments } from '../src/suppress.ts';
import { plain } from './support/text.ts';

it('of several comments that mean a line, the first counts', () => {
  const line = fc.constantFrom(
    '# drone-audit: ignore[a] reason',
    '  # drone-audit: ignore[a, b] reason',
    'steps: # drone-audit: ignore[a] reason',
    '    w: 1 # drone-audit: ignore[b] reason',
    'kind: pipeline',
    '---',
    'x:',
    '  y:',
    '  - z',
    '- q',
    '# comment',
    '',
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 14 }), (lines) => {
      const source = { name: '.drone.yml', form: 'drone', text: lines.join('\n') } as const;
      const { comments } = readComments(source, new Set(['a', 'b']));
      const find = commentFinder(comments);
      for (const rule of ['a', 'b', 'c'])
        for (let at = 1; at <= lines.length; at++)
          expect(find(rule, at)).toBe(
            comments.find(({ rules, first, last }) => rules.includes(rule) && first <= at && at <= last),
          );
    }),
    { numRuns: 500 },
  );
});

it.each([
  ['# drone-audit: ignore[a] r\n# drone-audit: ignore[b] r\n\nx:\n  y: 1\nz: 1\n', [1, 5]],
  ['---\nkind: pipeline # drone-audit: ignore[a] r\nsteps:\n- b\n# c\n---\nkind: secret\n', [2, 4]],
  ['x:\n  # drone-audit: ignore[a] r\n', [2, 2]],
  ['# drone-audit: ignore[a] r\nx: &c\n- b\n- c\ny: 1\n', [1, 4]],
  ['# drone-audit: ignore[a] r\nx: &c !!seq # "why"\n- b\n- c\ny: 1\n', [1, 4]],
  ['# drone-audit: ignore[a] r\nx: !!seq &c:d\r\n- b\n- c\ny: 1\n', [1, 4]],
  ['# drone-audit: ignore[a] r\n"x # y": &c\n- b\ny: 1\n', [1, 3]],
  ['# drone-audit: ignore[a] r\nx: &c b\n- c\n', [1, 2]],
  ['# drone-audit: ignore[a] r\nx: "&c\n- c"\n', [1, 2]],
])('a comment means the block it stands on: %j', (text, [first, last]) => {
  const { comments, problems } = readComments({ name: 'a', form: 'compose', text }, new Set(['a', 'b']));
  expect(problems).toEqual([]);
  expect(comments[0]).toMatchObject({ first, last });
});

it.each([
  ['# drone-audit: ignore[a] r\ndocker run \\\n  --privileged \\\n  alpine\ndocker ps\n', [1, 4]],
  ['docker run \\\n  alpine\n# drone-audit: ignore[a] r\ndocker ps \\', [3, 4]],
])('in a script it means the whole command, in which no comment has room: %j', (text, [first, last]) => {
  const { comments } = readComments({ name: 'a.sh', form: 'docker-run', text }, new Set(['a']));
  expect(comments[0]).toMatchObject({ first, last });
});

it('a misspelt rule is told with the one that is meant', () => {
  const text = 'a: 1 # drone-audit: ignore[printed-secert] why\nb: 2 # drone-audit: ignore[zzz] why\n';
  const { problems } = readComments({ name: 'a', form: 'compose', text }, new Set(['printed-secret', 'exec-pipeline']));
  expect(problems.map(({ message }) => plain(message))).toEqual([
    'suppression names "printed-secert", which is not a rule; did you mean "printed-secret"?',
    'suppression names "zzz", which is not a rule',
  ]);
});
