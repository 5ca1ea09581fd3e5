import { expect, test } from 'vitest';
import { nearest } from '../../src/model/nearest.ts';

const commands = ['scan', 'explain', 'rules', 'help'];

test('the plural of a word is near', () => {
  expect(nearest('registry', ['registries', 'images'])).toBe('registries');
  expect(nearest('registries', ['registry'])).toBe('registry');
  expect(nearest('registry', ['repositories'])).toBe(undefined);
});

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
