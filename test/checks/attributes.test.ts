import { describe, expect, it } from 'vitest';
import { hasIdent, rewritings } from '../../src/checks/git/attributes.ts';

/** What makes git rewrite a file, by the text of the attributes of some folders. */
function of(path: string, files: Readonly<Record<string, string | undefined>>): string | undefined {
  const all = Object.entries(files).map(([folder, text]) => ({
    folder,
    name: [folder, '.gitattributes'].filter((part) => part !== '').join('/'),
    text,
  }));
  return rewritings(all)?.(path)
    .map(({ by, where, isLfs }) => `${by}${isLfs ? ' of LFS' : ''} ${where}`)
    .join(', ');
}

describe('attributes', () => {
  it.each<[string, string, string | undefined]>([
    ['.drone.yml', '.drone.yml ident', 'ident .gitattributes:1'],
    ['a/b/.drone.yml', '# x\n\n\t*.yml\tident\r\n', 'ident .gitattributes:3'],
    ['a/.drone.yml', '/.drone.yml ident', ''],
    ['a/.drone.yml', '/a/*.yml working-tree-encoding=UTF-16', 'working-tree-encoding .gitattributes:1'],
    ['.drone.yml', '**/.drone.yml filter=x', 'filter .gitattributes:1'],
    ['a/b/c.yml', 'a/**/c.yml filter=x', 'filter .gitattributes:1'],
    ['a/c.yml', 'a/**/c.yml filter=x', 'filter .gitattributes:1'],
    ['.drone.yml', '.dron[d-f].y?l ident', 'ident .gitattributes:1'],
    ['.drone.yml', '.DRONE.YML ident', 'ident .gitattributes:1'],
    ['.drone.yml', '".drone\\056yml" ident', 'ident .gitattributes:1'],
    ['.drone.yml', '\uFEFF.drone.yml ident', 'ident .gitattributes:1'],
    ['.drone.yml', '[attr]a b\n[attr]b c\n[attr]c ident\n.drone.yml a', 'ident .gitattributes:4'],
    ['.drone.yml', '[attr]a b\n[attr]b a\n[attr]x ident\n.drone.yml a', undefined],
    ['.drone.yml', '* filter=x\n.drone.yml !filter', ''],
    ['.drone.yml', '* filter=x\n.drone.y[m]l -filter', 'filter .gitattributes:1'],
    ['.drone.yml', '* filter=x\n.drone.yml -ident', 'filter .gitattributes:1'],
    ['.drone.yml', '*.png filter=lfs diff=lfs merge=lfs -text', ''],
    ['.drone.yml', '*.[pP][nN][gG] filter=lfs -text', ''],
    ['a.PNG', '*.[pP][nN][gG] filter=lfs -text', 'filter of LFS .gitattributes:1'],
    ['.drone.yml', '* text=auto eol=lf', undefined],
    ['.drone.yml', '* filter\n* ident=x\n* working-tree-encoding=UTF-8', undefined],
    ['.drone.yml', '!.drone.yml ident', undefined],
    ['a/.drone.yml', 'a/ ident', undefined],
  ])('of %s by %j: %s', (path, text, expected) => {
    expect(of(path, { '': text })).toBe(expected);
  });

  it('of a folder speak of what is in it, and come after those above', () => {
    const files = { '': '* -ident', a: '.drone.yml ident', 'a/b': '* -ident' };
    expect([of('a/.drone.yml', files), of('.drone.yml', files), of('a/b/.drone.yml', files)]).toEqual([
      'ident a/.gitattributes:1',
      '',
      '',
    ]);
  });

  it('may say anything of any file where they are not read, or are too many', () => {
    expect(of('x', { '': undefined })).toBe('filter .gitattributes');
    expect(of('x', { '': '*.png filter=lfs\n'.repeat(501) })).toBe('filter .gitattributes:1');
    const macros = Array.from({ length: 101 }, (_, index) => `[attr]m${index} ident`).join('\n');
    expect(of('x', { '': `${macros}\n*.yml m1` })).toBe('filter .gitattributes:102');
  });

  it('cost no more than their length', () => {
    const stars = `${'*a'.repeat(1000)} ident\n`.repeat(500);
    const rewritingsOf = rewritings([{ folder: '', name: '.gitattributes', text: stars }]);
    const macros = Array.from({ length: 100 }, (_, index) => `[attr]m${index} m${index + 1} x`).join('\n');
    const start = performance.now();
    expect(rewritingsOf?.(`${'a'.repeat(900)}/${'a'.repeat(250)}`)).toEqual([]);
    expect(of('x', { '': `${macros}\n[attr]m100 ident\n` })).toBeUndefined();
    const odd = [
      `${'['.repeat(100_000)}`,
      `${'[a'.repeat(100_000)}`,
      '\\'.repeat(100_000),
      `"${'\\'.repeat(100_001)}"`,
    ];
    expect(of('x', { '': odd.map((pattern) => `${pattern} ident\n`).join('') })).toBe('ident .gitattributes:3');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('fill in nothing where there is no $Id', () => {
    expect(['$Id$', '"$Id:x","b":"$"', '$Id: \n$', '$Id', '$ID$'].map((text) => hasIdent(Buffer.from(text)))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
