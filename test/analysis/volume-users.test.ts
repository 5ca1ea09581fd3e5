import { expect, it } from 'vitest';
import { findingsIn, fixtureOf } from '../support/fixtures.ts';
import { plain } from '../support/text.ts';

const mount = '    volumes: [/srv/cache:/cache]\n';

// Before 1.0 a volume is written where it is mounted.
it('a mount that is the volume itself is no further place of it', () => {
  const text = `pipeline:\n  build:\n    image: golang\n${mount}  test:\n    image: golang\n${mount}`;
  const name = 'x.drone.yml';
  const { findings } = findingsIn(fixtureOf(name, new Map([[name, text]])));
  const [finding, ...others] = findings.filter(({ rule }) => rule === 'host-volume');
  expect(others).toEqual([]);
  expect(finding?.related.map(({ message }) => plain(message))).toEqual(['mounted by "test"']);
});
