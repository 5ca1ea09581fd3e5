import { describe, expect, it } from 'vitest';
import { isOlderRelease } from '../../src/drone/release.ts';

describe('isOlderRelease', () => {
  it.each([
    ['1.8.3', '1.8.4'],
    ['v1.6.2', '1.6.3'],
    ['1.7', '1.8.4'],
    ['1', '2.0.0'],
    ['1.8.3-linux-amd64', '1.8.4'],
    ['1.0.0-rc.4', '1.0.0-rc.5'],
    ['1.0.0-beta.9', '1.0.0-beta.10'],
    ['1.0.0-beta.12', '1.0.0-rc.1'],
    ['1.0.0-rc.5', '1.0.0'],
  ])('%s is older than %s', (tag, than) => {
    expect(isOlderRelease(tag, than)).toBe(true);
  });

  it.each([
    ['1.8.4', '1.8.4'],
    ['1.8', '1.8.4'],
    ['1', '1.8.4'],
    ['1.10.0', '1.9.1'],
    ['2.0.0', '1.9.9'],
    ['1.0.0', '1.0.0-rc.5'],
    ['1.0.0-rc.5', '1.0.0-beta.9'],
    ['1.0.0-rc', '1.0.0-rc.5'],
    ['latest', '1.8.4'],
    ['', '1.8.4'],
    [undefined, '1.8.4'],
    ['1.2.3.4', '1.8.4'],
    ['20240101', '1.8.4'],
  ])('%s is not known to be older than %s', (tag, than) => {
    expect(isOlderRelease(tag, than)).toBe(false);
  });
});
