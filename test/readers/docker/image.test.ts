import { describe, expect, it } from 'vitest';
import { parseImage } from '../../../src/readers/docker/image.ts';

const digest = `sha256:${'0a'.repeat(32)}`;

describe('image names that are none', () => {
  it.each([
    '',
    'drone/Drone',
    'drone drone',
    '${IMAGE}',
    'drone/drone:${TAG}',
    '$REGISTRY/drone/drone',
    '{{ image }}',
    'drone/drone:',
    ':1',
    'drone//drone',
    '/drone',
    'drone/',
    'drone/drone:a:b',
    'drone/drone@sha256:abc',
    'drone/drone@',
    'drone/drone:-1',
    `drone/drone:${'a'.repeat(129)}`,
    'a___b',
    'a..b',
    '-a',
    'exa_mple.com:5000/a',
    '[::1/a',
    'a'.repeat(256),
    'a'.repeat(5000),
    '0123456789abcdef'.repeat(4),
    `sha256:${'0a'.repeat(32)}`,
  ])('%j', (text) => {
    expect(parseImage(text)).toBeUndefined();
  });
});

describe('image names', () => {
  it.each<[string, { registry?: string; name: string; tag?: string; digest?: string }]>([
    ['drone', { name: 'drone' }],
    ['drone/drone', { name: 'drone/drone' }],
    ['drone/drone:2.24.0', { name: 'drone/drone', tag: '2.24.0' }],
    [`drone/drone:2@${digest}`, { name: 'drone/drone', tag: '2', digest }],
    [`drone/drone@${digest}`, { name: 'drone/drone', digest }],
    ['docker.io/drone/drone', { name: 'drone/drone' }],
    ['index.docker.io/drone/drone:2', { name: 'drone/drone', tag: '2' }],
    ['library/alpine', { name: 'alpine' }],
    ['docker.io/alpine:3', { name: 'alpine', tag: '3' }],
    ['docker.io/library/alpine', { name: 'alpine' }],
    ['library/a/b', { name: 'library/a/b' }],
    ['ghcr.io/library/alpine', { registry: 'ghcr.io', name: 'library/alpine' }],
    ['registry.example.com:5000/team/drone:1', { registry: 'registry.example.com:5000', name: 'team/drone', tag: '1' }],
    ['localhost/drone', { registry: 'localhost', name: 'drone' }],
    ['localhost:5000/a/b:1', { registry: 'localhost:5000', name: 'a/b', tag: '1' }],
    ['localhost:5000', { name: 'localhost', tag: '5000' }],
    ['[2001:db8::1]:5000/drone', { registry: '[2001:db8::1]:5000', name: 'drone' }],
    ['[::1]/drone', { registry: '[::1]', name: 'drone' }],
    ['Registry/drone', { registry: 'Registry', name: 'drone' }],
    ['a__b/c-d--e.f:V1_x.y-z', { name: 'a__b/c-d--e.f', tag: 'V1_x.y-z' }],
  ])('%s', (text, expected) => {
    expect(parseImage(text)).toEqual({ text, ...expected });
  });
});
