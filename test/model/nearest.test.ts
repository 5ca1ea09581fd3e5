import { expect, test } from 'vitest';
import { nearest } from '../../src/model/nearest.ts';

const commands = ['scan', 'explain', 'rules', 'help'];

test.each([
  ['scan', 'scan'],
  ['scna', 'scan'],
  ['scann', 'scan'],
  ['sacn', 'scan'],
  ['exlpain', 'explain'],
  ['rule', 'rules'],
  ['csna', undefined],
  ['nacs', undefined],
  ['deploy', undefined],
])('%s is %s', (word, meant) => {
  expect(nearest(word, commands)).toBe(meant);
});
