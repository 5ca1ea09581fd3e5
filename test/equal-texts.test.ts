import { describe, expect, it } from 'vitest';
import { anonymous, type Renamed } from '../src/equal-texts.ts';
import type { Source } from '../src/model/source.ts';
import { KnownSecrets } from '../src/secrets/mask.ts';

// What files are called while they are judged is nothing that anybody could write.

const at: Renamed['repositoryAt'] = () => ({ folder: 'a/b', commit: '0123456789abcdef' });

function renamed(text: string, salt = ''): Renamed {
  const source: Source = { name: 'a/b/.drone.yml', form: 'drone', text, repository: '/r', slug: 'octocat/app' };
  const alike = anonymous([source], at, () => true);
  if (!alike) throw new Error('names matter');
  return alike.renamed(salt);
}

describe('stand-in names', () => {
  it('are the same for equal texts', () => {
    expect(renamed('a: b\n')).toMatchObject({ standIns: renamed('a: b\n').standIns });
  });

  it('are others for a text, or a secret, that holds them', () => {
    const { standIns } = renamed('a: b\n');
    for (const name of Object.values(standIns)) {
      expect(Object.values(renamed(`a: b # ${name}\n`).standIns)).not.toContain(name);
      const secrets = new KnownSecrets();
      const text = name;
      secrets.add([{ source: { name: 'x', form: 'env', text }, path: '', span: { start: 0, end: text.length } }]);
      expect(Object.values(renamed('a: b\n', secrets.digest).standIns)).not.toContain(name);
    }
  });

  it('look like no secret', () => {
    const secrets = new KnownSecrets();
    for (let index = 0; index < 2000; index++) {
      const { sources, standIns } = renamed(`a: ${index}\n`);
      const names = [...sources.map(({ name }) => name), ...Object.values(standIns)];
      expect(names.filter((name) => !secrets.isShown(name))).toEqual([]);
    }
  });
});
