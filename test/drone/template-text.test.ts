import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { templateActions } from '../../src/drone/template-text.ts';
import { expectProportional } from '../support/cost.ts';

describe('actions of a template', () => {
  const seen = (text: string): string[] => templateActions(text).map((action) => `${action.key}: ${action.text}`);

  it('stand under the key of their line, or of the list around it', () => {
    expect(
      seen(
        'name: {{ .a }}\nsteps:\n- image: {{- .b -}}\n  commands:\n  - x {{ .c }}\n  - y\n  - {{ .d }}\n  when: {{ .e }}\n',
      ),
    ).toEqual(['name: .a', 'image: .b', 'commands: .c', 'commands: .d', 'when: .e']);
  });

  it('have the place at which they are written', () => {
    fc.assert(
      fc.property(fc.string(), fc.stringMatching(/^[a-z.]{1,20}$/), fc.string(), (before, inside, after) => {
        const text = `${before.replaceAll('{', '')}\n{{ ${inside} }}${after}`;
        const action = templateActions(text).find((each) => each.text === inside);
        expect(text.slice(action?.start, action?.end)).toBe(`{{ ${inside} }}`);
      }),
    );
  });

  it.each<[string, (scale: number) => string]>([
    ['openings', (scale) => '{{'.repeat(200_000 * scale)],
    ['openings in lines', (scale) => `${'  - a: {{ .b\n'.repeat(50_000 * scale)}}}`],
    ['blanks', (scale) => ' '.repeat(400_000 * scale)],
  ])('are found in linear time among %s', (_, text) => {
    expectProportional((scale) => templateActions(text(scale)));
  });
});
